"""venue_drift: the venue file and the register in the store no longer agree."""

from __future__ import annotations

from rules.drafts import of_event
from rules.facts import FeedEvent
from rules.finding import Draft
from rules.rule import Limits


def check(event: FeedEvent, limits: Limits) -> Draft:  # noqa: ARG001 - every rule has this shape
    """Report a venue whose entry in venues.yaml differs from the register in force; the register wins."""
    return of_event(
        event,
        cause=f"venue register of {event.counterparty}",
        sentence=f"The entry of {event.subject} in venues.yaml differs from the register in force; the register wins.",
    )
