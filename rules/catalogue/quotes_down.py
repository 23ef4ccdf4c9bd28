"""quotes_down: the source of quotes is dead or lags."""

from __future__ import annotations

from rules.drafts import of_event
from rules.facts import FeedEvent
from rules.finding import Draft
from rules.rule import Limits


def check(event: FeedEvent, limits: Limits) -> Draft:  # noqa: ARG001 - every rule has this shape
    """Report a quote source that stopped, lags or died; what is executed meanwhile cannot be compared."""
    state = event.detail.get("state") or "not live"
    return of_event(
        event,
        cause=f"quote source {event.subject}",
        sentence=f"The quote source {event.subject} is {state}; executions cannot be compared with the market.",
    )
