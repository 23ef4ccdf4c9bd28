"""Which population an order belongs to: fill rates and speeds of unlike orders are never mixed (domain.md §4.3)."""

from __future__ import annotations

from enum import StrEnum

from rules.order import Order, OrderType, TimeInForce


class Population(StrEnum):
    """The kinds of order that are judged apart."""

    MARKETABLE = "marketable"
    IOC = "ioc"
    RESTING = "resting"
    AUCTION = "auction"
    UNKNOWN = "marketability unknown"


# members of an enum are looked up by a function call in 3.11: these stand in the hot path
_MARKET = OrderType.MARKET
_MARKETABLE, _IOC, _RESTING = Population.MARKETABLE, Population.IOC, Population.RESTING
_AUCTION, _UNKNOWN = Population.AUCTION, Population.UNKNOWN
_IMMEDIATE = (TimeInForce.IOC, TimeInForce.FOK)
_AUCTIONS = (TimeInForce.OPENING, TimeInForce.CLOSING)


def population(order: Order) -> Population:
    """Return where the order belongs: auction by its time in force, then IOC or FOK, then by marketability.

    A market order is always marketable; a limit order is what its receipt quote made it.
    """
    if order.time_in_force in _AUCTIONS:
        return _AUCTION
    if order.time_in_force in _IMMEDIATE:
        return _IOC
    if order.order_type is _MARKET or order.marketable:
        return _MARKETABLE
    return _UNKNOWN if order.marketable is None else _RESTING
