"""Fill rates by order: which orders count, and when a window of them lies below what is required."""

from __future__ import annotations

from rules.facts import OrderEnd, OrderOutcome
from rules.finding import Draft
from rules.instruments import unjudged
from rules.population import Population, population
from rules.rule import Limits, NotEvaluated, Observation
from rules.windows import Window, wilson
from rules.words import percent, ratio_ppm

# members of an enum are looked up by a function call in 3.11: these stand in the hot path
_CANCELED_BY_CUSTOMER = OrderEnd.CANCELED_BY_CUSTOMER

REQUIRED = {
    Population.MARKETABLE: "marketable_at_least",
    Population.IOC: "ioc_at_least",
    Population.RESTING: "resting_at_least",
}
"""The parameter that says what each kind of order requires."""


def uncounted(outcome: OrderOutcome) -> str | None:
    """Return why no fill rate counts this order, None when one may."""
    if outcome.end is _CANCELED_BY_CUSTOMER:
        return "canceled by the customer"
    return "directed by the customer" if outcome.order.directed else unjudged(outcome.order)


def observe_fill(outcome: OrderOutcome, limits: Limits, venue: str) -> Observation | NotEvaluated:
    """Count an order as filled (1) when any of it was executed, else as not (0), under its kind and a venue."""
    reason = uncounted(outcome)
    if reason is not None:
        return NotEvaluated(reason)
    kind = population(outcome.order)
    if kind not in REQUIRED:
        return NotEvaluated(kind.value)
    if not limits[REQUIRED[kind]]:
        return NotEvaluated("nothing required")
    return Observation(
        key=(outcome.counterparty, kind.value, venue),
        identity=outcome.order.order_key,
        at=outcome.at,
        value=1 if outcome.executed > 0 else 0,
    )


def judge_rate(outcome: OrderOutcome, limits: Limits, window: Window, *, where: str, cause: str) -> Draft | None:
    """Return a draft when Wilson's interval lies wholly below the required rate; `where` says which orders."""
    kind = population(outcome.order)
    required = limits[REQUIRED[kind]]
    rate = ratio_ppm(window.total, window.count)
    if rate >= required:
        return None
    lower, upper = wilson(window.total, window.count, limits["confidence"])
    if upper >= required:
        return None
    return Draft(
        subject=f"{kind.value} orders {where}",
        cause=cause,
        at=window.last_at,
        values={
            "filled_count": window.total,
            "orders_count": window.count,
            "fill_rate_ratio_ppm": rate,
            "lower_ratio_ppm": lower,
            "upper_ratio_ppm": upper,
            "required_ratio_ppm": required,
            "first_at_ns": window.first_at,
            "population": kind.value,
        },
        sentence=f"Of the last {window.count} {kind.value} orders {where}, {window.total} were filled: "
        f"{percent(rate)} (between {percent(lower)} and {percent(upper)}); {percent(required)} is required.",
        sample_count=window.count,
    )
