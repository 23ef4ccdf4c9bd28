"""feed_silent: nothing has come from a session for too long."""

from __future__ import annotations

from rules.drafts import of_event
from rules.facts import FeedEvent
from rules.finding import Draft
from rules.rule import Limits


def check(event: FeedEvent, limits: Limits) -> Draft:  # noqa: ARG001 - every rule has this shape
    """Report a session from which nothing at all came before its deadline.

    A dead line and a quiet market look the same from here; heartbeats tell them apart.
    """
    return of_event(
        event,
        cause=f"session {event.session}",
        sentence=f"Nothing has been heard from {event.session}; the watch is blind on it.",
    )
