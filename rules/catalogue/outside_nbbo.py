"""outside_nbbo: an execution at a worse price than the best quote in force at that instant."""

from __future__ import annotations

from rules.facts import QUANTITY_SCALE, Fill, QuoteState
from rules.finding import Draft, Severity
from rules.rule import Limits, NotEvaluated
from rules.words import dollars, shares

_FLICKER = " (possible flicker: within the second before the quote was at this price or worse)"


def check(fill: Fill, limits: Limits) -> Draft | NotEvaluated | None:
    """Report how far outside the best quote at execution the fill was, if it was.

    Only a normal or locked quote can be judged by; `no_quote` owns the others. What may lawfully be outside, and what
    happened outside regular hours or may have raced the quote's change, is reported all the same, one severity milder.
    """
    if not fill.at_execution.state.usable:
        return NotEvaluated(f"quote {fill.at_execution.state.value}")
    outside = fill.measures.outside_amount
    if outside is None:
        return NotEvaluated("no outside amount")
    if outside <= limits["tolerance"]:
        return None
    exempt = fill.exempt_reason.value if fill.exempt_reason else None
    flicker = fill.measures.possible_flicker
    reference = fill.at_execution.offer if fill.side.sign > 0 else fill.at_execution.bid
    assert reference is not None
    return Draft(
        subject=fill.execution_id,
        cause=f"venue {fill.venue}",
        at=fill.executed_at,
        values={
            "outside_price": outside,
            "reference_price": reference,
            "executed_price": fill.price,
            "executed_shares": fill.quantity,
            "exempt_reason": exempt,
            "regular_hours": fill.regular_hours,
            "locked": fill.at_execution.state is QuoteState.LOCKED,
            "possible_flicker": flicker,
        },
        dollar_harm=-(-outside * fill.quantity // QUANTITY_SCALE),  # rounded up, as the measures are
        severity=Severity.MEDIUM if exempt or flicker or not fill.regular_hours else None,
        sentence=f"{shares(fill.quantity)} {fill.symbol} were {'bought' if fill.side.sign > 0 else 'sold'} at "
        f"{dollars(fill.price)}, {dollars(outside)} a share outside the best quote of {dollars(reference)}"
        f"{f' (exempt: {exempt})' if exempt else ''}{_FLICKER if flicker else ''}.",
    )
