"""The numbers of one execution against its two reference quotes (domain.md §3), in exact integers.

Pure. It refuses to use a quote that is neither normal nor locked: it says why instead.
"""

from __future__ import annotations

from rules.facts import QUANTITY_SCALE, Measures, Nanos, Price, Quantity, Quote, Side
from rules.quote import unusable

# members of an enum are looked up by a function call in 3.11: these stand in the hot path
_BUY = Side.BUY


def measure(
    *,
    side: Side,
    price: Price,
    quantity: Quantity,
    receipt: Quote,
    execution: Quote,
    executed_at: Nanos | None = None,
    working_at: Nanos | None = None,
    auction: bool = False,
    worst_touch: Price | None = None,
) -> Measures:
    """Measure one execution: spreads and improvement against `receipt`, the outside amount against `execution`.

    `working_at` is when the order could first execute, `worst_touch` the worst price of the far side within the second
    before. An auction print has no spread measures and no latency.
    """
    improvement = None if auction else price_improvement(side, price, receipt)
    outside = outside_amount(side, price, execution)
    return Measures(
        price_improvement=improvement,
        effective_spread=None if auction else effective_spread(side, price, receipt),
        quoted_spread=None if auction else quoted_spread(receipt),
        outside_amount=outside,
        time_to_fill=None if auction else time_to_fill(executed_at, working_at),
        dollar_harm=dollar_harm(quantity, improvement, outside),
        not_evaluated_reason=not_evaluated_reason(receipt, execution, auction=auction),
        possible_flicker=possible_flicker(side, price, outside, worst_touch),
    )


def price_improvement(side: Side, price: Price, receipt: Quote) -> int | None:
    """Return D·(T − P): above zero improved, zero at the quote, below zero disimproved."""
    touch = _touch(side, receipt)
    return None if touch is None else side.sign * (touch - price)


def effective_spread(side: Side, price: Price, receipt: Quote) -> int | None:
    """Return 2·D·(P − M), signed; written so that the midpoint is never rounded."""
    if not receipt.state.usable or receipt.bid is None or receipt.offer is None:
        return None
    return side.sign * (2 * price - receipt.bid - receipt.offer)


def quoted_spread(receipt: Quote) -> int | None:
    """Return offer − bid; 0 in a locked market."""
    if not receipt.state.usable or receipt.bid is None or receipt.offer is None:
        return None
    return receipt.offer - receipt.bid


def outside_amount(side: Side, price: Price, execution: Quote) -> int | None:
    """Return how far the price lies beyond the far side of the NBBO at execution, 0 when it does not."""
    touch = _touch(side, execution)
    return None if touch is None else max(0, side.sign * (price - touch))


def possible_flicker(side: Side, price: Price, outside: int | None, worst_touch: Price | None) -> bool | None:
    """Return whether the price was outside, yet not worse than the far side within the second before; None: unknown."""
    if not outside:
        return None if outside is None else False
    return None if worst_touch is None else side.sign * (price - worst_touch) <= 0


def time_to_fill(executed_at: Nanos | None, working_at: Nanos | None) -> Nanos | None:
    """Return execution − executability; None when one is unknown or the interval is negative (clocks disagree)."""
    if executed_at is None or working_at is None or executed_at < working_at:
        return None
    return Nanos(executed_at - working_at)


def dollar_harm(quantity: Quantity, improvement: int | None, outside: int | None) -> int | None:
    """Return shares × disimprovement, else shares × outside amount, in 1e-9 dollars; None when neither is known."""
    if improvement is None and outside is None:
        return None
    per_share = max(0, -(improvement or 0)) or (outside or 0)
    # rounded up: a part of a share that was harmed is never shown as no harm
    return -(-quantity * per_share // QUANTITY_SCALE)


def net_price(side: Side, price: Price, quantity: Quantity, fee: int | None) -> Price | None:
    """Return the price with the fee of the whole execution in it: more for a buy, less for a sell; None: unknown."""
    return None if fee is None else Price(price + side.sign * fee_per_share(fee, quantity))


def net_improvement(improvement: int | None, quantity: Quantity, fee: int | None) -> int | None:
    """Return the price improvement less the fee a share, None where one of them is unknown."""
    return None if improvement is None or fee is None else improvement - fee_per_share(fee, quantity)


def fee_per_share(fee: int, quantity: Quantity) -> int:
    """Return a fee for the whole execution as 1e-9 dollars a share, rounded up: a cost is never shown smaller."""
    return -(-fee * QUANTITY_SCALE // quantity)


def not_evaluated_reason(receipt: Quote, execution: Quote, *, auction: bool = False) -> str | None:
    """Name the first reason why a measure is missing: the quote at execution, the auction, the quote at receipt."""
    return unusable("execution", execution) or ("auction" if auction else unusable("receipt", receipt))


def _touch(side: Side, quote: Quote) -> Price | None:
    """Return the far side: what the order would have paid or got at the quote."""
    if not quote.state.usable:
        return None
    return quote.offer if side is _BUY else quote.bid
