"""What is read of a finding's order, its parent and the parent's other children."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from rules.facts import Level, Nanos, OrderEnd, OrderEventKind, Side
from service.picture.life import Role, What
from service.processed import Processed
from service.store import order_life
from service.store.engine import Database
from service.store.journal import SqlJournal
from service.store.order_life import SqlOrderLife
from service.store.record import SqlStore
from tests.factories import NOON, an_outcome, price
from tests.factories_own import an_own, story
from tests.factories_road import PARTY
from tests.factories_store import a_finding, a_frame, a_recorded_event, a_recorded_fill, an_amendment

MS = 1_000_000


def kept(database: Database, **made: Any) -> None:
    """Journal and record what was made, at offsets from 1."""
    facts = [fact for facts in made.values() for fact in facts]
    last = max(getattr(fact, "offset", 0) or _offset(fact) for fact in facts)
    SqlJournal(database).append(a_frame(last))
    SqlStore(database).record(Processed(upto=last, **made))


def _offset(fact: Any) -> int:
    return int((fact.fill if hasattr(fact, "fill") else fact.changed).offset)


def a_child(offset: int, key: str, **named: Any) -> Any:
    """Return the execution of a child of P."""
    return a_recorded_fill(offset, order_key=key, parent_id=named.pop("parent_id", "P"), **named)


def test_an_order_is_told_from_its_receipt_to_its_end(database: Database) -> None:
    """Both clocks of each event; a bust has the receipt of its own message."""
    kept(
        database,
        order_events=[a_recorded_event(1, kind=OrderEventKind.NEW, at=NOON), a_recorded_event(4, order_key="other")],
        fills=[a_recorded_fill(2, ordered="300"), a_recorded_fill(3, ordered="300", received_at=Nanos(NOON + 9 * MS))],
        amendments=[an_amendment(5, "bust", "E2")],
        order_outcomes=[an_outcome(offset=6, end=OrderEnd.CANCELED)],
    )

    family = SqlOrderLife(database).of(a_finding(subject="E3", offset=3))

    assert family is not None
    assert (family.parent, family.others, family.looked) == (None, (), "")
    assert (family.own.role, family.own.more) == (Role.OWN, 0)
    assert family.own.end.startswith("canceled, ")
    assert [one.what for one in family.own.points] == [
        What.RECEIVED,
        What.ACKNOWLEDGED,
        What.AMENDED,
        What.PART,
        What.PART,
    ]
    assert family.execution is not None
    assert family.execution.received_at == NOON + 9 * MS
    assert family.own.points[2].received_at == NOON, "the receipt of a bust is that of its message"


def test_the_parent_and_its_other_children_come_with_it_the_nearest_first(database: Database) -> None:
    """Children name the parent by an id that is not its key."""
    kept(
        database,
        order_events=[a_recorded_event(1, order_key="X", order_id="P", level=Level.PARENT, ordered="900")],
        fills=[a_child(2, "A"), a_child(3, "B"), a_child(5, "C"), a_recorded_fill(6, order_key="foreign")],
    )

    family = SqlOrderLife(database).of(a_finding(subject="E5", offset=5))

    assert family is not None
    assert family.parent is not None
    assert (family.own.order.order_key, family.parent.order.order_key) == ("C", "X")
    assert [(one.role, one.order.order_key) for one in family.others] == [(Role.SIBLING, "B"), (Role.SIBLING, "A")]


def test_of_a_parent_its_children_are_shown(database: Database) -> None:
    """They name it; the children of others do not come with it."""
    parent = a_recorded_event(1, order_key="P", level=Level.PARENT)
    kept(database, order_events=[parent], fills=[a_child(2, "A"), a_child(3, "B", parent_id="Q")])

    family = SqlOrderLife(database).of(a_finding(subject="P", offset=9))

    assert family is not None
    assert family.parent is None
    assert [(one.role, one.order.order_key) for one in family.others] == [(Role.CHILD, "A")]


def test_of_a_leg_its_package_and_the_other_legs_are_shown(database: Database) -> None:
    """Legs share the key of their package."""
    legs = [a_recorded_fill(n + 1, level=Level.LEG, side=side) for n, side in enumerate((Side.BUY, Side.SELL))]
    kept(database, fills=legs, order_events=[a_recorded_event(3, level=Level.PACKAGE)])

    family = SqlOrderLife(database).of(a_finding(subject="E1", offset=1))

    assert family is not None
    assert family.parent is not None
    assert family.parent.order.level is Level.PACKAGE
    assert [(one.role, one.order.side) for one in family.others] == [(Role.LEG, Side.SELL)]


def test_a_parent_that_was_never_told_leaves_its_other_children(database: Database) -> None:
    """They name the same parent."""
    kept(database, fills=[a_child(1, "A"), a_child(2, "B")])

    family = SqlOrderLife(database).of(a_finding(subject="E2", offset=2))

    assert family is not None
    assert family.parent is None
    assert [one.order.order_key for one in family.others] == ["A"]


def test_of_more_than_is_read_the_rest_is_counted(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the family says where it was looked for."""
    monkeypatch.setattr(order_life, "MOST_POINTS", 2)
    monkeypatch.setattr(order_life, "MOST_OTHERS", 1)
    monkeypatch.setattr(order_life, "SPAN", 4)
    own = [a_child(n, "C", ordered="900") for n in (7, 8, 9, 10)]
    kept(database, fills=[a_child(1, "far"), a_child(5, "A"), a_child(6, "B"), *own])

    family = SqlOrderLife(database).of(a_finding(subject="E9", offset=9))

    assert family is not None
    assert [one.offset for one in family.own.points if one.offset] == [8, 9]
    assert family.own.more == 2
    assert ([one.order.order_key for one in family.others], family.more_others) == (["B"], 1)
    assert family.looked == "The parent and its children were looked for in 5 to 10 of the journal's 10 records."


def test_an_order_that_only_our_own_record_tells_of_is_shown_by_it(database: Database) -> None:
    """The vendor is silent about it; what we asked of it are its points."""
    SqlStore(database).record(story(an_own(1, 1, "C1"), an_own(2, 2, "C9")))

    family = SqlOrderLife(database).of(
        msgspec.structs.replace(a_finding(subject="C1", offset=99, trade_date="2013-10-07"), counterparty=PARTY)
    )

    assert family is not None
    assert (family.own.order.symbol, family.own.order.limit_price) == ("IBM", price("181.96"))
    assert [one.words for one in family.own.points] == ["sent by us"]


def test_a_finding_without_an_order_has_no_family(database: Database) -> None:
    """For example one about a session."""
    kept(database, fills=[a_recorded_fill(3)])

    family = SqlOrderLife(database).of(a_finding(subject="FIX.4.4:FIRM->SOR", offset=77))

    assert family is None


def test_a_finding_about_a_venue_shows_the_order_of_the_message_that_brought_it_about(database: Database) -> None:
    """It names no execution, so none is marked."""
    kept(database, fills=[a_recorded_fill(1, order_key="A"), a_recorded_fill(2, order_key="B", price="10.02")])

    family = SqlOrderLife(database).of(a_finding(subject="XNYS", offset=2))

    assert family is not None
    assert family.own.order.order_key == "B"
    assert family.execution is None
    assert family.own.points[-1].price == price("10.02")
