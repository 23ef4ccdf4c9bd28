"""recovery_overdue: the reports that a session missed have not all come in the time allowed, or are refused."""

from __future__ import annotations

from rules.drafts import of_event, reason
from rules.facts import FeedEvent, FeedEventKind
from rules.finding import Draft
from rules.rule import Limits
from rules.words import duration


def check(event: FeedEvent, limits: Limits) -> Draft | None:  # noqa: ARG001 - every rule has this shape
    """Report a recovery after a logon that has not ended within the counterparty's limit, or was refused."""
    if event.kind is FeedEventKind.RECOVERY_STARTED:  # as every logon makes it: no exception
        return None
    if event.kind is FeedEventKind.RECOVERY_REFUSED:
        return of_event(
            event,
            cause=f"session {event.session}",
            sentence=f"The counterparty refused the question for what {event.session} missed: {reason(event)}.",
        )
    detail = event.detail
    limit = detail.get("limit_ns")
    after = f" within {duration(limit)}" if isinstance(limit, int) else ""
    came = detail.get("redelivered_count") or 0
    asked = " The question for them was never sent." if detail.get("asked") == "no" else ""
    return of_event(
        event,
        cause=f"session {event.session}",
        sentence=f"The recovery of what {event.session} missed did not end{after} of its logon; "
        f"{came} reports came back so far.{asked}",
    )
