"""The class that an order has in reports by order type: from its own terms and the quote at its receipt. Pure.

It refuses to guess: without a usable receipt quote a limit order has no class, a pegged order or one for an auction
never has.
"""

from __future__ import annotations

from enum import StrEnum

from rules.order import Order, OrderType, TimeInForce


class OrderClass(StrEnum):
    """The order types of SEC Rule 605 (domain.md §3), those with a stop price apart."""

    MARKET = "market"
    MARKETABLE_LIMIT = "marketable_limit"
    MARKETABLE_IOC = "marketable_ioc"
    MIDPOINT_OR_BETTER_LIMIT = "midpoint_or_better_limit"
    EXECUTABLE_NON_MARKETABLE_LIMIT = "executable_non_marketable_limit"
    OTHER_NON_MARKETABLE_LIMIT = "other_non_marketable_limit"
    MARKET_STOP = "market_stop"
    MARKETABLE_LIMIT_STOP = "marketable_limit_stop"
    NON_MARKETABLE_LIMIT_STOP = "non_marketable_limit_stop"


# members of an enum are looked up by a function call in 3.11: these stand in the hot path
_MARKET, _LIMIT, _STOP, _STOP_LIMIT = OrderType.MARKET, OrderType.LIMIT, OrderType.STOP, OrderType.STOP_LIMIT
_MARKET_ORDER, _MARKETABLE_LIMIT = OrderClass.MARKET, OrderClass.MARKETABLE_LIMIT
_MARKETABLE_IOC = OrderClass.MARKETABLE_IOC
_IMMEDIATE = (TimeInForce.IOC, TimeInForce.FOK)
_AUCTIONS = (TimeInForce.OPENING, TimeInForce.CLOSING)


def order_class(order: Order) -> OrderClass | None:
    """Return the order's class at receipt, None where it cannot be known or where no class is for it."""
    if order.time_in_force in _AUCTIONS:
        return None
    if order.order_type is _MARKET:
        return _MARKET_ORDER
    if order.order_type is _LIMIT:
        return _limit(order)
    if order.order_type is _STOP:
        return OrderClass.MARKET_STOP
    return _stop_limit(order) if order.order_type is _STOP_LIMIT else None


def _stop_limit(order: Order) -> OrderClass | None:
    """Return whether the limit reaches the stop price: if so, it can execute at the price that triggers it."""
    if order.limit_price is None or order.stop_price is None or order.side is None:
        return None
    reaches = order.side.sign * (order.limit_price - order.stop_price) >= 0
    return OrderClass.MARKETABLE_LIMIT_STOP if reaches else OrderClass.NON_MARKETABLE_LIMIT_STOP


def _limit(order: Order) -> OrderClass | None:
    if order.marketable:
        return _MARKETABLE_IOC if order.time_in_force in _IMMEDIATE else _MARKETABLE_LIMIT
    quote, limit, side = order.receipt, order.limit_price, order.side
    if order.marketable is None or limit is None or side is None or quote.bid is None or quote.offer is None:
        return None
    if side.sign * (2 * limit - quote.bid - quote.offer) >= 0:
        return OrderClass.MIDPOINT_OR_BETTER_LIMIT
    near = quote.bid if side.sign > 0 else quote.offer
    if side.sign * (limit - near) >= 0:
        return OrderClass.EXECUTABLE_NON_MARKETABLE_LIMIT
    return OrderClass.OTHER_NON_MARKETABLE_LIMIT
