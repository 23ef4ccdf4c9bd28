"""Parents rolled up from their children: whatever a copy tells twice, each share counts once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import Level, Measures, Nanos, Order
from service.processed import Processed, RecordedFill
from service.store.engine import Database
from service.store.export import SqlRecords
from service.store.export_columns import EXPORTS
from service.store.export_parents import Families, Identity
from service.store.record import SqlStore
from tests.factories import NOON, TRADE_DATE, a_quote, an_order, an_outcome, length, price
from tests.factories_store import a_recorded_event, a_recorded_fill, an_amendment

QUOTE = a_quote("99.90", "100.10")
PARENT = an_order(order_key="P", cl_ord_id="C1", level=Level.PARENT, ordered="80", receipt=QUOTE)


def child(key: str, **named: Any) -> Order:
    """Return a child of the order that the firm knows as C1."""
    return an_order(**({"order_key": key, "parent_id": "C1", "received_at": Nanos(NOON + length("5 ms"))} | named))


def filled(offset: int, order: Order, quantity: str, at: str, **named: Any) -> RecordedFill:
    """Return an execution of an order, which did a dollar of harm."""
    known = {"measures": Measures(dollar_harm=price("1"))}
    return a_recorded_fill(offset, order=order, quantity=quantity, price=at, **(known | named))


def exported(database: Database, **made: Any) -> list[dict[str, Any]]:
    """Record what was made and return the export."""
    SqlStore(database).record(Processed(upto=99, **made))
    return list(SqlRecords(database).rows("parents", TRADE_DATE))


def told(row: dict[str, Any], *names: str) -> tuple[Any, ...]:
    """Return some columns of a row."""
    return tuple(row[name] for name in names)


def test_the_children_of_a_parent_count_and_its_roll_up_does_not(database: Database) -> None:
    """The hand oracle in two children, told again by the parent: 60 shares, −4 dollars, at two venues."""
    first, last = child("A"), child("B", received_at=Nanos(NOON + length("2 s")))
    (row,) = exported(
        database,
        order_events=[a_recorded_event(1, order=PARENT)],
        fills=[
            filled(2, first, "40", "99.80", venue="XNAS"),
            filled(3, PARENT, "40", "99.80", venue="SOR"),
            filled(4, last, "20", "100.20", venue="ARCX", measures=Measures(not_evaluated_reason="execution crossed")),
            filled(5, PARENT, "20", "100.20", venue="SOR"),
        ],
        order_outcomes=[an_outcome(offset=6, order=PARENT, executed="60", end="canceled")],
    )

    expected = {
        "offset": 1,
        "order_key": "P",
        "cl_ord_id": "C1",
        "level": "parent",
        "symbol": "XYZ",
        "side": "buy",
        "quantity": "80",
        "state": "canceled",
        "children": 2,
        "counted": "children",
        "executed": "60",
        "fill_ratio": "0.75",
        "average_price": "99.9333333333",
        "venue_shares": "XNAS 40, ARCX 20",
        "executions": 2,
        "not_evaluated": 1,
        "dollar_harm": "1",
        "receipt_at_whom": "router",
        "receipt_offer": "100.1",
        "arrival_slippage": "-0.0666666667",
        "arrival_slippage_dollars": "-4",
        "arrival_reason": None,
        "first_child_after": "0.005000000",
        "last_child_after": "2.000000000",
        "child_clocks": "router",
    }
    assert list(row) == list(EXPORTS["parents"])
    assert {name: row[name] for name in expected} == expected


def test_where_the_parent_was_told_more_it_counts_and_its_children_do_not(database: Database) -> None:
    """A child's report was lost: the roll-up knows the share all the same."""
    fills = [filled(1, PARENT, "60", "100"), filled(2, child("A"), "40", "100")]

    (row,) = exported(database, fills=fills)

    assert told(row, "counted", "executed", "children", "dollar_harm") == ("parent", "60", 1, "1")


def test_a_parent_without_children_counts_itself(database: Database) -> None:
    """And an order that is nobody's parent has no row."""
    fills = [filled(1, PARENT, "60", "100"), filled(2, an_order(order_key="X"), "40", "100")]

    (row,) = exported(database, fills=fills)

    assert told(row, "order_key", "counted", "executed", "children") == ("P", "parent", "60", 0)
    assert told(row, "first_child_after", "last_child_after", "child_clocks") == (None, None, None)


def test_a_copy_of_children_alone_still_rolls_up(database: Database) -> None:
    """Their parent was never told: its terms and its arrival are not known, and it says so."""
    fills = [filled(1, child("A"), "40", "99.80"), filled(2, child("B"), "20", "100.20", venue="ARCX")]

    (row,) = exported(database, fills=fills)

    assert told(row, "order_key", "level", "children", "counted", "executed") == ("C1", "parent", 2, "children", "60")
    assert told(row, "symbol", "side", "quantity", "fill_ratio", "state") == ("XYZ", "buy", None, None, None)
    assert told(row, "average_price", "venue_shares", "dollar_harm") == ("99.9333333333", "XNYS 40, ARCX 20", "2")
    assert told(row, "arrival_slippage", "arrival_reason", "receipt_at_whom") == (None, "parent not told", None)


def test_a_package_counts_itself_and_not_its_legs(database: Database) -> None:
    """Ten packages of two legs each: shares of other securities are no shares of the package."""
    package = an_order(order_key="K", level=Level.PACKAGE, symbol="ABC/XYZ", ordered="10")
    legs = [
        an_order(order_key="K", level=Level.LEG, symbol="ABC"),
        an_order(order_key="K", level=Level.LEG, symbol="XYZ", side="sell"),
    ]
    fills = [
        filled(1, package, "10", "1.25"),
        filled(2, legs[0], "100", "10"),
        filled(3, legs[1], "200", "9", side="sell"),
    ]

    (row,) = exported(database, fills=fills)

    assert told(row, "level", "children", "counted", "executed", "average_price", "dollar_harm") == (
        "package",
        2,
        "package",
        "10",
        "1.25",
        "1",
    )


