"""sequence_gap: numbers of a session are missing, or were lost for good."""

from __future__ import annotations

from rules.drafts import of_event
from rules.facts import FeedEvent, FeedEventKind
from rules.finding import Draft, Severity
from rules.rule import Limits


def check(event: FeedEvent, limits: Limits) -> Draft | None:  # noqa: ARG001 - every rule has this shape
    """Report a gap when it opens, when it is overdue or refused, and when a new epoch ended it unfilled.

    Opened is a note of work in progress where something will be sent again; overdue, refused and lost are critical,
    for executions may be in it.
    """
    kind = event.kind
    if kind is FeedEventKind.EPOCH_CHANGED and not event.detail.get("lost"):
        return None
    if kind is FeedEventKind.GAP_OPENED and event.detail.get("recovery") == "none":
        return of_event(
            event,
            cause=f"session {event.session}",
            sentence=f"Messages {event.subject} of {event.session} are lost unless a file fills the gap: "
            "this counterparty sends nothing again.",
            severity=Severity.CRITICAL,
        )
    said = {
        FeedEventKind.GAP_OPENED: (None, "are missing; a resend has been asked for"),
        FeedEventKind.GAP_OVERDUE: (Severity.CRITICAL, "are still missing after the time allowed"),
        FeedEventKind.GAP_REFUSED: (Severity.CRITICAL, _refused(event)),
        FeedEventKind.EPOCH_CHANGED: (Severity.CRITICAL, "were lost when the session's numbers began anew"),
    }
    severity, words = said[kind]
    which = event.detail.get("lost") or event.subject
    return of_event(
        event,
        cause=f"session {event.session}",
        sentence=f"Messages {which} of {event.session} {words}.",
        severity=severity,
    )


def _refused(event: FeedEvent) -> str:
    """Return in words that the counterparty does not send it again, with its own words where it gave any."""
    said = event.detail.get("reason")
    words = f" ({said})" if said else ""
    return f"are not sent again{words}, however often asked: only a file can fill the gap now"
