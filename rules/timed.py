"""Which executions have a time to fill that may be judged: why one is left out, in few words. Pure."""

from __future__ import annotations

from rules.facts import Fill
from rules.instruments import TEST
from rules.population import Population, population

# members of an enum are looked up by a function call in 3.11: these stand in the hot path
_AUCTION, _UNKNOWN = Population.AUCTION, Population.UNKNOWN
_RESTS = (Population.RESTING, _UNKNOWN)


def untimed(fill: Fill) -> str | None:
    """Return why this execution has no time to fill that may be judged, None when it has."""
    kind = population(fill.order)
    if fill.at_execution.note == TEST or fill.auction or kind is _AUCTION:
        return TEST if fill.at_execution.note == TEST else "auction"
    if kind in _RESTS or _rested(fill):
        return kind.value if kind is _UNKNOWN else "resting"
    if fill.clock_suspect is not None:
        return "clock suspect"
    if fill.amends is not None:
        return "correction"
    if fill.resent and fill.executed_at == fill.sent_at:
        return "resent, timed by its sending"
    return None


def _rested(fill: Fill) -> bool:
    """Return whether this is a later fill of an order whose rest stood in the book and was taken by others."""
    return fill.liquidity == "added" and fill.cumulative > fill.quantity
