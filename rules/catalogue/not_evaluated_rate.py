"""not_evaluated_rate: too many of a venue's executions could not be judged against the market."""

from __future__ import annotations

from rules.facts import Fill
from rules.finding import Draft
from rules.instruments import unjudged
from rules.rule import Limits, NotEvaluated, Observation
from rules.windows import Window
from rules.words import percent, ratio_ppm


def observe(fill: Fill, limits: Limits) -> Observation | NotEvaluated:  # noqa: ARG001 - every rule has this shape
    """Count an execution under its venue: 1 when a price measure of it is missing, else 0."""
    if fill.auction:
        return NotEvaluated("auction")
    if not fill.regular_hours:
        return NotEvaluated("outside regular hours")
    without = fill.measures.not_evaluated_reason is not None
    # what is no stock never has a quote, so one that was evaluated need not be asked
    excluded = unjudged(fill.order) if without else None
    if excluded is not None:
        return NotEvaluated(excluded)
    return Observation(
        key=(fill.counterparty, fill.venue),
        identity=fill.trade_id,
        at=fill.executed_at,
        value=int(without),
    )


def check(fill: Fill, limits: Limits, window: Window) -> Draft | None:
    """Report a venue of whose executions more than the allowed share could not be evaluated.

    It is raised on one that could not, so that the finding has an example with its reason.
    """
    reason = fill.measures.not_evaluated_reason
    if reason is None:
        return None
    rate = ratio_ppm(window.total, window.count)
    if rate <= limits["at_most"]:
        return None
    return Draft(
        subject=f"{fill.counterparty} at {fill.venue}",
        cause=f"not evaluated at {fill.venue}",
        at=window.last_at,
        values={
            "rate_ratio_ppm": rate,
            "not_evaluated_count": window.total,
            "executions_count": window.count,
            "last_reason": reason,
            "quote_source": fill.quote_source,
            "execution_id": fill.execution_id,
            "first_at_ns": window.first_at,
        },
        sentence=f"{window.total} of {window.count} executions at {fill.venue} ({percent(rate)}) could not be "
        f"evaluated in the window; {percent(limits['at_most'])} is allowed. The last reason: {reason}.",
        sample_count=window.count,
    )
