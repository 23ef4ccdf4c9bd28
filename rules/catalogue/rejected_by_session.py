"""rejected_by_session: our engine refused a message before anybody could read it."""

from __future__ import annotations

from rules.drafts import of_event, reason
from rules.facts import FeedEvent
from rules.finding import Draft
from rules.rule import Limits


def check(event: FeedEvent, limits: Limits) -> Draft:  # noqa: ARG001 - every rule has this shape
    """Report each reject (35=3 or 35=j) that our own engine sent or attempted.

    The counterparty believes that we refused its report; the message is in the journal all the same.
    """
    return of_event(
        event,
        cause=f"rejects sent on {event.session}",
        sentence=f"Our engine rejected a message of {event.session}: {reason(event)}.",
    )
