"""unanswered_order: the vendor's copy says nothing of an order that the firm sent."""

from __future__ import annotations

from rules.drafts import in_symbol, of_event
from rules.facts import FeedEvent
from rules.finding import Draft
from rules.rule import Limits


def check(event: FeedEvent, limits: Limits) -> Draft:  # noqa: ARG001 - every rule has this shape
    """Report an own order of which the vendor's copy has said nothing within the time allowed."""
    return of_event(
        event,
        cause=f"unanswered orders at {event.counterparty}",
        sentence=f"{event.counterparty} has not answered the order {event.subject}{in_symbol(event)} "
        "within the time allowed.",
    )
