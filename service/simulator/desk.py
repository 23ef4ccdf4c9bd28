"""The router's voice: every report of an order's life, with its ids, told a moment after it happened.

Faults that touch only the telling live here: a silent feed holds reports back, a skewed venue clock shifts its stamps.
"""

from __future__ import annotations

from collections import deque

from rules.facts import MILLISECOND, SECOND
from service.simulator.agenda import Agenda
from service.simulator.events import DropCopy
from service.simulator.faults import Fault, FaultName, Plan
from service.simulator.messages import BeginString, Kind, Report, body
from service.simulator.orders import Life, Trade
from service.simulator.truth import MOVED, Truth
from service.simulator.venues import MICROSECOND

CHILD_DELAY = 80 * MICROSECOND
PARENT_DELAY = 140 * MICROSECOND
"""From an event to its report: the same for all of one order, so that its reports keep their order."""
SKEW = 750 * MILLISECOND
"""How far a skewed venue's clock runs behind: well over any answer's latency, so that intervals turn negative."""
LATE = 0.5
"""Seconds by which late copies are late."""
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def base36(number: int) -> str:
    """Write a number short."""
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = DIGITS[digit] + text
    return text or "0"


class Desk:
    """Names orders and executions (unique to the run by its start) and puts their reports on the agenda."""

    def __init__(self, agenda: Agenda, plan: Plan, version: BeginString) -> None:
        self.agenda = agenda
        self.plan = plan
        self.version = version
        self.run = base36(plan.start // (SECOND // 10))
        self.trades: deque[Trade] = deque(maxlen=4_096)
        self.told: deque[DropCopy] = deque(maxlen=64)
        self.doomed: Fault | None = None
        self.mix: dict[str, int] = {}
        self._orders = 0
        self._executions = 0

    def order_number(self) -> int:
        """Return the next order's number."""
        self._orders += 1
        return self._orders

    def exec_id(self) -> str:
        """Return the next ExecID."""
        self._executions += 1
        return f"E{self.run}-{self._executions}"

    def tell(self, life: Life, kind: Kind, at: int, *, text: str | None = None, cancel_id: str | None = None) -> None:
        """Report an event of the order's life that is not an execution."""
        venue = life.venue.mic if life.venue is not None else None
        report = Report(kind=kind, at=at, exec_id=self.exec_id(), venue=venue, text=text, cancel_id=cancel_id)
        self.say(life, report, at)

    def trade(
        self, child: Life, quantity: int, price: int, at: int, *, liquidity: str, touch: int | None = None
    ) -> Trade:
        """Report an execution of a child and its roll-up on the parent; `touch` is the far side at that instant."""
        assert child.venue is not None
        assert child.parent is not None
        stamped = at - self._skew(child, at)
        ids = self.exec_id(), self.exec_id()
        for life, exec_id in ((child, ids[0]), (child.parent, ids[1])):
            life.fill(quantity, price)
            report = Report(
                kind=Kind.TRADE,
                at=stamped,
                exec_id=exec_id,
                venue=child.venue.mic,
                quantity=quantity,
                price=price,
                liquidity=liquidity,
            )
            if life is not child or not self._dooms(child, exec_id, at):
                self.say(life, report, at)
        trade = Trade(child=child, exec_id=ids[0], parent_exec_id=ids[1], quantity=quantity, price=price, at=at)
        self.trades.append(trade)
        mic = child.venue.mic
        self.mix[mic] = self.mix.get(mic, 0) + quantity
        self.admit_worse(child, ids[0], price, at, touch)
        if stamped != at:
            seen = "before its receipt" if stamped < child.terms.received_at else "after its receipt, so not to be seen"
            negative = stamped - child.terms.received_at
            self.admit(
                FaultName.CLOCK_SKEW, at, child.venue.mic, exec_id=ids[0], life=child, detail=seen, amount=negative
            )
        return trade

    def bust(self, trade: Trade, at: int) -> None:
        """Take an execution back, on the child and on the parent."""
        self._amend(trade, Kind.BUST, at, trade.price)

    def correct(self, trade: Trade, price: int, at: int) -> None:
        """Give an execution another price, on the child and on the parent."""
        self._amend(trade, Kind.CORRECTION, at, price)

    def _amend(self, trade: Trade, kind: Kind, at: int, price: int) -> None:
        child = trade.child
        trade.amended = True
        assert child.venue is not None
        assert child.parent is not None
        for life, refers_to in ((child, trade.exec_id), (child.parent, trade.parent_exec_id)):
            was_open = life.open
            life.bust(trade.quantity, trade.price)
            if kind is Kind.CORRECTION:
                life.fill(trade.quantity, price)
                life.open = was_open
            report = Report(
                kind=kind,
                at=at,
                exec_id=self.exec_id(),
                venue=child.venue.mic,
                quantity=trade.quantity,
                price=price,
                refers_to=refers_to,
            )
            self.say(life, report, at)

    def say(self, life: Life, report: Report, happened: int) -> None:
        """Write a report now, as the order stands, and send it a moment after it happened."""
        delay = (PARENT_DELAY if life.parent is None else CHILD_DELAY) + self._lateness(life, report, happened)
        copy = DropCopy(happened + delay, body(report, life, self.version), report.kind is Kind.TRADE)
        self.told.append(copy)
        self.send(copy)

    def send(self, copy: DropCopy) -> None:
        """Put a report on the agenda; a silent feed holds it back until its end."""
        silent = self.plan.active(FaultName.SILENT_FEED, copy.at) or self.plan.active(FaultName.STOPPED_FLOW, copy.at)
        at = copy.at if silent is None else self.plan.start + silent.end
        if at != copy.at:
            copy = DropCopy(at, copy.body, copy.trade, copy.resend)
        self.agenda.tell(at, copy)

    def admit(
        self,
        name: str,
        at: int,
        subject: str,
        *,
        exec_id: str | None = None,
        life: Life | None = None,
        detail: str | None = None,
        amount: int | None = None,
        until: int | None = None,
        beyond: int | None = None,
    ) -> None:
        """Write into the truth that a fault struck, with all that names what it struck."""
        terms = life.terms if life is not None else None
        line = Truth(
            at=at,
            fault=name,
            event="hit",
            subject=subject,
            exec_id=exec_id,
            cl_ord_id=terms.cl_ord_id if terms else None,
            detail=detail,
            order_id=terms.order_id if terms else None,
            parent_id=terms.parent if terms else None,
            venue=life.venue.mic if life is not None and life.venue is not None else None,
            symbol=(terms.written or terms.symbol) if terms else None,
            amount=amount,
            until=until,
            spread=life.spread if life is not None else None,
            beyond=beyond,
        )
        self.agenda.tell(at, line)

    def admit_worse(self, child: Life, exec_id: str, price: int, at: int, touch: int | None) -> None:
        """Say of an execution that it was dearer than the far side at its order's receipt, and by how much.

        A fault that pushed the market is named; what the market did by itself only where nature is to be told too.
        """
        worse = 0 if child.touch is None else child.terms.sign * (price - child.touch)
        if worse <= 0 or not (child.pushed or self.plan.nature):
            return
        beyond = 0 if touch is None else max(0, child.terms.sign * (price - touch))
        self.admit(
            child.pushed or MOVED,
            at,
            child.terms.symbol,
            exec_id=exec_id,
            life=child,
            amount=worse,
            beyond=beyond,
        )

    def admit_mix(self, fault: Fault, at: int) -> None:
        """Say which part of all shares executed so far a crowded venue got, in ppm."""
        total = sum(self.mix.values())
        if total:
            self.admit(fault.name, at, fault.subject, amount=self.mix.get(fault.subject, 0) * 1_000_000 // total)

    def _dooms(self, child: Life, exec_id: str, at: int) -> bool:
        """Return whether this execution is never told: the next one of an order whose end will tell its total."""
        if self.doomed is None or not (child.open and child.terms.immediate):
            return False
        self.admit(self.doomed.name, at, "feed", exec_id=exec_id, life=child, amount=child.cumulative)
        self.doomed = None
        return True

    def _skew(self, child: Life, at: int) -> int:
        """Return by how much the stamps of the child's venue are behind."""
        assert child.venue is not None
        fault = self.plan.striking(FaultName.CLOCK_SKEW, at, child.venue.mic)
        if fault is None:
            return 0
        return SKEW if fault.strength is None else int(fault.strength * SECOND)

    def _lateness(self, life: Life, report: Report, at: int) -> int:
        """Return by how much a fault holds a report back; it is admitted of executions."""
        fault = self.plan.active(FaultName.LATE_COPIES, at)
        if fault is None:
            return 0
        late = int((LATE if fault.strength is None else fault.strength) * SECOND)
        if report.kind is Kind.TRADE:
            self.admit(fault.name, at, "feed", exec_id=report.exec_id, life=life, amount=late, until=at + late)
        return late
