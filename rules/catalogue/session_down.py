"""session_down: a session ended or was lost."""

from __future__ import annotations

from rules.drafts import of_event, reason
from rules.facts import FeedEvent
from rules.finding import Draft
from rules.rule import Limits

_WHO = {"counterparty": "the counterparty logged out", "us": "our side logged out"}


def check(event: FeedEvent, limits: Limits) -> Draft:  # noqa: ARG001 - every rule has this shape
    """Report each end of a session.

    Mild by itself: `feed_silent` follows when it does not come back in time.
    """
    who = _WHO.get(str(event.detail.get("by")))
    text = event.detail.get("text")
    how = reason(event) if who is None else f"{who} ({text})" if text else who
    return of_event(
        event,
        cause=f"session {event.session}",
        sentence=f"The session {event.session} went down: {how}.",
    )
