"""An execution of a day that memory let go of, put together from what was recorded of it and of its order. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from rules.facts import Nanos, Order, OrderEnd, Price, Quantity
from service.orders.snapshot import KnownExecution


class StoredTrade(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One recorded execution as it counts now: 0 shares when it was busted, else as last corrected.

    `reported` are the shares and the price that it came with.
    """

    execution_id: str
    trade_date: str
    key: str
    exec_id: str
    content_hash: bytes
    session: str
    order: Order
    quantity: Quantity
    price: Price
    venue: str
    executed_at: Nanos | None
    reported: tuple[Quantity, Price] | None = None


class StoredEnd(msgspec.Struct, frozen=True, gc=False):
    """How the order ended, by its newest outcome."""

    end: OrderEnd
    at: Nanos
    on: str


def the_one_meant(candidates: Sequence[StoredTrade]) -> StoredTrade | None:
    """Return the execution of the newest trade date; None when there is none, or several that nothing tells apart."""
    newest = max((trade.trade_date for trade in candidates), default="")
    meant = [trade for trade in candidates if trade.trade_date == newest]
    return meant[0] if len(meant) == 1 else None


def known_execution(meant: StoredTrade, of_the_order: Sequence[StoredTrade], end: StoredEnd | None) -> KnownExecution:
    """Return the execution with the totals of its order; `of_the_order` holds all its executions, `meant` too."""
    by_venue: dict[str, int] = {}
    for trade in of_the_order:
        by_venue[trade.venue] = by_venue.get(trade.venue, 0) + trade.quantity
    return KnownExecution(
        trade_date=meant.trade_date,
        key=meant.key,
        exec_id=meant.exec_id,
        content_hash=meant.content_hash,
        # the newest of its executions knows most of the order
        order=max(of_the_order, key=lambda trade: trade.trade_date).order,
        session=meant.session,
        quantity=meant.quantity,
        price=meant.price,
        venue=meant.venue,
        executed_at=meant.executed_at,
        by_venue=tuple(by_venue.items()),
        notional=sum(trade.quantity * trade.price for trade in of_the_order),
        end=None if end is None else end.end,
        ended_at=None if end is None else end.at,
        ended_on=None if end is None else end.on,
        reported=meant.reported,
    )
