"""Where a price lies against a quote: beyond its far side, at it, within, at the midpoint, at its near side, beyond it.

The far side is the one that an order pays or gets at once: the offer for a buy, the bid for a sell. Pure, in exact
integers: the midpoint is compared doubled, so it is never rounded.
"""

from __future__ import annotations

from enum import StrEnum

from rules.amounts import Price, Quantity
from rules.order import Side
from rules.quote import Quote


class Placement(StrEnum):
    """The places from worst to best for the customer."""

    OUTSIDE = "outside"
    FAR_TOUCH = "far_touch"
    INSIDE = "inside"
    MIDPOINT = "midpoint"
    NEAR_TOUCH = "near_touch"
    BEYOND_NEAR_TOUCH = "beyond_near_touch"


# members of an enum are looked up by a function call in 3.11: these stand in the hot path
_OUTSIDE, _FAR_TOUCH, _INSIDE = Placement.OUTSIDE, Placement.FAR_TOUCH, Placement.INSIDE
_MIDPOINT, _NEAR_TOUCH, _BEYOND = Placement.MIDPOINT, Placement.NEAR_TOUCH, Placement.BEYOND_NEAR_TOUCH


def placement(side: Side, price: Price, quote: Quote) -> Placement | None:
    """Return where the price lies against the quote, None where the quote cannot be used.

    In a locked market far side, midpoint and near side are one price: the far side is named.
    """
    if not quote.state.usable or quote.bid is None or quote.offer is None:
        return None
    sign = side.sign
    far, near = (quote.offer, quote.bid) if sign > 0 else (quote.bid, quote.offer)
    if price == far:
        return _FAR_TOUCH
    if sign * (price - far) > 0:
        return _OUTSIDE
    if price == near:
        return _NEAR_TOUCH
    if sign * (near - price) > 0:
        return _BEYOND
    return _MIDPOINT if 2 * price == quote.bid + quote.offer else _INSIDE


def beyond_displayed(side: Side, quantity: Quantity, quote: Quote) -> Quantity | None:
    """Return the shares beyond those displayed at the far side, 0 when there are none; None where its size is unknown.

    Each execution is compared alone: two at one instant may have been for the same displayed shares.
    """
    displayed = quote.offer_size if side.sign > 0 else quote.bid_size
    if displayed is None or not quote.state.usable:
        return None
    return Quantity(max(0, quantity - displayed))
