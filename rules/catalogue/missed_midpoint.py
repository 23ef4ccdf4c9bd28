"""missed_midpoint: an order paid the whole spread while others like it got the midpoint."""

from __future__ import annotations

from rules.facts import Fill, OrderType, Placement, QuoteState
from rules.finding import Draft
from rules.priced import marketable_class, unpriced
from rules.quote import midpoint_doubled
from rules.rule import Limits, NotEvaluated, Observation
from rules.window import Window
from rules.words import dollars, percent, ratio_ppm, shares

# members of an enum are looked up by a function call in 3.11: these stand in the hot path
_LOCKED, _PEGGED = QuoteState.LOCKED, OrderType.PEGGED
_MIDPOINT, _FAR_TOUCH = Placement.MIDPOINT, Placement.FAR_TOUCH


def observe(fill: Fill, limits: Limits) -> Observation | NotEvaluated:  # noqa: ARG001 - every rule has this shape
    """Count an execution under symbol and side: 1 when it was at the midpoint, else 0; by venue."""
    reason = unpriced(fill, "execution", fill.at_execution)
    if reason is not None:
        return NotEvaluated(reason)
    if fill.at_execution.state is _LOCKED:
        return NotEvaluated("quote at execution locked")
    if marketable_class(fill) is None and fill.order.order_type is not _PEGGED:
        return NotEvaluated("neither marketable nor pegged")
    return Observation(
        key=(fill.counterparty, fill.symbol, _side(fill)),
        identity=fill.trade_id,
        at=fill.executed_at,
        value=int(fill.placement is _MIDPOINT),
        label=fill.venue,
    )


def check(fill: Fill, limits: Limits, window: Window) -> Draft | None:
    """Report an execution at the far touch where many of the same symbol and side, just before, were at the midpoint.

    A drop copy does not show what a venue had hidden at the midpoint. What it does show is that the firm's own orders
    got the midpoint in these seconds; that is all this rule knows, and why it is a note.
    """
    share = ratio_ppm(window.total, window.count)
    if share < limits["midpoint_at_least"] or fill.placement is not _FAR_TOUCH:
        return None
    middle = midpoint_doubled(fill.at_execution)
    assert middle is not None
    missed = abs(2 * fill.price - middle) // 2
    venues = [venue for venue, (_, at_midpoint, _) in window.by_label.items() if at_midpoint]
    return Draft(
        subject=fill.execution_id,
        cause=f"midpoint missed at {fill.venue}",
        at=window.last_at,
        values={
            "missed_price": missed,
            "executed_price": fill.price,
            "executed_shares": fill.quantity,
            "midpoint_count": window.total,
            "executions_count": window.count,
            "midpoint_ratio_ppm": share,
            "midpoint_venues": ", ".join(venues),
            "order_type": fill.order.order_type.value,
            "first_at_ns": window.first_at,
        },
        sentence=f"{shares(fill.quantity)} {fill.symbol} paid {dollars(missed)} a share more than the midpoint at "
        f"{fill.venue}, while {window.total} of the last {window.count} executions to {_side(fill)} it "
        f"({percent(share)}) were at the midpoint, at {', '.join(venues)}.",
        sample_count=window.count,
    )


def _side(fill: Fill) -> str:
    return "buy" if fill.side.sign > 0 else "sell"
