"""unmatched_symbol: the quotes do not know the symbol of an execution."""

from __future__ import annotations

from rules.drafts import of_event
from rules.facts import FeedEvent
from rules.finding import Draft, Severity
from rules.instruments import TEST
from rules.rule import Limits


def check(event: FeedEvent, limits: Limits) -> Draft:  # noqa: ARG001 - every rule has this shape
    """Report, once per symbol, counterparty and trade date, that executions have no quote because nobody knows theirs.

    A test symbol trades nothing and is never compared with a quote: that it came is a note.
    """
    if event.detail.get("reason") == TEST:
        words = f"{event.subject} is a test symbol: its executions are recorded and compared with no quote."
        return of_event(event, cause="test symbols", sentence=words, severity=Severity.LOW)
    asked = event.detail.get("asked_for", event.subject)
    return of_event(
        event,
        cause=f"symbol {event.subject}",
        sentence=f"The quote source does not know {event.subject}, asked for as {asked}: "
        "no execution in it was compared with the market.",
    )
