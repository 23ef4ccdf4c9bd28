"""What the faults that are on do to an order on its way through the router; the router asks, and each deed is admitted.

It draws from dice of its own, so that orders that no fault touches are the same with and without it.
"""

from __future__ import annotations

from rules.facts import MILLISECOND, SECOND
from service.simulator.desk import Desk
from service.simulator.dice import Dice
from service.simulator.faults import ROGUE, Fault, FaultName, Plan
from service.simulator.market import TICK, QuoteMoved
from service.simulator.orders import Life, Trade
from service.simulator.truth import REFUSED
from service.simulator.venues import MICROSECOND, Venue

ROGUE_VENUE = Venue(mic=ROGUE, share=0.0, latency=900 * MICROSECOND)
ROGUE_SHARE = 0.25
COLLAPSED = 0.05
"""Share of its usual fills that a collapsed venue still gives."""
STRAY = 0.3
"""Which part of the parents an unknown symbol strikes."""
FEW = 3
_MILLION = 1_000_000


class Troubles:
    """Asked at each step of an order's way; with `nature` it also admits what the market did without any fault."""

    def __init__(self, plan: Plan, desk: Desk, dice: Dice) -> None:
        self._plan = plan
        self._desk = desk
        self._dice = dice
        self._strays: set[str] = set()

    def written(self, symbol: str, at: int) -> str | None:
        """Return how the order's symbol is written where nobody will know it, None where it is written as it is."""
        stray = self._plan.active(FaultName.UNKNOWN_SYMBOL, at) is not None and self._dice.chance(STRAY)
        return f"{symbol}X" if stray else None

    def venue(self, at: int) -> str | None:
        """Return the venue to which a fault sends an immediate child, None where the router is free."""
        rogue = self._plan.active(FaultName.ROGUE_VENUE, at)
        if rogue is not None and self._dice.chance(_or(rogue, ROGUE_SHARE)):
            return ROGUE
        crowded = self._plan.active(FaultName.CROWDED_VENUE, at)
        return crowded.subject if crowded is not None and self._dice.chance(_or(crowded, 0.5)) else None

    def starves(self, at: int) -> float | None:
        """Return which part of a day order the venue will execute before it ends it, None for all that there is."""
        fault = self._plan.active(FaultName.STARVED_ORDERS, at)
        return None if fault is None else _or(fault, 0.3)

    def rationed(self, child: Life, at: int) -> int:
        """Return how many shares a starved child gets; the truth says which part of it that is, in ppm."""
        assert child.starved is not None
        shares = int(child.terms.quantity * child.starved)
        part = shares * _MILLION // child.terms.quantity
        self._desk.admit(FaultName.STARVED_ORDERS, at, _mic(child), life=child, amount=part)
        return shares

    def ignored(self, child: Life, at: int) -> bool:
        """Return whether the venue never answers this child."""
        fault = self._plan.active(FaultName.NO_ANSWER, at)
        if fault is None or not self._dice.chance(_or(fault, 0.1)):
            return False
        self._desk.admit(FaultName.NO_ANSWER, at, _mic(child), life=child)
        return True

    def refused(self, child: Life, at: int) -> bool:
        """Return whether the venue refuses this child for the fault's sake."""
        fault = self._plan.striking(FaultName.REJECT_BURST, at, _mic(child))
        if fault is None or not self._dice.chance(_or(fault, 0.5)):
            return False
        self._desk.admit(FaultName.REJECT_BURST, at, _mic(child), life=child)
        return True

    def admit_refusal(self, child: Life, at: int) -> None:
        """Say, where nature is to be told too, that the venue refused the child."""
        if self._plan.nature:
            self._desk.admit(REFUSED, at, _mic(child), life=child)

    def ack_delay(self, child: Life, at: int, usual: int) -> int:
        """Return after how long the acknowledgement comes."""
        fault = self._plan.striking(FaultName.SLOW_ACK, at, _mic(child))
        if fault is None:
            return usual
        wait = usual + int(_or(fault, 1.5) * SECOND)
        self._desk.admit(FaultName.SLOW_ACK, at, _mic(child), life=child, amount=wait, until=at + wait)
        return wait

    def cancel_delay(self, child: Life, at: int, usual: int) -> int:
        """Return after how long the answer to a cancel comes."""
        fault = self._plan.active(FaultName.SLOW_CANCEL, at)
        if fault is None:
            return usual
        wait = usual + int(_or(fault, 1.5) * SECOND)
        self._desk.admit(FaultName.SLOW_CANCEL, at, _mic(child), life=child, amount=wait, until=at + wait)
        return wait

    def slowness(self, child: Life, at: int) -> int:
        """Return by how much the venue's answer is late."""
        fault = self._plan.striking(FaultName.SLOW_VENUE, at, _mic(child))
        if fault is None:
            return 0
        if fault.strength is None:
            child.slowed = self._dice.between(1_500, 4_000) * MILLISECOND
        else:
            child.slowed = int(fault.strength * SECOND)
        return child.slowed

    def chance(self, child: Life, at: int) -> float:
        """Return how likely the child finds anything."""
        assert child.venue is not None
        fault = self._plan.striking(FaultName.FILL_RATE_COLLAPSE, at, _mic(child))
        fault = fault or self._plan.active(FaultName.ROUTER_COLLAPSE, at)
        if fault is None:
            return child.venue.fills if child.terms.immediate else 1.0  # what may rest is not turned away
        self._desk.admit(fault.name, at, _mic(child), life=child)
        return child.venue.fills * COLLAPSED if fault.strength is None else fault.strength

    def symbols(self, every: tuple[str, ...], at: int) -> tuple[str, ...]:
        """Return the symbols in which orders come; few where a fault needs many in one."""
        return every[:FEW] if self._plan.active(FaultName.MIDPOINT_MISSED, at) else every

    def price(self, child: Life, quote: QuoteMoved, at: int) -> int | None:
        """Return the price that a fault wants, beyond the touch or at the midpoint, when the limit allows it."""
        terms = child.terms
        midpoint = self._plan.active(FaultName.MIDPOINT_MISSED, at)
        if midpoint is not None and terms.immediate:
            met = self._dice.chance(_or(midpoint, 0.6))
            return (quote.bid + quote.offer) // 2 if met else quote.touch(terms.sign)
        beyond = self._beyond(child, quote.offer - quote.bid, at)
        if not beyond:
            return None
        price = quote.touch(terms.sign) + terms.sign * beyond
        return price if terms.limit is None or terms.sign * (terms.limit - price) >= 0 else None

    def _beyond(self, child: Life, spread: int, at: int) -> int:
        """Return how far beyond the touch the execution shall be, 0 where no fault asks for it."""
        fault = self._plan.active(FaultName.OUTSIDE_NBBO, at)
        if fault is not None:
            return TICK * (self._dice.between(2, 4) if fault.strength is None else int(fault.strength))
        wide = self._plan.striking(FaultName.WIDE_SPREAD, at, _mic(child))
        return 0 if wide is None else int(_or(wide, 0.5) * spread)

    def admit_answer(self, child: Life, trade: Trade | None, at: int) -> None:
        """Write into the truth that this answer was late, whatever it was."""
        if not child.slowed:
            return
        exec_id = trade.exec_id if trade else None
        detail = f"answer delayed by {child.slowed // MILLISECOND} ms{'' if trade else ', not executed'}"
        waited = at - child.terms.received_at
        self._desk.admit(
            FaultName.SLOW_VENUE, at, _mic(child), exec_id=exec_id, life=child, detail=detail, amount=waited
        )

    def confess(self, trade: Trade, touch: int, at: int) -> None:
        """Write into the truth what was wrong with this execution; `touch` is the far side when it happened."""
        child, exec_id = trade.child, trade.exec_id
        terms = child.terms
        outside = terms.sign * (trade.price - touch)
        if outside > 0:
            self._desk.admit(FaultName.OUTSIDE_NBBO, at, terms.symbol, exec_id=exec_id, life=child, amount=outside)
        wide = self._plan.striking(FaultName.WIDE_SPREAD, at, _mic(child))
        if wide is not None and outside > 0:
            self._desk.admit(wide.name, at, _mic(child), exec_id=exec_id, life=child, amount=outside)
        if _mic(child) == ROGUE:
            self._desk.admit(FaultName.ROGUE_VENUE, at, ROGUE, exec_id=exec_id, life=child)
        if terms.written is not None and terms.written not in self._strays:
            self._strays.add(terms.written)
            self._desk.admit(FaultName.UNKNOWN_SYMBOL, at, terms.written, exec_id=exec_id, life=child)


def _or(fault: Fault, usual: float) -> float:
    return usual if fault.strength is None else fault.strength


def _mic(child: Life) -> str:
    assert child.venue is not None
    return child.venue.mic
