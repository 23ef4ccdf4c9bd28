"""Execution quality out of the store: the hand oracle, what does not count, and that groups add up."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from rules.facts import Nanos, Side
from service.market.fee_schedule import parse_fee_schedule
from service.market.measures import measure
from service.processed import Processed, RecordedFill
from service.store.engine import Database
from service.store.export import SqlRecords
from service.store.export_quality import decimal
from service.store.record import SqlStore
from tests.factories import NOON, TRADE_DATE, a_quote, price, shares
from tests.factories_store import a_recorded_fill, an_amendment

QUOTE = a_quote("99.90", "100.10")


def bought(offset: int, at: str, number: str, **named: Any) -> RecordedFill:
    """Return an execution measured on 99.90 / 100.10, a quarter of a second after its order."""
    side = named.setdefault("side", Side.BUY)
    measures = measure(
        side=side,
        price=price(at),
        quantity=shares(number),
        receipt=QUOTE,
        execution=QUOTE,
        executed_at=Nanos(NOON + 250_000_000),
        working_at=NOON,
    )
    known = {"receipt": QUOTE, "at_execution": QUOTE, "measures": measures, "liquidity": "removed"}
    return a_recorded_fill(offset, price=at, quantity=number, **(known | named))


def exported(database: Database, *fills: RecordedFill, **named: Any) -> list[dict[str, Any]]:
    """Record the fills and return the export."""
    amendments = named.get("amendments", [])
    SqlStore(database).record(Processed(upto=99, fills=list(fills), amendments=amendments))
    return list(SqlRecords(database, named.get("fees")).rows("quality", TRADE_DATE))


def test_the_hand_oracle_comes_out_of_the_store(database: Database) -> None:
    """40 improved by 0.30 and 20 outside by 0.10: PI 1/6, ES −2/15, QS 0.20, E/Q −2/3, net of 10 dollars on 6,000."""
    (row,) = exported(database, bought(1, "99.80", "40"), bought(2, "100.20", "20"))

    expected = {
        "schema": 1,
        "trade_date": TRADE_DATE,
        "level": "child",
        "symbol": "XYZ",
        "venue": "XNYS",
        "route": None,
        "order_class": "market",
        "executions": 2,
        "not_evaluated": 0,
        "measured_shares": "60",
        "improved_shares": "40",
        "improved_amount": "12",
        "at_quote_shares": "0",
        "at_quote_time": None,
        "disimproved_amount": "2",
        "average_effective_spread": "-0.1333333333",
        "average_quoted_spread": "0.2",
        "effective_over_quoted": "-0.6666666667",
        "average_improvement": "0.1666666667",
        "net_improvement_ratio": "0.0016666667",
        "spread_capture": "0.8333333333",
        "execution_speed": "0.25",
        "outside_shares": "20",
        "outside_amount": "2",
        "beyond_near_touch_shares": "40",
        "dollar_harm": "2",
        "fee": None,
    }
    assert {name: row[name] for name in expected} == expected


def test_a_busted_execution_counts_no_more_and_a_corrected_one_as_it_stands(database: Database) -> None:
    """The newest values of the store, as the executions' own export has them."""
    corrected = measure(side=Side.BUY, price=price("100"), quantity=shares("50"), receipt=QUOTE, execution=QUOTE)
    amendments = [
        an_amendment(10, "bust", "E1"),
        an_amendment(11, "correction", "E2", quantity="50", price="100", venue="XNYS", measures=corrected),
    ]

    (row,) = exported(database, bought(1, "100.20", "100"), bought(2, "100.20", "100"), amendments=amendments)

    assert (row["executions"], row["shares"], row["midpoint_shares"]) == (1, "50", "50")
    assert (row["average_improvement"], row["effective_over_quoted"]) == ("0.1", "0")


def test_a_control_group_stands_beside_the_rest(database: Database) -> None:
    """Route, venue, level and class make the groups, in their order; without a receipt quote nothing was measured."""
    control = bought(1, "100.00", "100", route="direct")
    usual = bought(2, "100.10", "100")
    blind = bought(3, "100.10", "100", venue="XBOS", receipt=a_quote(state="absent"), measures=None)

    rows = exported(database, control, usual, blind)

    names = ("venue", "route", "average_improvement")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("XBOS", None, None),
        ("XNYS", None, "0"),
        ("XNYS", "direct", "0.1"),
    ]


def test_groups_add_up_to_the_whole(database: Database) -> None:
    """Sums of two venues over each other are the averages of both together."""
    fills = [bought(1, "99.80", "40"), bought(2, "100.20", "20", venue="XNAS"), bought(3, "100.00", "7", venue="XNAS")]

    rows = exported(database, *fills)

    total = {name: sum(Decimal(row[name]) for row in rows) for name in ("effective_amount", "quoted_amount")}
    assert len(rows) == 2
    assert Fraction(total["effective_amount"]) / Fraction(total["quoted_amount"]) == Fraction(-8, 1) / Fraction(67, 5)


def test_the_firm_s_fee_schedule_counts_where_the_copy_tells_none(database: Database) -> None:
    """0.003 a share off an improvement of 0.10."""
    fees = {"demo": parse_fee_schedule("- {venue: XNYS, liquidity: removed, rate: 0.003, from: 2026-01-01}")}

    (row,) = exported(database, bought(1, "100.00", "100"), fees=fees)

    names = ("fee", "fee_shares", "average_fee", "average_net_improvement")
    assert tuple(row[name] for name in names) == ("0.3", "100", "0.003", "0.097")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(2, 3), "0.6666666667"),
        (Fraction(-1, 3), "-0.3333333333"),
        (Fraction(1, 2 * 10**10), "0"),
        (Fraction(3, 2 * 10**10), "0.0000000002"),
        (Fraction(7), "7"),
    ],
)
def test_a_ratio_is_written_with_ten_digits(value: Fraction, text: str) -> None:
    """Rounded half to even, without a float."""
    assert decimal(value) == text
