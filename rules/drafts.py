"""How a feed event becomes a draft: its detail is the evidence, its subject the subject."""

from __future__ import annotations

from rules.facts import FeedEvent
from rules.finding import Draft, Severity


def reason(event: FeedEvent) -> str:
    """Return the event's reason in words, as whoever raised the event gave it."""
    return str(event.detail.get("reason") or event.detail.get("text") or "no reason is known")


def in_symbol(event: FeedEvent) -> str:
    """Return " in IBM" when the event's order is known to be in IBM, else nothing."""
    symbol = event.detail.get("symbol")
    return f" in {symbol}" if symbol else ""


def of_event(event: FeedEvent, *, cause: str, sentence: str, severity: Severity | None = None) -> Draft:
    """Return the draft that says what the event says, in the rule's words."""
    return Draft(
        subject=event.subject,
        cause=cause,
        at=event.at,
        values={"event": event.kind.value, **event.detail},
        severity=severity,
        sentence=sentence,
        related=event.related,
    )
