"""The router's voice: every report of an order's life, with its ids, told a moment after it happened.

Faults that touch only the telling live here: a silent feed holds reports back, a skewed venue clock shifts its stamps.
"""

from __future__ import annotations

from collections import deque

from rules.facts import MILLISECOND, SECOND
from service.simulator.agenda import Agenda
from service.simulator.events import DropCopy
from service.simulator.faults import FaultName, Plan, Truth
from service.simulator.messages import BeginString, Kind, Report, body
from service.simulator.orders import Life, Trade
from service.simulator.venues import MICROSECOND

CHILD_DELAY = 80 * MICROSECOND
PARENT_DELAY = 140 * MICROSECOND
"""From an event to its report: the same for all of one order, so that its reports keep their order."""
SKEW = 750 * MILLISECOND
"""How far a skewed venue's clock runs behind: well over any answer's latency, so that intervals turn negative."""
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

    def trade(self, child: Life, quantity: int, price: int, at: int, *, liquidity: str) -> Trade:
        """Report an execution of a child and its roll-up on the parent."""
        assert child.venue is not None
        assert child.parent is not None
        stamped = at - SKEW if self._skewed(child, at) else at
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
            self.say(life, report, at)
        trade = Trade(child=child, exec_id=ids[0], parent_exec_id=ids[1], quantity=quantity, price=price, at=at)
        self.trades.append(trade)
        if stamped != at:
            seen = "before its receipt" if stamped < child.terms.received_at else "after its receipt, so not to be seen"
            self.admit(FaultName.CLOCK_SKEW, at, child.venue.mic, exec_id=ids[0], life=child, detail=seen)
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
        delay = PARENT_DELAY if life.parent is None else CHILD_DELAY
        copy = DropCopy(happened + delay, body(report, life, self.version), report.kind is Kind.TRADE)
        self.told.append(copy)
        self.send(copy)

    def send(self, copy: DropCopy) -> None:
        """Put a report on the agenda; a silent feed holds it back until its end."""
        silent = self.plan.active(FaultName.SILENT_FEED, copy.at)
        at = copy.at if silent is None else self.plan.start + silent.end
        if at != copy.at:
            copy = DropCopy(at, copy.body, copy.trade, copy.resend)
        self.agenda.tell(at, copy)

    def admit(
        self,
        name: FaultName,
        at: int,
        subject: str,
        *,
        exec_id: str | None = None,
        life: Life | None = None,
        detail: str | None = None,
    ) -> None:
        """Write into the truth that a fault struck."""
        cl_ord_id = life.terms.cl_ord_id if life is not None else None
        line = Truth(
            at=at, fault=name, event="hit", subject=subject, exec_id=exec_id, cl_ord_id=cl_ord_id, detail=detail
        )
        self.agenda.tell(at, line)

    def _skewed(self, child: Life, at: int) -> bool:
        assert child.venue is not None
        return self.plan.strikes(FaultName.CLOCK_SKEW, at, child.venue.mic)
