"""logon_refused: a Logout came, or was sent, where a logon should have."""

from __future__ import annotations

from rules.drafts import of_event, reason
from rules.facts import FeedEvent
from rules.finding import Draft
from rules.rule import Limits


def check(event: FeedEvent, limits: Limits) -> Draft:  # noqa: ARG001 - every rule has this shape
    """Report a logon that one side answered by a Logout, once until the session is up.

    Whatever the counterparty reports meanwhile is seen by nobody.
    """
    ours = event.detail.get("by") == "us"
    what = "Our engine refused the logon of the counterparty" if ours else "The counterparty refused our logon"
    return of_event(
        event,
        cause=f"session {event.session}",
        sentence=f"{what} on {event.session}: {reason(event)}.",
    )
