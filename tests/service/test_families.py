"""Which child was the first of its parent, and which is later."""

from __future__ import annotations

from typing import Any

import pytest

from rules.facts import Fact, Level, Nanos, Order, Quote, QuoteState
from service.families import Families, Later
from tests.factories import NOON, TRADE_DATE, a_change, a_quote, an_order
from tests.factories_orders import seconds


def child(key: str, at: float, **named: Any) -> Order:
    """Return a child of P that was received so many seconds after noon."""
    return an_order(**({"order_key": key, "parent_id": "P", "received_at": seconds(at)} | named))


def see(families: Families, order: Order, **named: Any) -> Later | None:
    """Show a fact about the order."""
    fact: Fact = a_change(order=order, **named)
    return families.see(fact, order)


def pair(later: Later | None) -> tuple[str, str, Nanos] | None:
    """Return first, later and the instant of the baseline."""
    return None if later is None else (later.first.key, later.child.key, later.baseline_at)


def test_a_child_after_the_first_is_later_by_the_receipts() -> None:
    """And its baseline is as long before the first: 2 s after it, so 2 s before it."""
    families = Families()

    found = [pair(see(families, child(key, at))) for key, at in (("A", 5), ("B", 7), ("C", 5))]

    assert found == [None, ("A", "B", seconds(3)), None]


def test_a_child_counts_once() -> None:
    """However many facts tell of it, and whatever its later receipts."""
    families = Families()
    see(families, child("A", 1))
    see(families, child("B", 2))

    assert [see(families, child(key, at)) for key, at in (("B", 3), ("A", 4))] == [None, None]


def test_one_from_before_the_first_takes_its_place() -> None:
    """Copies of two sessions may tell the second child first."""
    families = Families()
    see(families, child("B", 2))
    see(families, child("A", 1))

    assert pair(see(families, child("C", 4))) == ("A", "C", seconds(-2))


def test_families_of_other_parents_counterparties_and_days_do_not_meet() -> None:
    """Each has a first child of its own."""
    families = Families()
    see(families, child("A", 1))

    assert see(families, child("B", 2, parent_id="Q")) is None
    assert see(families, child("C", 2), counterparty="other") is None
    assert see(families, child("D", 2), trade_date="2026-11-23") is None
    families.forget("2026-11-23")
    assert pair(see(families, child("E", 3), trade_date="2026-11-23")) == ("D", "E", seconds(1))
    assert see(families, child("F", 4)) is None


@pytest.mark.parametrize(
    "named",
    [
        {"parent_id": None},
        {"level": Level.LEG},
        {"level": Level.PARENT},
        {"received_at": None},
        {"receipt": Quote(state=QuoteState.ABSENT, note="no quote source")},
    ],
)
def test_who_is_no_child_with_a_receipt_in_a_market_is_not_counted(named: dict[str, Any]) -> None:
    """Nor does it become the first."""
    families = Families()

    assert see(families, child("A", 1, **named)) is None
    assert see(families, child("B", 2)) is None
    assert pair(see(families, child("C", 3))) == ("B", "C", seconds(1))


def test_the_firms_receipt_is_the_childs_where_its_quote_is_of_that() -> None:
    """A child that is an own order of the firm too."""
    families = Families()
    see(families, child("A", 1, firm_received_at=NOON))

    assert pair(see(families, child("B", 9, firm_received_at=seconds(2)))) == ("A", "B", seconds(-2))


def test_a_snapshot_keeps_who_was_first_and_who_is_known() -> None:
    """So that a restart tells no child twice."""
    before, after = Families(), Families()
    see(before, child("A", 1, receipt=a_quote("10.01", "10.02")))
    see(before, child("B", 2))

    after.restore(before.snapshot())

    assert after.snapshot() == before.snapshot() != []
    assert see(after, child("B", 3)) is None
    later = see(after, child("C", 3), trade_date=TRADE_DATE)
    assert later is not None
    assert later.first.quote == a_quote("10.01", "10.02")
