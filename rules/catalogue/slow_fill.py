"""slow_fill: a marketable order waited too long for an execution."""

from __future__ import annotations

from rules.facts import SECOND, Fill
from rules.finding import Draft
from rules.population import population
from rules.rule import Limits, NotEvaluated
from rules.timed import untimed
from rules.words import duration


def check(fill: Fill, limits: Limits) -> Draft | NotEvaluated | None:
    """Report an execution of a marketable order that came later than allowed after the order became executable.

    The clock is the vendor's alone: from the latest of receipt, open or resumption, and trigger, to the execution. A
    stamp too coarse to decide is not evaluated rather than guessed.
    """
    waited = fill.measures.time_to_fill
    reason = untimed(fill)
    if reason is not None:
        return NotEvaluated(reason)
    if waited is None or waited < 0:
        return NotEvaluated("no time to fill")
    if waited <= limits["at_most"]:
        return None
    if waited - SECOND // 10**fill.executed_at_digits <= limits["at_most"]:
        return NotEvaluated("stamp too coarse")
    return Draft(
        subject=fill.execution_id,
        cause=f"venue {fill.venue}",
        at=fill.executed_at,
        values={"time_to_fill_ns": waited, "population": population(fill.order).value, "venue": fill.venue},
        sentence=f"A marketable order in {fill.symbol} waited {duration(waited)} for its execution at {fill.venue}; "
        f"at most {duration(limits['at_most'])} is allowed.",
    )
