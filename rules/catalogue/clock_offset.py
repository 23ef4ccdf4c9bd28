"""clock_offset: a session's clock and the clock here have drifted apart."""

from __future__ import annotations

from rules.drafts import of_event, reason
from rules.facts import FeedEvent
from rules.finding import Draft
from rules.rule import Limits
from rules.words import duration


def check(event: FeedEvent, limits: Limits) -> Draft:  # noqa: ARG001 - every rule has this shape
    """Report a session whose SendingTime is further from our clock than both firms' tolerances together allow.

    The estimate is the shortest way of many messages, so a slow moment does not move it.
    """
    offset = event.detail.get("offset_ns")
    told = f" by about {duration(abs(offset))}" if isinstance(offset, int) else ""
    return of_event(
        event,
        cause=f"clock of {event.session}",
        sentence=f"The clock of {event.session} is off from ours{told}: {reason(event)}.",
    )
