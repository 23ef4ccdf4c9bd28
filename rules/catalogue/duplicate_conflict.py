"""duplicate_conflict: the same execution came twice with different contents."""

from __future__ import annotations

from rules.drafts import of_event
from rules.facts import FeedEvent
from rules.finding import Draft
from rules.rule import Limits


def check(event: FeedEvent, limits: Limits) -> Draft:  # noqa: ARG001 - every rule has this shape
    """Report a second message with the identity of an earlier one and other contents; the first is kept."""
    return of_event(
        event,
        cause=f"conflicting duplicates of {event.session}",
        sentence=f"The execution {event.subject} came again with other contents; the first is kept.",
    )
