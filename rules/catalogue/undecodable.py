"""undecodable: a message came that could not be understood."""

from __future__ import annotations

from rules.drafts import of_event, reason
from rules.facts import FeedEvent
from rules.finding import Draft
from rules.rule import Limits


def check(event: FeedEvent, limits: Limits) -> Draft:  # noqa: ARG001 - every rule has this shape
    """Report each application message that could not be decoded, with the reason in words.

    It may have been an execution: until it is read, the review has a hole.
    """
    return of_event(
        event,
        cause=f"undecodable messages of {event.session}",
        sentence=f"A message of {event.session} could not be decoded: {reason(event)}.",
    )
