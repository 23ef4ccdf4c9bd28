"""adverse_reversion: after a venue's executions the price comes back: what was paid for was our own impression."""

from __future__ import annotations

from rules.facts import QUANTITY_SCALE, Markout
from rules.finding import Draft
from rules.population import Population
from rules.priced import unmarked
from rules.rule import Limits, NotEvaluated, Observation
from rules.wilson import wilson
from rules.window import Window
from rules.words import dollars, duration, ratio_ppm

_ADVERSE, _OTHER = "adverse", "other"
_JUDGED = (Population.MARKETABLE, Population.IOC, Population.RESTING)


def observe(mark: Markout, limits: Limits) -> Observation | NotEvaluated | None:
    """Count shares × reversion (doubled) beside shares, at the horizon that was chosen, by venue and kind of order."""
    if mark.horizon != limits["horizon"]:
        return None
    executed, impact = mark.executed, mark.post_trade_impact
    reason = unmarked(mark)
    if reason is not None or impact is None or executed.population not in _JUDGED:
        return NotEvaluated(reason or ("no usable quotes" if impact is None else executed.population.value))
    return Observation(
        key=(mark.counterparty, executed.venue, executed.population.value),
        identity=mark.execution_id,
        at=executed.at,
        value=-impact * executed.quantity,
        other=executed.quantity,
        label=_ADVERSE if impact < 0 else _OTHER,
    )


def check(mark: Markout, limits: Limits, window: Window) -> Draft | None:
    """Report a venue after whose executions the midpoint came back by more than the limit, on average over shares.

    So that noise does not fire, most executions must have seen it: the lower end of Wilson's interval of their share
    has to lie above the one required. A few large ones alone never do it.
    """
    adverse = window.of_label(_ADVERSE)[0]
    if window.total <= 2 * limits["at_most"] * window.total_other:
        return None
    lower, upper = wilson(adverse, window.count, limits["confidence"])
    if lower <= limits["adverse_at_least"]:
        return None
    executed = mark.executed
    average = window.total // (2 * window.total_other)
    horizon, orders = duration(mark.horizon), executed.population.value
    return Draft(
        subject=f"{mark.counterparty} {orders} orders at {executed.venue} after {horizon}",
        cause=f"venue {executed.venue}",
        at=window.last_at,
        values={
            "average_reversion_price": average,
            "adverse_count": adverse,
            "executions_count": window.count,
            "adverse_ratio_ppm": ratio_ppm(adverse, window.count),
            "lower_ratio_ppm": lower,
            "upper_ratio_ppm": upper,
            "horizon_ns": mark.horizon,
            "population": orders,
            "first_at_ns": window.first_at,
            "execution_id": mark.execution_id,
        },
        dollar_harm=-(-window.total // (2 * QUANTITY_SCALE)),
        sentence=f"{horizon} after the last {window.count} executions of {orders} orders at {executed.venue} the "
        f"midpoint had come back by {dollars(average)} a share on average, after {adverse} of them at all; "
        f"{dollars(limits['at_most'])} is allowed.",
        sample_count=window.count,
    )
