"""What an order came to, out of the store: exact cost against its arrival, venues, states, harm; or why not."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import update

from rules.facts import Level, Measures, Nanos, OrderOutcome
from service.processed import Processed, RecordedFill
from service.store import tables
from service.store.engine import Database
from service.store.export import SqlRecords
from service.store.export_columns import EXPORTS
from service.store.record import SqlStore
from tests.factories import NOON, a_quote, an_order, an_outcome, length, price, shares
from tests.factories_store import a_fade, a_recorded_fill, an_amendment, an_end_mark

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
        "session_of_day": "closing",
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
        "session_of_day": "closing",
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


def test_the_shares_that_were_left_are_priced_at_the_end(database: Database) -> None:
    """−4 dollars for what was bought, and the midpoint rose by 0.25 for each of the 20 shares that were not: +1."""
    marks = [
        an_end_mark(7, quote=a_quote("1.00", "1.02"), ended_at=NOON),
        an_end_mark(8, quote=a_quote("200.00", "200.02")),
        an_end_mark(9, quote=a_quote("100.20", "100.30")),
    ]

    (row,) = exported(database, the_oracle(3), end_marks=marks)

    names = ("shortfall_dollars", "shortfall", "shortfall_reason", "end_offer", "end_quote_state")
    assert [row[name] for name in names] == ["1", "0.0125", None, "100.3", "normal"]


def test_an_order_of_which_nothing_was_left_needs_no_quote_at_its_end(database: Database) -> None:
    """Its shortfall is its slippage; one that executed nothing has a shortfall all the same."""
    none = {"executed": "0", "notional": 0, "venues": (), "venue_shares": ()}
    rows = exported(
        database,
        the_oracle(3, ordered="60", end="filled"),
        the_oracle(4, order_key="O2", ordered="100", **none),
        end_marks=[an_end_mark(9, order_key="O2", quote=a_quote("100.00", "100.02"))],
    )

    assert [row["shortfall_dollars"] for row in rows] == ["-4", "1"]
    assert [row["arrival_reason"] for row in rows] == [None, "nothing executed"]
    assert (rows[0]["end_quote_state"], rows[0]["shortfall"]) == (None, "-0.0666666667")


def test_where_there_is_no_shortfall_the_reason_stands_beside_it(database: Database) -> None:
    """Open, no arrival, no quote yet, one that cannot be used, a package, a stamp far ahead."""
    gone = a_quote(state="absent", note="restart")
    rows = exported(
        database,
        the_oracle(2, order_key="O2", receipt=a_quote(state="crossed")),
        the_oracle(3, order_key="O3"),
        the_oracle(4, order_key="O4"),
        the_oracle(5, order_key="O5", level=Level.PACKAGE),
        the_oracle(6, order_key="O6", at=Nanos(NOON + length("1 h")), clock=NOON),
        fills=[a_recorded_fill(1, order_key="O1")],
        end_marks=[an_end_mark(9, order_key="O4", quote=gone)],
    )

    assert [row["shortfall_reason"] for row in rows] == [
        "open",
        "receipt crossed",
        "no quote at the end yet",
        "end absent: restart",
        "multileg package",
        "ended ahead of receipt",
    ]
    assert {row["shortfall_dollars"] for row in rows} == {None}


def test_a_fade_shows_both_moves_and_their_difference(database: Database) -> None:
    """Three cents and 200 shares away after the first child, one cent and 50 before it."""
    fades = [
        a_fade(
            1,
            first=a_quote("10.00", "10.02", offer_size="300"),
            later=a_quote("10.00", "10.05", offer_size="100"),
            baseline=a_quote("10.00", "10.01", offer_size="350"),
        ),
        a_fade(2, baseline=a_quote(state="absent", note="before the first quote"), source_mark=0),
        a_fade(
            3,
            later=a_quote(state="crossed"),
            baseline=a_quote(state="absent", note="not asked for"),
            source_mark=None,
            released=None,
        ),
    ]
    SqlStore(database).record(Processed(upto=9, fades=fades))

    rows = list(SqlRecords(database).rows("fades", None))

    names = ("touch_move", "size_move", "baseline_touch_move", "baseline_size_move", "touch_beyond", "size_beyond")
    assert [[row[name] for name in names] for row in rows] == [
        ["0.03", "200", "0.01", "50", "0.02", "150"],
        ["0", "0", None, None, None, None],
        [None] * 6,
    ]
    assert [(row["not_evaluated_reason"], row["baseline_reason"]) for row in rows] == [
        (None, None),
        (None, "baseline absent: before the first quote"),
        ("later child crossed", "not asked for"),
    ]
    assert list(rows[0]) == list(EXPORTS["fades"])
    assert (rows[0]["after"], rows[0]["first_key"], rows[0]["later_key"]) == ("1.000000000", "A", "B")
    assert [row["source_mark"] is None for row in rows] == [False, True, True]
