"""On which level a fact stands, and whether a rule counts it. Each share counts once."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from rules.facts import AnyFact, Fade, Fill, Level, Markout, OrderChanged, OrderOutcome
from rules.rule import Failure, NotEvaluated

_CHILD = Level.CHILD
_LEVEL_OF: dict[type, Callable[[Any], Level | None]] = {
    Fill: attrgetter("level"),
    Markout: attrgetter("executed.level"),
    Fade: lambda _: _CHILD,
    OrderOutcome: attrgetter("order.level"),
    OrderChanged: attrgetter("order.level"),
}
"""How the level is read from each kind of fact that stands on one: asked of every fact, so it is no chain of ifs."""
OFF_LEVEL: dict[Level | None, NotEvaluated] = {
    level: NotEvaluated(f"level {level.value if level else 'unknown'}") for level in (*Level, None)
}
"""What a rule says of a fact on a level that it does not count."""


def off_level(counted: Level | None, fact: AnyFact | Failure) -> NotEvaluated | None:
    """Return why the fact is not on the level that is counted, None when it is."""
    if counted is None or (level := level_of(fact)) is counted:
        return None
    return OFF_LEVEL[level]


def level_of(fact: AnyFact | Failure) -> Level | None:
    """Return the level on which a fact stands, None for one that has none."""
    read = _LEVEL_OF.get(type(fact))
    return None if read is None else read(fact)
