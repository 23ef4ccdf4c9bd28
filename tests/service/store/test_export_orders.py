"""What an order came to, out of the store: exact cost against its arrival, venues, states, harm; or why not."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import update

from rules.facts import Level, Measures, OrderOutcome
from service.processed import Processed, RecordedFill
from service.store import tables
from service.store.engine import Database
from service.store.export import SqlRecords
from service.store.export_columns import EXPORTS
from service.store.record import SqlStore
from tests.factories import a_quote, an_order, an_outcome, length, price, shares
from tests.factories_store import a_recorded_fill, an_amendment

QUOTE = a_quote("99.90", "100.10")


def harmed(offset: int, harm: str | None, **named: Any) -> RecordedFill:
    """Return an execution that did so much harm."""
    known = Measures(dollar_harm=None if harm is None else price(harm))
    return a_recorded_fill(offset, **({"measures": known} | named))


def the_oracle(offset: int, **named: Any) -> OrderOutcome:
    """Return the end of an order to buy 80: 40 at 99.80 on XNAS and 20 at 100.20 on ARCX."""
    known = {
        "order_key": "O1",
        "ordered": "80",
        "executed": "60",
        "receipt": QUOTE,
        "end": "canceled",
        "average_price": price("99.933333333"),
        "notional": shares("40") * price("99.80") + shares("20") * price("100.20"),
        "venues": ("XNAS", "ARCX"),
        "venue_shares": (shares("40"), shares("20")),
        "pending_time": length("5 ms"),
        "working_time": length("1 s"),
        "held_time": length("0 s"),
    }
    return an_outcome(offset=offset, **(known | named))


def exported(database: Database, *outcomes: OrderOutcome, **made: Any) -> list[dict[str, Any]]:
    """Record what was made and return the export."""
    SqlStore(database).record(Processed(upto=99, order_outcomes=list(outcomes), **made))
    return list(SqlRecords(database).rows("orders", None))


def test_an_order_that_ended_says_what_it_came_to(database: Database) -> None:
    """The hand oracle: −4 dollars in all, −0.0666666667 a share to ten digits of an average that is not rounded."""
    (row,) = exported(database, the_oracle(3))

    expected = {
        "state": "canceled",
        "executed": "60",
        "fill_ratio": "0.75",
        "arrival_slippage": "-0.0666666667",
        "arrival_slippage_dollars": "-4",
        "arrival_reason": None,
        "venue_shares": "XNAS 40, ARCX 20",
        "pending_time": "0.005000000",
        "working_time": "1.000000000",
        "held_time": "0.000000000",
        "dollar_harm": None,
    }
    assert list(row) == list(EXPORTS["orders"])
    assert {name: row[name] for name in expected} == expected


def test_a_sum_beyond_64_bits_stays_exact(database: Database) -> None:
    """A million million shares, each half a nanodollar dearer than the midpoint."""
    size = str(10**12)
    outcome = the_oracle(
        1,
        ordered=size,
        executed=size,
        receipt=a_quote("99.999999999", "100.00"),
        notional=shares(size) * price("100.00"),
        venues=("XNAS",),
        venue_shares=(shares(size),),
    )

    (row,) = exported(database, outcome)

    assert (row["arrival_slippage_dollars"], row["arrival_slippage"]) == ("500", "0.0000000005")


def test_where_there_is_no_cost_the_reason_stands_beside_it(database: Database) -> None:
    """Open, unfilled, without a usable receipt, without a side, and from before notionals were kept."""
    old, nobody = an_order(order_key="O5"), msgspec.structs.replace(an_order(order_key="O4"), side=None)
    rows = exported(
        database,
        the_oracle(2, order_key="O2", executed="0", notional=0, venues=(), venue_shares=()),
        the_oracle(3, order_key="O3", receipt=a_quote(state="crossed")),
        the_oracle(4, order=nobody),
        the_oracle(5, order=old),
        fills=[a_recorded_fill(1, order_key="O1")],
    )
    with database.writing() as connection:
        ended = tables.order_outcomes
        connection.execute(update(ended).where(ended.c.offset == 5).values(notional=None, venue_shares=None))

    before = rows
    after = list(SqlRecords(database).rows("orders", None))

    assert [row["arrival_reason"] for row in before] == [
        "open",
        "nothing executed",
        "receipt crossed",
        "side unknown",
        None,
    ]
    assert [row["venue_shares"] for row in before[:2]] == [None, None]
    assert [after[4][name] for name in ("arrival_reason", "arrival_slippage", "venue_shares")] == [
        "not recorded",
        None,
        None,
    ]


def test_the_harm_of_an_order_is_that_of_its_executions_as_they_stand(database: Database) -> None:
    """Busted ones did none, corrected ones what is left; where none could be evaluated it is not known."""
    corrected = Measures(dollar_harm=price("0.25"))
    rows = exported(
        database,
        fills=[
            harmed(1, "1.50", order_key="O1"),
            harmed(2, "7", order_key="O1"),
            harmed(3, "3", order_key="O1"),
            harmed(4, None, order_key="O1"),
            harmed(5, None, order_key="O2"),
        ],
        amendments=[
            an_amendment(10, "bust", "E2"),
            an_amendment(11, "correction", "E3", quantity="40", price="10.00", measures=corrected),
        ],
    )

    assert [row["dollar_harm"] for row in rows] == ["1.75", None]


def test_legs_and_their_package_are_apart_though_they_share_a_key(database: Database) -> None:
    """And so are a parent's roll-up and a child that is told under the same id: no share counts for another."""
    fills = [
        a_recorded_fill(1, order_key="P", level=Level.PACKAGE, symbol="ABC/XYZ", quantity="10"),
        a_recorded_fill(2, order_key="P", level=Level.LEG, symbol="ABC", quantity="100"),
        a_recorded_fill(3, order_key="P", level=Level.LEG, symbol="XYZ", side="sell", price="9", quantity="200"),
        a_recorded_fill(4, order_key="R", level=Level.PARENT, quantity="60"),
        a_recorded_fill(5, order_key="R", level=Level.CHILD, quantity="60"),
    ]

    rows = exported(database, fills=fills)

    assert [(row["level"], row["symbol"], row["executed"]) for row in rows] == [
        ("package", "ABC/XYZ", "10"),
        ("leg", "ABC", "100"),
        ("leg", "XYZ", "200"),
        ("parent", "XYZ", "60"),
        ("child", "XYZ", "60"),
    ]
