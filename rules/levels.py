"""On which level a fact stands, and whether a rule counts it. Each share counts once."""

from __future__ import annotations

from rules.facts import AnyFact, Fade, Fill, Level, Markout, OrderChanged, OrderOutcome
from rules.rule import Failure, NotEvaluated


def off_level(counted: Level | None, fact: AnyFact | Failure) -> NotEvaluated | None:
    """Return why the fact is not on the level that is counted, None when it is."""
    if counted is None or (level := level_of(fact)) is counted:
        return None
    return NotEvaluated(f"level {level.value if level else 'unknown'}")


def level_of(fact: AnyFact | Failure) -> Level | None:
    """Return the level on which a fact stands, None for one that has none."""
    if isinstance(fact, Fill):
        return fact.level
    if isinstance(fact, Markout):
        return fact.executed.level
    if isinstance(fact, Fade):
        return Level.CHILD
    return fact.order.level if isinstance(fact, OrderOutcome | OrderChanged) else None
