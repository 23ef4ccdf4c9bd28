"""What the ledger found about the feed itself becomes feed events with their values."""

from __future__ import annotations

from rules.facts import FeedEvent, FeedEventKind, OrderEventKind
from service.orders.feed import feed_event
from service.orders.ledger import Event, Ledger
from tests.factories import NOON, TRADE_DATE, length, shares
from tests.factories_orders import (
    a_bust,
    a_ledger,
    an_execution,
    an_order_event,
    seconds,
    where,
)


def said(ledger: Ledger, event: Event, offset: int = 2) -> list[FeedEvent]:
    """Return the feed events that applying the event comes to."""
    place = where(offset=offset)
    found = [feed_event(step, event, place, TRADE_DATE) for step in ledger.apply(event, place)]
    return [one for one in found if one is not None]


def test_most_steps_say_nothing_of_the_feed() -> None:
    """Trades and order events are the market's."""
    ledger = a_ledger()

    assert said(ledger, an_execution()) + said(ledger, an_order_event()) == []


def test_a_conflict_names_its_key() -> None:
    """And the message that carried it."""
    ledger = a_ledger()
    ledger.apply(an_execution(), where())

    (event,) = said(ledger, an_execution(filled="7", executed=seconds(1)))

    assert (event.kind, event.subject) == (FeedEventKind.DUPLICATE_CONFLICT, f"{TRADE_DATE}|E1")
    assert (event.at, event.related) == (seconds(1), (2,))
    assert event.detail["exec_id"] == "E1"


def test_an_overfill_says_how_far() -> None:
    """Ordered and executed, in units of a millionth share."""
    (event,) = said(a_ledger(), an_execution(filled="1001"))

    assert event.kind is FeedEventKind.OVERFILL
    assert (event.detail["ordered_shares"], event.detail["executed_shares"]) == (shares("1000"), shares("1001"))


def test_a_hidden_fill_says_what_hid_it() -> None:
    """The order event that carried shares."""
    hidden = {"order_event": OrderEventKind.CANCELED}

    (named,) = said(a_ledger(), an_execution(**hidden))
    (nameless,) = said(a_ledger(), an_execution(exec_id=None, **hidden))

    assert (named.kind, named.subject) == (FeedEventKind.HIDDEN_FILL, "E1")
    assert named.detail["order_event"] == "canceled"
    assert nameless.subject == "O1"


def test_an_overdue_orphan_is_said_with_its_own_session() -> None:
    """The tick that finds it belongs to nobody."""
    ledger = a_ledger()
    ledger.apply(a_bust(), where(offset=3))
    (step,) = ledger.tick(seconds(1000))

    event = feed_event(step, None, where(offset=9, counterparty="", session="", clock=seconds(1000)), TRADE_DATE)

    assert event is not None
    assert (event.kind, event.subject, event.counterparty) == (FeedEventKind.ORPHAN_BUST, "E1", "demo")
    assert (event.at, event.related, event.offset) == (NOON + length("5 min"), (3,), 9)
