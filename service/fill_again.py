"""An execution or an order's end as the ledger knows it now, beside what it was when the rules first saw it. Pure.

Its quotes are those that were decided for it: nothing is asked of any market a second time.
"""

from __future__ import annotations

import msgspec

from rules.facts import Fill, Order, OrderOutcome, Price, Quantity
from rules.words import dollars, shares
from service.facts_made import too_early
from service.orders.chain import Trade
from service.requote import measured

UNCHANGED = "nothing that came changes it"
_TERMS = (
    "account",
    "side",
    "order_type",
    "time_in_force",
    "limit_price",
    "stop_price",
    "quantity",
    "held",
    "directed",
    "marketable",
)


def fill_again(fill: Fill, trade: Trade) -> Fill:
    """Return the fill with its order, its quantity, its price and its venue as they are known now."""
    order = _order_of(fill, trade.life.order)
    at, digits = fill.executed_at, fill.executed_at_digits
    was_early = too_early(at, digits, fill.order.working_at)
    suspect = too_early(at, digits, order.working_at) if fill.clock_suspect == was_early else fill.clock_suspect
    quantity, price = Quantity(trade.quantity), Price(trade.price)
    now = msgspec.structs.replace(
        fill,
        uncertain=False,
        order=order,
        quantity=quantity,
        price=price,
        venue=trade.venue,
        symbol=fill.symbol or order.symbol,
        book=fill.book if trade.venue == fill.venue else trade.venue,
        cumulative=max(fill.cumulative, quantity),
        clock_suspect=suspect,
    )
    return measured(now)


def what_changed(then: Fill, now: Fill) -> str:
    """Return in words what came about an execution since it was judged."""
    told = []
    if (then.quantity, then.price, then.venue) != (now.quantity, now.price, now.venue):
        told.append(f"the execution was corrected to {shares(now.quantity)} at {dollars(now.price)} at {now.venue}")
    told += _order_changed(then.order, now.order)
    return " and ".join(told) or UNCHANGED


def end_changed(then: OrderOutcome, now: OrderOutcome) -> str:
    """Return in words what came about an order's end since it was counted."""
    told = []
    if (then.executed, then.ordered) != (now.executed, now.ordered):
        told.append(f"{shares(now.executed)} of {shares(now.ordered)} are executed")
    if then.end is not now.end:
        told.append(f"the order ended otherwise ({now.end.value.replace('_', ' ')})")
    told += _order_changed(then.order, now.order)
    return " and ".join(told) or UNCHANGED


def _order_changed(then: Order, now: Order) -> list[str]:
    if then.received_at is None and now.received_at is not None:
        return ["the order's receipt has come"]
    changed = [
        name.removeprefix("order_").replace("_", " ") for name in _TERMS if getattr(then, name) != getattr(now, name)
    ]
    return [f"the order's {', '.join(changed)} changed"] if changed else []


def _order_of(fill: Fill, now: Order) -> Order:
    """Return the order as it is known now; as it was, where it was replaced after the execution."""
    known = fill.order.received_at is not None
    later = now.received_at is not None and now.received_at > fill.executed_at
    return fill.order if known and later else now
