"""flow_stopped: a session that is usually busy has brought no application message for too long."""

from __future__ import annotations

from rules.drafts import of_event
from rules.facts import FeedEvent
from rules.finding import Draft
from rules.rule import Limits
from rules.words import duration


def check(event: FeedEvent, limits: Limits) -> Draft:  # noqa: ARG001 - every rule has this shape
    """Report a session whose messages stopped for much longer than its last half hour in hours makes likely.

    Heartbeats may go on: a vendor's copy can stop behind a line that lives.
    """
    wait, usual = event.detail.get("wait_ns"), event.detail.get("usual_gap_ns")
    known = isinstance(wait, int) and isinstance(usual, int)
    told = f" for {duration(int(wait or 0))}, where gaps of {duration(int(usual or 0))} are usual" if known else ""
    return of_event(
        event,
        cause=f"session {event.session}",
        sentence=f"No application message has come from {event.session}{told}. "
        f"The session is {event.detail.get('session', 'unknown')}.",
    )
