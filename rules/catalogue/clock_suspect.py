"""clock_suspect: a message's stamps contradict each other or the clock here."""

from __future__ import annotations

from rules.facts import FeedEvent, Fill
from rules.finding import Draft
from rules.rule import Limits, Observation
from rules.windows import Window


def observe(fact: Fill | FeedEvent, limits: Limits) -> Observation | None:  # noqa: ARG001 - every rule has this shape
    """Count a message with a stamp that cannot be believed, by session and by the journal's own clock."""
    if _what(fact) is None:
        return None
    return Observation(key=(fact.counterparty, fact.session), identity=str(fact.offset), at=fact.clock, value=1)


def check(fact: Fill | FeedEvent, limits: Limits, window: Window) -> Draft:  # noqa: ARG001 - every rule has this shape
    """Report stamps that cannot be believed: the first of a session, then every so many.

    A negative interval or a stamp too coarse is never turned into a number; latency rules leave the message out.
    """
    what = _what(fact)
    return Draft(
        subject=fact.session,
        cause=f"clock of {fact.session}",
        at=window.last_at,
        values={
            "stamps": what,
            "messages_count": window.count,
            "example": fact.execution_id if isinstance(fact, Fill) else fact.subject,
        },
        sentence=f"A message of {fact.session} has stamps that cannot be believed: {what}. "
        f"{window.count} such message(s) in the window.",
        sample_count=window.count,
    )


def _what(fact: Fill | FeedEvent) -> str | None:
    """Return in words what is wrong with the stamps, None when nothing is."""
    if isinstance(fact, FeedEvent):
        return str(fact.detail.get("reason") or fact.subject)
    if fact.clock_suspect is not None:
        return fact.clock_suspect
    waited = fact.measures.time_to_fill
    return "executed before the order could be" if waited is not None and waited < 0 else None
