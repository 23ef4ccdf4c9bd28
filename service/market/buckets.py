"""Into which class of size and of time an order or execution falls, for reports that compare like with like. Pure.

A bucket is named by its bounds, the upper one left out: "<1000" begins where the bucket before it ends.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from rules.facts import MILLISECOND, PRICE_SCALE, QUANTITY_SCALE, SECOND, Nanos, Order, OrderType, Price, Quantity

_TIMES = (
    (MILLISECOND // 10, "100us"),
    (MILLISECOND, "1ms"),
    (10 * MILLISECOND, "10ms"),
    (SECOND, "1s"),
    (10 * SECOND, "10s"),
    (30 * SECOND, "30s"),
    (300 * SECOND, "5min"),
)
_DOLLARS = (250, 1_000, 5_000, 10_000, 20_000, 50_000, 200_000)
_SHARES = (1, 100, 500, 2_000, 5_000, 10_000)


def _named(names: Sequence[object]) -> tuple[str, ...]:
    return (*(f"<{name}" for name in names), f">={names[-1]}")


TIME_BUCKETS = _named([name for _, name in _TIMES])
"""Time to execution (domain.md §3)."""
NOTIONAL_BUCKETS = _named(_DOLLARS)
"""Dollars of an order (domain.md §3)."""
SHARE_BUCKETS = _named(_SHARES)
"""Shares of an order: parts of a share, odd lots, and round lots by their size."""
_TIME_EDGES = tuple(edge for edge, _ in _TIMES)
_NOTIONAL_EDGES = tuple(dollars * PRICE_SCALE * QUANTITY_SCALE for dollars in _DOLLARS)
_SHARE_EDGES = tuple(shares * QUANTITY_SCALE for shares in _SHARES)


def time_bucket(time: Nanos | None) -> str | None:
    """Return the bucket of a time to execution, None when it is unknown."""
    return None if time is None else TIME_BUCKETS[bisect_right(_TIME_EDGES, time)]


def share_bucket(quantity: Quantity | None) -> str | None:
    """Return the bucket of an order's shares, None when they are unknown."""
    return None if quantity is None else SHARE_BUCKETS[bisect_right(_SHARE_EDGES, quantity)]


def notional_bucket(order: Order) -> str | None:
    """Return the bucket of an order's dollars at receipt, None when its shares or its price are unknown."""
    price = order_price(order)
    if price is None or order.quantity is None:
        return None
    return NOTIONAL_BUCKETS[bisect_right(_NOTIONAL_EDGES, price * order.quantity)]


def order_price(order: Order) -> Price | None:
    """Return what an order's dollars are reckoned with: its limit, a stop's trigger, else the far side at receipt."""
    if order.limit_price is not None:
        return order.limit_price
    if order.order_type is OrderType.STOP:
        return order.stop_price
    if order.side is None or not order.receipt.state.usable:
        return None
    return order.receipt.offer if order.side.sign > 0 else order.receipt.bid
