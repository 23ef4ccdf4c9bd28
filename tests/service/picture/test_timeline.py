"""The timeline of a page: the finding's order first, its parent, the others, and what is left out."""

from __future__ import annotations

import msgspec

from rules.facts import OrderType
from service.picture.life import Role, What
from service.picture.timeline import timeline
from tests.factories import price
from tests.factories_picture import a_family, a_life, a_point, the_fill


def test_an_event_has_both_clocks_and_by_how_much_ours_is_later() -> None:
    """Where one is not known there is no difference."""
    shown = timeline(a_family(a_point(What.RECEIVED, -1), a_point(What.OTHER, None), the_fill(ours=0.8)))

    assert shown is not None
    received, unknown, fill = shown.groups[0].events
    assert (fill.at and fill.at.fine, fill.received and fill.received.fine, fill.later) == (
        "12:00:00.000",
        "12:00:00.800",
        "800 ms",
    )
    assert (fill.quantity, fill.price, fill.venue, fill.about) == ("400", "42.18", "EDGX", True)
    assert (received.received, received.later, received.quantity, received.price) == (None, "", "", "")
    assert unknown.at is None


def test_the_own_order_comes_first_then_its_parent_then_the_others() -> None:
    """What is left out is counted."""
    others = tuple(a_life(the_fill(), role=Role.SIBLING, order_id=f"S{n}") for n in range(2))
    family = a_family(parent=a_life(role=Role.PARENT), order_id="O9")
    family = msgspec.structs.replace(family, others=others, more_others=1, looked="near it")

    shown = timeline(family)

    assert shown is not None
    assert [(group.role, group.name) for group in shown.groups] == [
        ("the order", "O9"),
        ("its parent", "O1"),
        ("another child of its parent", "S0"),
        ("another child of its parent", "S1"),
    ]
    assert (shown.more, shown.looked) == ("and 1 more order of the same parent", "near it")
    assert not any(event.about for group in shown.groups[1:] for event in group.events)


def test_an_order_tells_its_terms_and_its_end() -> None:
    """A market order by its type, one with prices by them; of more events than are read the rest is counted."""
    market = a_life()
    order = msgspec.structs.replace(
        market.order, order_type=OrderType.STOP_LIMIT, limit_price=price("10.05"), stop_price=price("10"), side=None
    )
    limit = msgspec.structs.replace(market, order=order, end="canceled", more=7)
    bare = msgspec.structs.replace(market, order=msgspec.structs.replace(order, quantity=None))
    family = msgspec.structs.replace(a_family(), own=market, others=(limit, bare), more_others=3)

    shown = timeline(family)

    assert shown is not None
    assert [group.terms for group in shown.groups] == [
        "buy 100 XYZ market day",
        "100 XYZ limit 10.05 stop 10.00 day",
        "XYZ limit 10.05 stop 10.00 day",
    ]
    assert [(group.end, group.more) for group in shown.groups][:2] == [
        ("no end was told", ""),
        ("canceled", "and 7 more, farther from the finding"),
    ]
    assert shown.more == "and 3 more orders of the same parent"


def test_a_finding_about_no_order_has_no_timeline() -> None:
    """For example one about a session."""
    assert timeline(None) is None
