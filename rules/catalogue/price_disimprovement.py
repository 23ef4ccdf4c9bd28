"""price_disimprovement: a marketable order got a worse price than the quote at its receipt."""

from __future__ import annotations

from rules.facts import QUANTITY_SCALE, Fill
from rules.finding import Draft, Severity
from rules.priced import marketable_class, unpriced
from rules.rule import Limits, NotEvaluated
from rules.words import dollars, ratio_ppm, shares


def check(fill: Fill, limits: Limits) -> Draft | NotEvaluated | None:
    """Report an execution that was worse than the far side of the quote at the order's receipt.

    Not what `outside_nbbo` reports: that one judges by the quote at the execution, this one by the quote that the
    customer's order met. What is outside the quote at execution is left to it, so that no share is reported twice.
    """
    reason = unpriced(fill, "receipt", fill.at_receipt)
    kind, improvement = marketable_class(fill), fill.measures.price_improvement
    if reason is not None or kind is None or improvement is None:
        return NotEvaluated(reason or ("not marketable" if kind is None else "no price improvement"))
    if fill.measures.outside_amount:
        return NotEvaluated("outside the quote at execution")
    spread = fill.measures.quoted_spread or 0
    if -improvement <= max(limits["tolerance"], spread * limits["tolerance_of_spread"] // 1_000_000):
        return None
    waited = fill.measures.time_to_fill
    prompt = waited is not None and waited <= limits["prompt_within"]
    quoted = fill.price + fill.side.sign * improvement
    done = "bought" if fill.side.sign > 0 else "sold"
    return Draft(
        subject=fill.execution_id,
        cause=f"venue {fill.venue}",
        at=fill.executed_at,
        values={
            "disimprovement_price": -improvement,
            "quoted_price": quoted,
            "executed_price": fill.price,
            "executed_shares": fill.quantity,
            "of_spread_ratio_ppm": ratio_ppm(-improvement, spread),
            "time_to_fill_ns": waited,
            "order_class": kind.value,
            "regular_hours": fill.regular_hours,
        },
        dollar_harm=-(improvement * fill.quantity // QUANTITY_SCALE),  # rounded up, as the measures are
        severity=Severity.LOW if prompt or not fill.regular_hours else None,
        sentence=f"{shares(fill.quantity)} {fill.symbol} were {done} at {dollars(fill.price)}, "
        f"{dollars(-improvement)} a share worse than the quote of {dollars(quoted)} at the order's receipt.",
    )
