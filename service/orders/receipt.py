"""When an order was received, when it could first execute, and whether it was marketable then.

Pure. Where a message cannot tell, the answer is None: the receipt is never replaced by the execution.
"""

from __future__ import annotations

from collections.abc import Callable

from rules.facts import Nanos, Order, OrderEventKind, OrderType, Quote, Side
from service.fix.events import OrderEvent, Reported

# members of an enum are looked up by a function call in 3.11: these stand in the hot path
_MARKET, _STOP, _LIMIT, _BUY = OrderType.MARKET, OrderType.STOP, OrderType.LIMIT, Side.BUY

Opening = Callable[[str, Nanos], Nanos]
"""From which instant an order in this symbol, received then, can execute: the open or resumption when later."""

STOPS = (OrderType.STOP, OrderType.STOP_LIMIT)
_ACKNOWLEDGEMENTS = (OrderEventKind.PENDING_NEW, OrderEventKind.NEW)


def receipt_time(event: Reported, *, anew: bool = False) -> Nanos | None:
    """Return when the order was received, if this message can tell: its time-in stamp, else an acknowledgement's 60.

    `anew` says that the message replaced the order's price, so that its 60 is a receipt too.
    """
    stamps = event.stamps
    if stamps.suspect is not None:
        return None
    if stamps.time_in is not None:
        return stamps.time_in
    if isinstance(event, OrderEvent) and (anew or event.kind in _ACKNOWLEDGEMENTS):
        return stamps.transacted_at
    return None


def working_at(order: Order, triggered_at: Nanos | None, opening: Opening) -> Nanos | None:
    """Return when the order became executable: latest of receipt, open or resumption, and trigger for a stop."""
    if order.received_at is None:
        return None
    begins = opening(order.symbol, order.received_at)
    if order.order_type not in STOPS:
        return begins
    return None if triggered_at is None else max(begins, triggered_at)


def is_marketable(order: Order, quote: Quote, *, triggered: bool = False) -> bool | None:
    """Return whether the order could execute at once on that quote; None where it cannot be known.

    Every market order is; a buy limit at or above the best offer, a sell limit at or below the best bid. A stop is
    not before its trigger and is after it; a triggered stop limit would need the quote at its trigger.
    """
    if order.order_type is _MARKET:
        return True
    if order.order_type in STOPS and not triggered:
        return False
    if order.order_type is _STOP:
        return True
    limit, side = order.limit_price, order.side
    if order.order_type is not _LIMIT or limit is None or side is None or not quote.state.usable:
        return None
    touch = quote.offer if side is _BUY else quote.bid
    return None if touch is None else side.sign * (limit - touch) >= 0
