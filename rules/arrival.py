"""What an order cost against the midpoint at its receipt (domain.md §2), in exact integers. Pure.

Amounts are doubled and in 1e-15 dollars (1e-6 shares × 1e-9 dollars a share), so that no midpoint is ever halved and no
average rounded. Above zero is a cost for either side. Where a quote cannot be used there is no amount: it says why.
"""

from __future__ import annotations

from rules.amounts import Quantity
from rules.order import Side
from rules.quote import Quote, QuoteState


def midpoint_doubled(quote: Quote) -> int | None:
    """Return bid + offer; None when the quote cannot be used."""
    if not quote.state.usable or quote.bid is None or quote.offer is None:
        return None
    return quote.bid + quote.offer


def slippage(side: Side | None, executed: Quantity, notional: int, receipt: Quote) -> int | None:
    """Return 2·D·(Σ price × quantity − executed × M at receipt); None when nothing was executed."""
    middle = midpoint_doubled(receipt)
    if side is None or middle is None or executed <= 0:
        return None
    return side.sign * (2 * notional - executed * middle)


def why_no_slippage(side: Side | None, executed: Quantity, receipt: Quote) -> str | None:
    """Return why there is no slippage, None when there is."""
    if executed <= 0:
        return "nothing executed"
    return why_no_arrival(side, receipt)


def why_no_arrival(side: Side | None, receipt: Quote) -> str | None:
    """Return why nothing can be compared with the arrival of the order, None when it can."""
    return "side unknown" if side is None else unusable("receipt", receipt)


def unusable(reference: str, quote: Quote) -> str | None:
    """Say why a reference quote cannot be used, None when it can."""
    if quote.state.usable:
        return None
    reason = f"{reference} {quote.state.value}"
    return f"{reason}: {quote.note}" if quote.state is QuoteState.ABSENT and quote.note else reason
