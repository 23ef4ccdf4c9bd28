"""rulebook_drift: the rulebook's file and the rulebook in force no longer agree."""

from __future__ import annotations

from rules.drafts import of_event
from rules.facts import FeedEvent
from rules.finding import Draft
from rules.rule import Limits


def check(event: FeedEvent, limits: Limits) -> Draft:  # noqa: ARG001 - every rule has this shape
    """Report a rulebook.yaml that differs in meaning from the rulebook in force; what is in force wins."""
    differs = event.detail.get("differs")
    return of_event(
        event,
        cause="rulebook file",
        sentence=f"The rulebook's file is not in force: it differs in {differs}. What was approved stays in force.",
    )
