"""wide_effective_spread: over a window, a venue's marketable orders paid too much of the quoted spread."""

from __future__ import annotations

from rules.facts import QUANTITY_SCALE, Fill
from rules.finding import Draft
from rules.order_class import order_class
from rules.priced import marketable_class, unpriced
from rules.rule import Limits, NotEvaluated, Observation
from rules.window import Window
from rules.words import percent

_WHOLE = 1_000_000


def observe(fill: Fill, limits: Limits) -> Observation | NotEvaluated:  # noqa: ARG001 - every rule has this shape
    """Count shares × effective spread beside shares × quoted spread, under venue and class of order."""
    reason, kind = unpriced(fill, "receipt", fill.at_receipt), marketable_class(fill)
    effective, quoted = fill.measures.effective_spread, fill.measures.quoted_spread
    if reason is not None or kind is None or effective is None or quoted is None:
        return NotEvaluated(reason or ("not marketable" if kind is None else "no spreads"))
    return Observation(
        key=(fill.counterparty, fill.venue, kind.value),
        identity=fill.trade_id,
        at=fill.executed_at,
        value=fill.quantity * effective,
        other=fill.quantity * quoted,
    )


def check(fill: Fill, limits: Limits, window: Window) -> Draft | NotEvaluated | None:
    """Report a venue whose effective over quoted spread is above the limit: a ratio of averages, never the reverse.

    100 % is the quote itself, 0 % the midpoint. Each share counts once; locked quotes count with a spread of nothing.
    """
    if window.total_other <= 0:
        return NotEvaluated("every quote was locked")
    beyond = window.total * _WHOLE - limits["at_most"] * window.total_other
    if beyond <= 0:
        return None
    kind = order_class(fill.order)
    assert kind is not None
    ratio = window.total * _WHOLE // window.total_other
    orders = kind.value.replace("_", " ")
    return Draft(
        subject=f"{fill.counterparty} {orders} orders at {fill.venue}",
        cause=f"venue {fill.venue}",
        at=window.last_at,
        values={
            "effective_over_quoted_ratio_ppm": ratio,
            "executions_count": window.count,
            "order_class": kind.value,
            "first_at_ns": window.first_at,
            "execution_id": fill.execution_id,
        },
        # half the spread is what one side of the trade pays; rounded up, as the measures are
        dollar_harm=-(-beyond // (2 * _WHOLE * QUANTITY_SCALE)),
        sentence=f"Over the last {window.count} executions of {orders} orders at {fill.venue} the effective spread was "
        f"{percent(ratio)} of the quoted one; {percent(limits['at_most'])} is allowed.",
        sample_count=window.count,
    )
