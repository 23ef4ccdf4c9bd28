"""unknown_order: the vendor reports an order that the firm's own records do not hold."""

from __future__ import annotations

from rules.drafts import in_symbol, of_event
from rules.facts import FeedEvent
from rules.finding import Draft
from rules.rule import Limits


def check(event: FeedEvent, limits: Limits) -> Draft:  # noqa: ARG001 - every rule has this shape
    """Report an order in the vendor's copy that none of the firm's own orders explains."""
    return of_event(
        event,
        cause=f"unknown orders at {event.counterparty}",
        sentence=f"{event.counterparty} reports the order {event.subject}{in_symbol(event)}, "
        "which the firm's own records do not hold.",
    )