def test_legs_whose_package_was_never_told_have_no_sum_of_shares(database: Database) -> None:
    """Their harm in dollars has one."""
    legs = [an_order(order_key="K", level=Level.LEG, symbol=symbol) for symbol in ("ABC", "XYZ")]

    (row,) = exported(database, fills=[filled(1, legs[0], "100", "10"), filled(2, legs[1], "200", "9")])

    assert told(row, "order_key", "level", "children", "counted", "symbol", "dollar_harm") == (
        "K",
        "package",
        2,
        "legs",
        None,
        "2",
    )
    assert told(row, "executed", "fill_ratio", "average_price") == (None, None, None)


def test_busts_and_corrections_show_in_the_roll_up(database: Database) -> None:
    """At the level that counts: of 40 and 20 shares, 15 stand."""
    fills = [filled(1, child("A"), "40", "100"), filled(2, child("B"), "20", "100")]
    corrected = an_amendment(8, "correction", "E2", quantity="15", price="101.00", venue="IEXG")

    (row,) = exported(database, fills=fills, amendments=[an_amendment(7, "bust", "E1"), corrected])

    assert told(row, "executions", "executed", "average_price", "venue_shares") == (1, "15", "101", "IEXG 15")


def test_where_the_firms_receipt_is_known_the_parent_is_measured_against_it(database: Database) -> None:
    """It says whose receipt it was, and that two clocks are between it and the children's."""
    firm = an_order(
        order_key="P", cl_ord_id="C1", level=Level.PARENT, received_at=None, firm_received_at=NOON, receipt=QUOTE
    )

    (row,) = exported(
        database,
        order_events=[a_recorded_event(1, order=firm)],
        fills=[filled(2, child("A"), "40", "100.10")],
    )

    assert told(row, "receipt_at_whom", "arrival_slippage") == ("firm", "0.1")
    assert told(row, "first_child_after", "child_clocks") == ("0.005000000", "firm and router")


def test_clocks_that_contradict_give_no_interval(database: Database) -> None:
    """A child from before its parent is no negative time."""
    early = child("A", received_at=Nanos(NOON - 1))

    (row,) = exported(
        database, order_events=[a_recorded_event(1, order=PARENT)], fills=[filled(2, early, "40", "100.10")]
    )

    assert told(row, "first_child_after", "child_clocks") == (None, None)


def test_a_child_finds_its_parent_under_an_id_that_was_replaced_since(database: Database) -> None:
    """The parent is C2 now; and siblings that carry the parent's id as theirs are not taken for it."""
    events = [
        a_recorded_event(1, order=an_order(order_key="P", cl_ord_id="C1", ordered="80")),
        a_recorded_event(2, order=an_order(order_key="P", cl_ord_id="C2", ordered="90"), kind="replaced"),
    ]
    fills = [filled(number, child(f"A{number}", cl_ord_id="C1"), "10", "100") for number in (3, 4)]

    (row,) = exported(database, order_events=events, fills=fills)

    assert told(row, "order_key", "cl_ord_id", "quantity", "children", "executed", "level") == (
        "P",
        "C2",
        "90",
        2,
        "20",
        "parent",
    )


def test_grandchildren_count_through_their_parent(database: Database) -> None:
    """The middle order was told of its children's shares too: still each share once."""
    middle = child("M")
    fills = [
        filled(1, PARENT, "30", "100"),
        filled(2, middle, "30", "100"),
        filled(3, child("G1", parent_id="M"), "10", "100"),
        filled(4, child("G2", parent_id="M"), "20", "100"),
    ]

    rows = exported(database, fills=fills)

    assert [told(row, "order_key", "children", "executions", "executed") for row in rows] == [
        ("P", 1, 2, "30"),
        ("M", 2, 2, "30"),
    ]


def test_an_order_that_names_itself_has_no_family(database: Database) -> None:
    """Some copies put the parent's own id on the parent."""
    assert exported(database, fills=[filled(1, an_order(order_key="S", parent_id="S"), "10", "100")]) == []


def rows(pairs: dict[str, str | None]) -> Iterator[dict[str, Any]]:
    """Return orders as the export reads them, each with the parent that it names."""
    for key, parent in pairs.items():
        yield {
            "trade_date": TRADE_DATE,
            "counterparty": "demo",
            "order_key": key,
            "level": "child",
            "order_level": "child",
            "parent_id": parent,
            "order_id": None,
            "cl_ord_id": None,
            **dict.fromkeys(("symbol", "side", "order_symbol", "order_side")),
            "state": "live",
            "quantity": 1,
            "price": 1,
            "venue": "XNYS",
            **dict.fromkeys(("not_evaluated_reason", "dollar_harm")),
        }


@pytest.mark.timeout(60)
@given(st.dictionaries(st.sampled_from("ABCDEF"), st.none() | st.sampled_from("ABCDEFZ")))
def test_no_share_counts_twice_whatever_names_orders_give_each_other(pairs: dict[str, str | None]) -> None:
    """Every order executed one share: a family never counts more than it has orders, circles included."""
    families = Families(rows(pairs), rows(pairs), rows(pairs))

    for own in families.children:
        assert families.counted(own)[1].shares <= len(pairs)
    assert Identity(TRADE_DATE, "demo", "Z", "child") not in families.children
