"""Faults that move the market itself around an order, as leaks and fading quotes do; each push is told as a quote.

Every execution that a push made dearer is in the truth, whether it was meant or not: the market is everybody's.
"""

from __future__ import annotations

from functools import partial

from rules.facts import MILLISECOND, SECOND
from service.simulator.desk import Desk
from service.simulator.faults import FaultName, Plan
from service.simulator.market import TICK, Market
from service.simulator.orders import Life

BACK_AFTER = 300 * MILLISECOND
"""When a market that was pushed comes back, where the fault says that it does."""
FADED_FOR = 2 * SECOND


class Pushes:
    """Asked when a venue receives a child; pushes the market against it between its receipt and its answer."""

    def __init__(self, plan: Plan, market: Market, desk: Desk) -> None:
        self._plan = plan
        self._market = market
        self._desk = desk

    def received(self, child: Life, at: int, latency: int) -> None:
        """Plan what the faults that are on do to the market for the sake of this child."""
        assert child.venue is not None
        if not child.terms.immediate:
            return
        for fault, back in (
            (self._plan.active(FaultName.DISIMPROVED, at), None),
            (self._plan.striking(FaultName.REVERSION, at, child.venue.mic), BACK_AFTER),
        ):
            ticks = 0 if fault is None else int(2 if fault.strength is None else fault.strength)
            if fault is not None and _has_room(child, ticks):
                child.pushed = fault.name
                self._push(child, ticks, at + latency // 2, back)
        self._fade(child, at)

    def _fade(self, child: Life, at: int) -> None:
        """Let the quote run away from the first child of a parent, so that the later ones meet another."""
        fault = self._plan.active(FaultName.QUOTE_FADE, at)
        parent = child.parent
        if fault is None or parent is None or parent.faded:
            return
        parent.faded = True
        ticks = int(2 if fault.strength is None else fault.strength)
        self._push(child, ticks, at + 1, FADED_FOR)
        self._desk.admit(fault.name, at, child.terms.symbol, life=parent, amount=ticks * TICK, until=at + FADED_FOR)

    def _push(self, child: Life, ticks: int, at: int, back: int | None) -> None:
        ticks *= child.terms.sign
        self._desk.agenda.call(at, partial(self._move, child.terms.symbol, ticks))
        if back is not None:
            self._desk.agenda.call(at + back, partial(self._move, child.terms.symbol, -ticks))

    def _move(self, symbol: str, ticks: int, at: int) -> None:
        self._desk.agenda.tell(at, self._market.push(symbol, ticks, at))


def _has_room(child: Life, ticks: int) -> bool:
    """Return whether the order can still be executed after the push."""
    terms, touch = child.terms, child.touch
    assert touch is not None
    return terms.limit is None or terms.sign * (terms.limit - touch) >= ticks * TICK
