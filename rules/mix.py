"""The mix of venues: how many of the executed shares went where, in a window of executions. Pure."""

from __future__ import annotations

from rules.facts import Fill
from rules.instruments import TEST
from rules.rule import NotEvaluated, Observation
from rules.windows import Window
from rules.words import percent, ratio_ppm

_UNKNOWN = "venue_unknown"
_MOST_NAMED = 6


def observe_shares(fill: Fill) -> Observation | NotEvaluated:
    """Count an execution's shares under its venue; a correction is the same trade, with other shares.

    What the customer directed is the customer's choice; where nobody can say where, nothing can be said of the mix.
    """
    if fill.order.directed:
        return NotEvaluated("directed by the customer")
    if fill.at_execution.note == TEST:
        return NotEvaluated(TEST)
    if fill.venue == _UNKNOWN:
        return NotEvaluated("venue unknown")
    return Observation(
        key=(fill.counterparty,),
        identity=fill.trade_id,
        at=fill.executed_at,
        value=fill.quantity,
        label=fill.venue,
    )


def shares_by_venue(window: Window) -> dict[str, int]:
    """Return the executed shares of each venue in the window."""
    return {venue: shares for venue, (_, shares, _) in window.by_label.items()}


def in_words(shares: dict[str, int]) -> str:
    """Return the mix, the greatest share first: "XNYS 60 %, XNAS 40 %"; what is beyond a few is summed up."""
    total = sum(shares.values())
    ordered = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    told = [f"{venue} {percent(ratio_ppm(part, total))}" for venue, part in ordered[:_MOST_NAMED]]
    rest = sum(part for _, part in ordered[_MOST_NAMED:])
    return ", ".join(told if not rest else [*told, f"others {percent(ratio_ppm(rest, total))}"])
