"""unreported_order: the day is over and the vendor's copy never said what became of an own order."""

from __future__ import annotations

from rules.drafts import in_symbol, of_event
from rules.facts import FeedEvent
from rules.finding import Draft
from rules.rule import Limits


def check(event: FeedEvent, limits: Limits) -> Draft:  # noqa: ARG001 - every rule has this shape
    """Report an own order of which the vendor's copy tells no end, or nothing at all, when its day is over."""
    return of_event(
        event,
        cause=f"unreported orders at {event.counterparty}",
        sentence=f"What became of the order {event.subject}{in_symbol(event)} is unknown: "
        f"{event.detail.get('why') or 'the vendor did not say'}.",
    )
