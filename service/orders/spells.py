"""How long an order was pending, working and held, by the vendor's own clock. Pure.

Pending: received, and not acknowledged or executed yet. Held: suspended, or a stop that was not triggered. What a
message only asks for or restates turns nothing. The three add up to the time from receipt to end; a stamp from before
the last turn turns at it, so that none is ever below zero. Where one stamp cannot be believed, no length is known.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from rules.facts import Nanos, Order, OrderEventKind
from service.fix.events import OrderEvent, Reported
from service.orders.receipt import STOPS


class Phase(StrEnum):
    """What an order can be doing while it lives."""

    PENDING = "pending"
    WORKING = "working"
    HELD = "held"


# members of an enum are looked up by a function call in 3.11: these stand in the hot path
_WORKING, _HELD = Phase.WORKING, Phase.HELD
_TURNS = {
    OrderEventKind.NEW: Phase.WORKING,
    OrderEventKind.REPLACED: Phase.WORKING,
    OrderEventKind.TRIGGERED: Phase.WORKING,
    OrderEventKind.STOPPED: Phase.WORKING,
    OrderEventKind.SUSPENDED: Phase.HELD,
}
_WAITS = (OrderEventKind.NEW, OrderEventKind.REPLACED)
Lengths = tuple[Nanos, Nanos, Nanos]


class Spells(msgspec.Struct, gc=False, array_like=True):
    """What the order does `since` when, and for how long it did what before; `known` as long as every turn is."""

    since: Nanos
    phase: Phase = Phase.PENDING
    pending: int = 0
    working: int = 0
    held: int = 0
    known: bool = True

    def turn(self, phase: Phase, at: Nanos | None) -> None:
        """Say what the order does from then on."""
        if at is None:
            self.known = False
            return
        lasted = max(0, at - self.since)
        setattr(self, self.phase, getattr(self, self.phase) + lasted)
        self.since, self.phase = Nanos(self.since + lasted), phase

    def until(self, at: Nanos) -> Lengths | None:
        """Return how long it was pending, working and held in all when it ended then; None where that is not known."""
        if not self.known:
            return None
        whole = msgspec.structs.replace(self)
        whole.turn(self.phase, at)
        return Nanos(whole.pending), Nanos(whole.working), Nanos(whole.held)


def turned(spells: Spells | None, order: Order, event: Reported, *, triggered: bool) -> Spells | None:
    """Return the order's spells after the message; None before its receipt is known."""
    if spells is None:
        if order.received_at is None:
            return None
        spells = Spells(order.received_at)
    phase = _phase(spells, order, event, triggered=triggered)
    if phase is not spells.phase:
        spells.turn(phase, _told_at(event))
    return spells


def _phase(spells: Spells, order: Order, event: Reported, *, triggered: bool) -> Phase:
    if not isinstance(event, OrderEvent):
        return _WORKING  # what executes works
    if event.kind in _WAITS and order.order_type in STOPS and not triggered:
        return _HELD
    return _TURNS.get(event.kind, spells.phase)


def _told_at(event: Reported) -> Nanos | None:
    """Return when the vendor says that it happened; our own clock is no answer."""
    stamps = event.stamps
    if stamps.suspect is not None:
        return None
    told = (stamps.executed, stamps.transacted_at, event.header.sent_at)
    return next((stamp for stamp in told if stamp is not None), None)
