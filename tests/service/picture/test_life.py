"""The life of an order: which point each fact is, by both clocks, and how it ended."""

from __future__ import annotations

import msgspec
import pytest

from rules.facts import Nanos, OrderEnd, OrderEventKind
from service.picture.life import Facts, Family, Request, Role, What, life
from tests.factories import NOON, a_change, a_fill, an_order, an_outcome, price, shares
from tests.factories_picture import a_family, a_life, the_fill
from tests.factories_store import an_amendment


def asked(kind: str, **named: object) -> Request:
    """Return what the firm asked of its order, a second before noon."""
    at, received = Nanos(NOON - 1_000_000_000), Nanos(NOON - 999_000_000)
    return Request(kind=kind, at=at, received_at=received, offset=1, quantity=shares("100"), price=price("10"))


@pytest.mark.parametrize(
    ("kind", "what", "words"),
    [
        (OrderEventKind.NEW, What.ACKNOWLEDGED, "acknowledged"),
        (OrderEventKind.REPLACED, What.REPLACED, "replaced"),
        (OrderEventKind.EXPIRED, What.CANCELED, "expired"),
        (OrderEventKind.CANCEL_REJECTED, What.REFUSED, "cancel rejected"),
        (OrderEventKind.PENDING_REPLACE, What.OTHER, "pending replace"),
    ],
)
def test_each_event_of_an_order_is_a_point(kind: OrderEventKind, what: What, words: str) -> None:
    """Its venue is left out where no report named one."""
    told = life(Role.OWN, Facts(changes=[a_change(kind=kind, venue="venue_unknown", reason="too late")]))

    point = told.points[-1]

    assert (point.what, point.words, point.venue, point.note) == (what, words, "", "too late")
    assert (point.quantity is not None) is (what in (What.ACKNOWLEDGED, What.REPLACED))


def test_an_execution_is_part_of_the_order_or_all_of_it() -> None:
    """By its cumulated shares; what is to be doubted about it is said."""
    part = a_fill(ordered="300", offset=1)
    whole = msgspec.structs.replace(part, cumulative=shares("300"), resent=True, clock_suspect="60 after 52", offset=2)
    filed = msgspec.structs.replace(whole, resent=True, backfilled=True, clock_suspect=None, offset=3)

    told = life(Role.OWN, Facts(fills=[part, whole, filed]))

    assert [point.what for point in told.points[1:]] == [What.PART, What.FILLED, What.FILLED]
    assert [point.note for point in told.points[1:]] == [
        "",
        "sent again; stamps cannot be believed: 60 after 52",
        "read from a file",
    ]


def test_our_own_order_is_where_its_life_begins() -> None:
    """Also of an order that the vendor has told nothing of."""
    told = life(
        Role.OWN, Facts(order=an_order(received_at=None), requests=[asked("new"), asked("cancel"), asked("odd")])
    )

    assert [point.words for point in told.points] == ["sent by us", "cancel asked by us", "odd by us"]
    assert told.end == ""


def test_a_receipt_at_the_firm_is_a_point_where_no_own_record_is() -> None:
    """Else it would be told twice."""
    order = an_order(firm_received_at=Nanos(NOON - 5))

    alone = life(Role.OWN, Facts(changes=[a_change(order=order)]))
    beside = life(Role.OWN, Facts(changes=[a_change(order=order)], requests=[asked("new")]))

    assert alone.points[0].words == "received by the firm"
    assert beside.points[0].words == "sent by us"


def test_busts_and_corrections_have_the_receipt_of_their_messages() -> None:
    """None where the journal no longer has it."""
    changed = [an_amendment(5, "bust"), an_amendment(6, "correction", price="10.02")]

    told = life(Role.OWN, Facts(fills=[a_fill()], amendments=changed, received={5: NOON}))

    assert [(point.words, point.received_at) for point in told.points if point.what is What.AMENDED] == [
        ("busted", NOON),
        ("corrected", None),
    ]


def test_an_order_that_the_close_ended_has_a_point_for_it() -> None:
    """No message told it."""
    ended = an_outcome(end=OrderEnd.CLOSE, synthesised=True, executed="40", average_price=price("10.02"))

    told = life(Role.OWN, Facts(ends=[ended]))

    assert told.points[-1].words == "ended by the close: no last message came"
    assert told.end == "close, 40 of 100 executed at 10.02 on average"


def test_the_execution_of_a_finding_is_the_one_that_it_names() -> None:
    """A finding about an order names none."""
    family = a_family(the_fill())

    assert family.execution == the_fill()
    assert Family(own=a_life(the_fill()), subject="O1").execution is None
    assert Family(own=a_life(the_fill()), subject="").execution is None
