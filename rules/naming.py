"""What the engine says of a fact without judging it: its level, the name it is known by, where a rule failed on it."""

from __future__ import annotations

from pathlib import PurePath

from rules.evidence import order_of
from rules.facts import AnyFact, Fade, FeedEvent, Fill, Level, Markout, OrderChanged, OrderOutcome
from rules.judges import Judge
from rules.rule import Failure, NotEvaluated


def off_level(judge: Judge, fact: AnyFact | Failure) -> NotEvaluated | None:
    """Return why the fact is not on the level that the rule counts, None when it is."""
    if judge.level is None or (level := _level(fact)) is judge.level:
        return None
    return NotEvaluated(f"level {level.value if level else 'unknown'}")


def _level(fact: AnyFact | Failure) -> Level | None:
    if isinstance(fact, Fill):
        return fact.level
    if isinstance(fact, Markout):
        return fact.executed.level
    if isinstance(fact, Fade):
        return Level.CHILD
    order = order_of(fact)
    return order.level if order else None


def identity(fact: AnyFact) -> str:
    """Return the words by which a fact is known outside: never an offset, which another run may not share."""
    if isinstance(fact, Fill):
        return f"execution {fact.execution_id}"
    if isinstance(fact, OrderOutcome | OrderChanged):
        return f"order {fact.order.order_key}"
    if isinstance(fact, Markout):
        return f"mark of execution {fact.execution_id}"
    if isinstance(fact, Fade):
        return f"order {fact.later_key} of parent {fact.parent_id}"
    return f"{fact.kind.value} of {fact.subject}" if isinstance(fact, FeedEvent) else "tick"


def where(error: Exception) -> str:
    """Return file and line at which it was raised: enough for 3 a.m., without a path of this machine."""
    trace = error.__traceback__
    assert trace is not None
    while trace.tb_next is not None:
        trace = trace.tb_next
    return f"{PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
