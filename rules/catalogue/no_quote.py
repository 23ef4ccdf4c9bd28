"""no_quote: an execution that no price rule could judge, because there was no usable quote."""

from __future__ import annotations

from rules.facts import Fill, QuoteState
from rules.finding import Draft, Severity
from rules.rule import Limits, Observation
from rules.windows import Window

_UNKNOWN_SYMBOL = "unknown symbol"


def observe(fill: Fill, limits: Limits) -> Observation | None:  # noqa: ARG001 - every rule has this shape
    """Count an execution whose quote is not usable under the quote's state, its note and an unknown symbol's name."""
    quote = fill.at_execution
    if quote.state.usable:
        return None
    return Observation(
        key=(fill.counterparty, quote.state.value, quote.note or "", _symbol(fill)),
        identity=fill.trade_id,
        at=fill.executed_at,
        value=1,
    )


def check(fill: Fill, limits: Limits, window: Window) -> Draft:  # noqa: ARG001 - every rule has this shape
    """Report, by reason, that executions could not be compared with the market: the first, then every so many.

    A market without a usable quote is nobody's fault, but an execution that was not reviewed must not look reviewed.
    Outside regular hours this is expected and a note only.
    """
    quote = fill.at_execution
    reason = quote.state.value + (f" ({quote.note})" if quote.note else "")
    about = f"{reason} {_symbol(fill)}".strip()
    return Draft(
        subject=about,
        cause=f"quote {about}",
        at=window.last_at,
        values={
            "quote_state": quote.state.value,
            "note": quote.note,
            "executions_count": window.count,
            "first_at_ns": window.first_at,
            "execution_id": fill.execution_id,
        },
        severity=Severity.LOW if quote.state is QuoteState.CLOSED else None,
        sentence=f"The execution in {fill.symbol} could not be compared with the market: the quote was {reason}. "
        f"{window.count} such execution(s) in the window.",
        sample_count=window.count,
    )


def _symbol(fill: Fill) -> str:
    return fill.symbol if fill.at_execution.note == _UNKNOWN_SYMBOL else ""
