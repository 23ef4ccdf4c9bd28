"""What came after executions, by group and horizon: the oracle, a control group, what does not count."""

from __future__ import annotations

from typing import Any

import msgspec

from rules.facts import Markout, Price, Quote
from rules.quote import midpoint_doubled
from service.market.markouts import after
from service.marks import HORIZONS
from service.processed import Processed, RecordedFill
from service.store.engine import Database
from service.store.export import SqlRecords
from service.store.export_columns import EXPORTS
from service.store.record import SqlStore
from tests.factories import TRADE_DATE, a_quote, price
from tests.factories_store import a_markout, a_recorded_fill, an_amendment

MIDDLE = 2 * price("100.00")


def bought(offset: int, at: str, number: str, **named: Any) -> RecordedFill:
    """Return a buy of a market order."""
    return a_recorded_fill(offset, price=at, quantity=number, **named)


def mark(offset: int, at: str, quote: Quote, index: int = 0) -> Markout:
    """Return the mark of the buy at that offset; the midpoint was 100.00 at its receipt and execution."""
    paid = price(at)
    numbers = after(1, paid, MIDDLE, MIDDLE, midpoint_doubled(quote))
    made = a_markout(50 + offset, index, execution_id=f"E{offset}", execution_offset=offset, quote=quote)
    return msgspec.structs.replace(made, price=Price(paid), **msgspec.structs.asdict(numbers))


def exported(database: Database, fills: list[RecordedFill], marks: list[Markout], **named: Any) -> list[dict[str, Any]]:
    """Record what is given; return the export."""
    SqlStore(database).record(Processed(upto=99, fills=fills, markouts=marks, **named))
    return list(SqlRecords(database).rows("quality_after", TRADE_DATE))


def oracle(**named: Any) -> tuple[list[RecordedFill], list[Markout]]:
    """Return the domain page's two buys and the midpoints 50 ms after them: 100.20 and 100.10."""
    fills = [bought(1, "100.00", "40"), bought(2, "100.30", "20", **named)]
    marks = [mark(1, "100.00", a_quote("100.19", "100.21")), mark(2, "100.30", a_quote("100.09", "100.11"))]
    return fills, marks


def test_the_realized_spread_oracle_comes_out_of_the_store(database: Database) -> None:
    """−0.40 on 40 and +0.40 on 20: −0.133333 a share; the midpoint moved by 0.40 and 0.20 doubled: 0.333333."""
    (row,) = exported(database, *oracle())

    expected = {
        "schema": 1,
        "symbol": "XYZ",
        "venue": "XNYS",
        "route": None,
        "order_class": "market",
        "horizon": "0.050000000",
        "marks": 2,
        "not_evaluated": 0,
        "past_close": 0,
        "shares": "60",
        "realized_shares": "60",
        "realized_amount": "-8",
        "average_realized_spread": "-0.1333333333",
        "impact_amount": "20",
        "average_price_impact": "0.3333333333",
        "average_delay_cost": "0",
        "average_post_trade_impact": "0.3333333333",
        "average_markout": "0.0666666667",
        "average_reversion": "-0.1666666667",
    }
    assert {name: row[name] for name in expected} == expected
    assert list(row) == list(EXPORTS["quality_after"])


def test_a_control_group_stands_beside_the_rest_at_each_horizon(database: Database) -> None:
    """By route as by venue; horizons in their order."""
    fills, marks = oracle(route="direct")
    later = mark(2, "100.30", a_quote("100.29", "100.31"), 3)

    rows = exported(database, fills, [*marks, later])

    names = ("route", "horizon", "average_realized_spread")
    assert [tuple(row[name] for name in names) for row in rows] == [
        (None, "0.050000000", "-0.4"),
        ("direct", "0.050000000", "0.4"),
        ("direct", "60.000000000", "0"),
    ]


def test_a_busted_execution_counts_no_more_and_a_corrected_one_as_it_stands(database: Database) -> None:
    """Its realized spread anew, by its new price and shares; one that has no marks is not there."""
    fills, marks = oracle()
    amendments = [
        an_amendment(10, "bust", "E1"),
        an_amendment(11, "correction", "E2", quantity="10", price="100.20", venue="XNYS"),
    ]

    (row,) = exported(database, [*fills, bought(3, "100.00", "7")], marks, amendments=amendments)

    assert (row["marks"], row["shares"], row["average_realized_spread"]) == (1, "10", "0.2")


def test_a_mark_without_a_usable_quote_is_counted_and_averaged_nowhere(database: Database) -> None:
    """No numbers at all: null, not zero."""
    crossed = mark(1, "100.00", a_quote("100.20", "100.10", "crossed"), len(HORIZONS) - 1)

    (row,) = exported(database, [bought(1, "100.00", "40")], [crossed])

    assert (row["marks"], row["not_evaluated"], row["realized_shares"]) == (1, 1, "0")
    assert (row["average_realized_spread"], row["average_markout"], row["average_reversion"]) == (None, None, None)
