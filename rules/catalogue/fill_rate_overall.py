"""fill_rate_overall: of the last orders of one kind, wherever they went, fewer were filled than chance explains."""

from __future__ import annotations

from rules.facts import OrderOutcome
from rules.fill_rate import judge_rate, observe_fill
from rules.finding import Draft
from rules.rule import Limits, NotEvaluated, Observation
from rules.windows import Window


def observe(outcome: OrderOutcome, limits: Limits) -> Observation | NotEvaluated:
    """Count an order under its kind, all venues together."""
    return observe_fill(outcome, limits, "all venues")


def check(outcome: OrderOutcome, limits: Limits, window: Window) -> Draft | None:
    """Report the router's fill rate when its Wilson interval lies wholly below the required rate.

    It needs no venue, so it also sees what a copy that names venues only on executions would hide.
    """
    cause = f"router of {outcome.counterparty}"
    return judge_rate(outcome, limits, window, where=f"of {outcome.counterparty}", cause=cause)
