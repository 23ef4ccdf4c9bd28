"""What an order cost against the midpoint at its receipt (domain.md §2), in exact integers. Pure.

Amounts are doubled and in 1e-15 dollars (1e-6 shares × 1e-9 dollars a share), so that no midpoint is ever halved and no
average rounded. Above zero is a cost for either side. Where a quote cannot be used there is no amount: it says why.
"""

from __future__ import annotations

from rules.amounts import Quantity
from rules.order import Side
from rules.quote import Quote, midpoint_doubled, unusable

NO_END = "no quote at the end yet"


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


def shortfall(
    side: Side | None, ordered: Quantity, executed: Quantity, notional: int, receipt: Quote, end: Quote | None
) -> int | None:
    """Return the slippage of what was executed and 2·D·(M at the end − M at receipt) for each share that was not.

    The quote at the end matters only where shares were left; None where it, or the receipt's, cannot be used.
    """
    arrived, left = midpoint_doubled(receipt), max(0, ordered - executed)
    ended = arrived if not left else None if end is None else midpoint_doubled(end)
    if side is None or arrived is None or ended is None:
        return None
    return side.sign * (2 * notional - executed * arrived + left * (ended - arrived))


def why_no_shortfall(
    side: Side | None, ordered: Quantity, executed: Quantity, receipt: Quote, end: Quote | None
) -> str | None:
    """Return why there is no shortfall, None when there is."""
    why = why_no_arrival(side, receipt)
    if why is not None or ordered <= executed:
        return why
    return NO_END if end is None else unusable("end", end)
