"""The life of one order: its terms as they became known, what was executed, and how it ended.

Pure. Totals come from live executions only; what a message claims about them (14, 151, 6, 39) is never believed.
"""

from __future__ import annotations

from typing import Any

import msgspec

from rules.facts import (
    Level,
    Nanos,
    Order,
    OrderEnd,
    OrderEventKind,
    OrderOutcome,
    Price,
    Quantity,
    TimeInForce,
)
from service.orders.firm import Claim, Firm, Tally, added
from service.orders.spells import Spells
from service.orders.steps import Standing, Where

# members of an enum are looked up by a function call in 3.11: these stand in the hot path
_LEG, _CANCELED_BY_CUSTOMER = Level.LEG, OrderEnd.CANCELED_BY_CUSTOMER
_CANCELED, _DONE_FOR_DAY = OrderEventKind.CANCELED, OrderEventKind.DONE_FOR_DAY

VENUE_UNKNOWN = "venue_unknown"
MULTI_DAY = (TimeInForce.GTC, TimeInForce.GTD)
_ENDS = {
    OrderEventKind.CANCELED: OrderEnd.CANCELED,
    OrderEventKind.EXPIRED: OrderEnd.EXPIRED,
    OrderEventKind.REJECTED: OrderEnd.REJECTED,
    OrderEventKind.DONE_FOR_DAY: OrderEnd.DONE_FOR_DAY,
}


class Life(msgspec.Struct, gc=False, kw_only=True):
    """One order in the ledger, changed in place; `order` is the frozen fact as of now.

    `notional` is the sum of price × quantity in 1e-15 dollars; `by_venue` the live quantity of each venue, in the
    order in which they were first touched. `session` and `trade_date` are those last seen; `began_on` and
    `ended_on` are trade dates. `silent` names the terms that no message has told yet, None before the first.
    `restated`: a replace or restatement came since, `repriced`: it changed the price. `firm` is what the firm's own
    records say of it, `under` the own id of the order that it is a child of, `claim` what its reports claim of their
    total, `spells` for how long it was pending, working and held. `acknowledged`: the vendor took or refused it.
    """

    order: Order
    session: str
    began_on: str
    trade_date: str
    executed: int = 0
    notional: int = 0
    by_venue: tuple[tuple[str, int], ...] = ()
    event_venue: str | None = None
    triggered_at: Nanos | None = None
    receipt_known: bool = False
    end: OrderEnd | None = None
    ended_at: Nanos | None = None
    ended_on: str | None = None
    synthesised: bool = False
    silent: tuple[str, ...] | None = None
    restated: bool = False
    repriced: bool = False
    firm: Firm | None = None
    under: str | None = None
    claim: Claim | None = None
    spells: Spells | None = None
    acknowledged: bool = False

    def standing(self) -> Standing:
        """Return how the order stands now."""
        ordered = self.order.quantity
        executed = self.executed if self.firm is None else self.counted().executed
        leaves = None if ordered is None else Quantity(max(0, ordered - executed))
        return Standing(cumulative=Quantity(executed), leaves=leaves, end=self.end)

    def counted(self) -> Tally | Life:
        """Return who counts its shares: itself, or its children where they were told more; never both."""
        below = None if self.firm is None else self.firm.children
        return self if below is None or below.executed <= self.executed else below

    def count(self, quantity: int, price: int, venue: str) -> None:
        """Add shares to the totals; a negative quantity takes them away again."""
        self.executed += quantity
        self.notional += quantity * price
        self.by_venue = added(self.by_venue, venue, quantity) if self.by_venue else ((venue, quantity),)

    def finish(self, end: OrderEnd, at: Nanos, trade_date: str, *, synthesised: bool = False) -> None:
        """Say how, when and on which trade date the order ended."""
        self.end, self.ended_at, self.ended_on, self.synthesised = end, at, trade_date, synthesised

    @property
    def overfilled(self) -> bool:
        """Return whether more shares are live than were ordered."""
        return self.order.quantity is not None and self.executed > self.order.quantity

    @property
    def filled(self) -> bool:
        """Return whether all that was ordered is executed."""
        ordered = self.order.quantity
        executed = self.executed if self.firm is None else self.counted().executed
        return ordered is not None and 0 < ordered <= executed


def end_of(order: Order, kind: OrderEventKind, *, by_customer: bool) -> OrderEnd | None:
    """Return how the event ends the order, None when it lives on (a multi-day order outlives done for day)."""
    if kind is _DONE_FOR_DAY and order.time_in_force in MULTI_DAY:
        return None
    if kind is _CANCELED and by_customer:
        return _CANCELED_BY_CUSTOMER
    return _ENDS.get(kind)


def outcome(life: Life, where: Where) -> OrderOutcome | None:
    """Return the outcome of an order that ended, as its live executions now say; None when it has none.

    A leg has none (its package does). Where the ordered quantity is not known, what was executed stands for it; with
    nothing executed either there is no outcome, for there is nothing to divide by.
    """
    counted = life.counted()
    ordered = counted.executed if life.order.quantity is None else life.order.quantity
    if life.end is None or life.ended_at is None or life.order.level is _LEG or ordered <= 0:
        return None
    filled = [(quantity, venue) for venue, quantity in counted.by_venue if quantity > 0]
    most = max(filled, key=lambda pair: pair[0], default=(0, life.event_venue or VENUE_UNKNOWN))
    lengths = None if life.spells is None else life.spells.until(life.ended_at)
    pending, working, held = lengths or (None, None, None)
    return OrderOutcome(
        offset=where.offset,
        counterparty=where.counterparty,
        session=life.session,
        trade_date=life.ended_on or life.trade_date,
        received_at=where.received_at,
        clock=where.clock,
        uncertain=where.uncertain,
        order=life.order,
        end=life.end,
        at=life.ended_at,
        ordered=Quantity(ordered),
        executed=Quantity(counted.executed),
        average_price=_average(counted),
        venue=most[1],
        venues=tuple(venue for _, venue in filled),
        synthesised=life.synthesised,
        notional=counted.notional,
        venue_shares=tuple(Quantity(quantity) for quantity, _ in filled),
        pending_time=pending,
        working_time=working,
        held_time=held,
    )


def said_of(counterparty: str, life: Life, at: Nanos, *related: int) -> dict[str, Any]:
    """Return what every step that says something of an order says (service.orders.steps.OrderSaid)."""
    return {
        "order": life.order,
        "own_id": None if life.firm is None else life.firm.own_id,
        "counterparty": counterparty,
        "session": life.session,
        "trade_date": life.trade_date,
        "at": at,
        "executed": Quantity(life.counted().executed),
        "related": related,
    }


def _average(counted: Tally | Life) -> Price | None:
    """Return the average price to the nearest 1e-9 dollars, halves away from zero."""
    if counted.executed <= 0:
        return None
    twice = 2 * abs(counted.notional) + counted.executed
    rounded = twice // (2 * counted.executed)
    return Price(rounded if counted.notional >= 0 else -rounded)
