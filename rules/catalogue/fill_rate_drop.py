"""fill_rate_drop: of the last orders of one kind at one venue, fewer were filled than chance explains."""

from __future__ import annotations

from rules.facts import OrderOutcome
from rules.fill_rate import judge_rate, observe_fill
from rules.finding import Draft
from rules.rule import Limits, NotEvaluated, Observation
from rules.windows import Window

_UNKNOWN = "venue_unknown"


def observe(outcome: OrderOutcome, limits: Limits) -> Observation | NotEvaluated:
    """Count an order under its kind and venue.

    Where only executions name a venue, orders without one would all be unfilled: they are left to
    `fill_rate_overall`.
    """
    if outcome.venue == _UNKNOWN:
        return NotEvaluated("venue unknown")
    return observe_fill(outcome, limits, outcome.venue)


def check(outcome: OrderOutcome, limits: Limits, window: Window) -> Draft | None:
    """Report a venue's fill rate whose Wilson interval lies wholly below the required rate.

    By order: an order with any execution counts as filled. The interval is always shown with the rate.
    """
    return judge_rate(outcome, limits, window, where=f"at {outcome.venue}", cause=f"venue {outcome.venue}")
