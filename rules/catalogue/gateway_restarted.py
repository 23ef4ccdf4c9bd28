"""gateway_restarted: the process around a FIX engine was restarted."""

from __future__ import annotations

from rules.drafts import of_event, reason
from rules.facts import FeedEvent
from rules.finding import Draft
from rules.rule import Limits


def check(event: FeedEvent, limits: Limits) -> Draft:  # noqa: ARG001 - every rule has this shape
    """Report each restart of a gateway, with its reason."""
    return of_event(
        event,
        cause=f"gateway of {event.counterparty}",
        sentence=f"The gateway of {event.counterparty} was restarted: {reason(event)}.",
    )
