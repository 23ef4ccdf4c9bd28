"""orphan_bust: a bust or correction names an execution that nobody has."""

from __future__ import annotations

from rules.drafts import of_event
from rules.facts import FeedEvent
from rules.finding import Draft
from rules.rule import Limits


def check(event: FeedEvent, limits: Limits) -> Draft:  # noqa: ARG001 - every rule has this shape
    """Report a bust or correction whose execution has not come within the time it was given."""
    return of_event(
        event,
        cause=f"orphans of {event.counterparty}",
        sentence=f"A bust or correction names the execution {event.subject}, which is not known here.",
    )
