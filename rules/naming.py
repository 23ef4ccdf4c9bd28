"""What the engine says of a fact without judging it: the name it is known by, where a rule failed on it."""

from __future__ import annotations

from pathlib import PurePath

from rules.facts import AnyFact, Fade, FeedEvent, Fill, Markout, OrderChanged, OrderOutcome


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
