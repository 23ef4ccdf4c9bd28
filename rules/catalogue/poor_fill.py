"""poor_fill: an order ended with too little of it executed."""

from __future__ import annotations

from rules.facts import OrderEnd, OrderOutcome
from rules.finding import Draft
from rules.instruments import unjudged
from rules.population import Population, population
from rules.rule import Limits, NotEvaluated
from rules.words import percent, ratio_ppm, shares

# members of an enum are looked up by a function call in 3.11: these stand in the hot path
_CANCELED_BY_CUSTOMER = OrderEnd.CANCELED_BY_CUSTOMER

_REQUIRED = {
    Population.MARKETABLE: "marketable_at_least",
    Population.IOC: "ioc_at_least",
    Population.RESTING: "resting_at_least",
}


def check(outcome: OrderOutcome, limits: Limits) -> Draft | NotEvaluated | None:
    """Report an order that ended, not by its customer, with a smaller part executed than its kind requires.

    Judged once, at the end of the order. A required part of 0 % switches a kind of order off.
    """
    if outcome.end is _CANCELED_BY_CUSTOMER:
        return NotEvaluated("canceled by the customer")
    kind, reason = population(outcome.order), unjudged(outcome.order)
    if reason is not None or kind not in _REQUIRED:
        return NotEvaluated(reason or kind.value)
    required = limits[_REQUIRED[kind]]
    filled = ratio_ppm(outcome.executed, outcome.ordered)
    if not required or not outcome.ordered:
        return NotEvaluated("nothing required" if not required else "no quantity")
    if filled >= required:
        return None
    return Draft(
        subject=outcome.order.order_key,
        cause=f"{kind.value} orders at {outcome.venue}",
        at=outcome.at,
        values={
            "ordered_shares": outcome.ordered,
            "executed_shares": outcome.executed,
            "filled_ratio_ppm": filled,
            "population": kind.value,
            "end": outcome.end.value,
        },
        sentence=f"A {kind.value} order for {shares(outcome.ordered)} {outcome.order.symbol} ended "
        f"({outcome.end.value.replace('_', ' ')}) with {shares(outcome.executed)} executed, {percent(filled)}; "
        f"{percent(required)} is required.",
    )
