"""hidden_fill: an order event carried an execution inside it."""

from __future__ import annotations

from rules.drafts import of_event
from rules.facts import FeedEvent
from rules.finding import Draft
from rules.rule import Limits


def check(event: FeedEvent, limits: Limits) -> Draft:  # noqa: ARG001 - every rule has this shape
    """Report an execution that came inside an order event (150 = 3, 4, 5, B, C with 32 > 0); both were applied."""
    return of_event(
        event,
        cause=f"hidden fills of {event.counterparty}",
        sentence=f"The execution {event.subject} came inside an order event; it was counted as an execution.",
    )
