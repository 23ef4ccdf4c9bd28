"""slow_fill: a marketable order waited too long for an execution."""

from __future__ import annotations

from rules.facts import SECOND, Fill
from rules.finding import Draft
from rules.instruments import TEST
from rules.population import Population, population
from rules.rule import Limits, NotEvaluated
from rules.words import duration

# members of an enum are looked up by a function call in 3.11: these stand in the hot path
_AUCTION, _UNKNOWN = Population.AUCTION, Population.UNKNOWN
_RESTS = (Population.RESTING, _UNKNOWN)


def check(fill: Fill, limits: Limits) -> Draft | NotEvaluated | None:
    """Report an execution of a marketable order that came later than allowed after the order became executable.

    The clock is the vendor's alone: from the latest of receipt, open or resumption, and trigger, to the execution. A
    stamp too coarse to decide is not evaluated rather than guessed.
    """
    waited = fill.measures.time_to_fill
    excluded = _excluded(fill)
    if excluded is not None:
        return excluded
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


def _excluded(fill: Fill) -> NotEvaluated | None:
    """Return why this execution has no time to fill that may be judged."""
    kind = population(fill.order)
    if fill.at_execution.note == TEST or fill.auction or kind is _AUCTION:
        return NotEvaluated(TEST if fill.at_execution.note == TEST else "auction")
    if kind in _RESTS or _rested(fill):
        return NotEvaluated(kind.value if kind is _UNKNOWN else "resting")
    if fill.clock_suspect is not None:
        return NotEvaluated("clock suspect")
    if fill.amends is not None:
        return NotEvaluated("correction")
    if fill.resent and fill.executed_at == fill.sent_at:
        return NotEvaluated("resent, timed by its sending")
    return None


def _rested(fill: Fill) -> bool:
    """Return whether this is a later fill of an order whose rest stood in the book and was taken by others."""
    return fill.liquidity == "added" and fill.cumulative > fill.quantity
