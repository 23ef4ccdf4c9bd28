"""epoch_changed: the numbers of a session started anew."""

from __future__ import annotations

from rules.drafts import of_event
from rules.facts import FeedEvent
from rules.finding import Draft
from rules.rule import Limits


def check(event: FeedEvent, limits: Limits) -> Draft:  # noqa: ARG001 - every rule has this shape
    """Report each new epoch of a session: another FIX store, or a reset of its sequence numbers.

    What the old epoch still had open is reported by `sequence_gap`.
    """
    return of_event(
        event,
        cause=f"session {event.session}",
        sentence=f"The session {event.session} started a new epoch: its sequence numbers began anew.",
    )
