"""quotes_down: the source of quotes is dead, lags or lost something."""

from __future__ import annotations

from rules.drafts import of_event
from rules.facts import FeedEvent
from rules.finding import Draft
from rules.rule import Limits


def check(event: FeedEvent, limits: Limits) -> Draft:  # noqa: ARG001 - every rule has this shape
    """Report a quote source that stopped, lags, lost quotes or died; what that touches cannot be compared."""
    state = event.detail.get("state") or "not live"
    if state == "gapped":
        sentence = f"The quote source {event.subject} lost quotes; symbols are in doubt until it names them again."
    else:
        sentence = f"The quote source {event.subject} is {state}; executions cannot be compared with the market."
    return of_event(event, cause=f"quote source {event.subject}", sentence=sentence)
