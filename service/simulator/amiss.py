"""Reports that are amiss: one told with other contents, one too many, one that names nothing, one hidden, one lost."""

from __future__ import annotations

from collections.abc import Callable

from rules.facts import MILLISECOND
from service.simulator.bodies import changed, field
from service.simulator.desk import CHILD_DELAY, Desk
from service.simulator.events import DropCopy
from service.simulator.faults import Fault
from service.simulator.market import LOT, TICK, Market
from service.simulator.messages import SOH, Kind, Report, body
from service.simulator.orders import Trade
from service.simulator.stamps import dollars

RECENT = 200 * MILLISECOND
_EXTRA = 100


class Amiss:
    """Each deed takes the newest execution that fits; where there is none, nothing is done and nothing admitted."""

    def __init__(self, desk: Desk, market: Market) -> None:
        self._desk = desk
        self._market = market

    def contradict(self, fault: Fault, at: int) -> None:
        """Tell an execution again under its id, at a price that differs by the strength in ticks."""
        trade = self._newest(at, lambda _: True)
        told = None if trade is None else self._told(trade)
        if trade is None or told is None:
            return
        price = dollars(trade.price + TICK * int(fault.strength or 1))
        self._admit(fault, trade, at)
        self._desk.send(DropCopy(at, changed(told.body, "31", price)))

    def overfill(self, fault: Fault, at: int) -> None:
        """Execute more of an order that is full: by the strength as a part of it, or a lot."""
        trade = self._newest(at, lambda one: one.child.status == "2")
        if trade is None:
            return
        child = trade.child
        part = _EXTRA if fault.strength is None else int(child.terms.quantity * fault.strength)
        extra = max(1, part)
        touch = self._market.quotes[child.terms.symbol].touch(child.terms.sign)
        child.fill(extra, touch)
        exec_id = self._desk.exec_id()
        self._say(
            trade, Report(kind=Kind.TRADE, at=at, exec_id=exec_id, venue=_mic(trade), quantity=extra, price=touch)
        )
        self._desk.admit(fault.name, at, _mic(trade), exec_id=exec_id, life=child, amount=extra)

    def bust_nothing(self, fault: Fault, at: int) -> None:
        """Bust an execution that nobody ever reported."""
        trade = self._newest(at, lambda _: True)
        if trade is None:
            return
        nothing = f"{self._desk.exec_id()}-NEVER"
        report = Report(
            kind=Kind.BUST,
            at=at,
            exec_id=self._desk.exec_id(),
            venue=_mic(trade),
            quantity=LOT,
            price=trade.price,
            refers_to=nothing,
        )
        self._say(trade, report)
        self._desk.admit(fault.name, at, "feed", exec_id=nothing, life=trade.child)

    def hide_fill(self, fault: Fault, at: int) -> None:
        """Put the last execution of an open order into the cancel that ends it."""
        trade = self._newest(
            at, lambda one: one.child.status == "4" and one.child.cumulative < one.child.terms.quantity
        )
        if trade is None:
            return
        child, exec_id = trade.child, self._desk.exec_id()
        touch = self._market.quotes[child.terms.symbol].touch(child.terms.sign)
        child.fill(1, touch)
        report = Report(kind=Kind.CANCELED, at=at, exec_id=exec_id, venue=_mic(trade))
        text = body(report, child, self._desk.version) + f"32=1{SOH}31={dollars(touch)}{SOH}"
        self._desk.send(DropCopy(at + CHILD_DELAY, text))
        self._desk.admit(fault.name, at, "feed", exec_id=exec_id, life=child)
        self._desk.admit_worse(child, exec_id, touch, at, touch)

    def lose_report(self, fault: Fault, at: int) -> None:
        """Let the next execution of an order that a cancel will end stay untold: only that total will show it."""
        del at
        self._desk.doomed = fault

    def _newest(self, at: int, fits: Callable[[Trade], bool]) -> Trade | None:
        for trade in reversed(self._desk.trades):
            if trade.at < at - RECENT:
                return None
            if trade.at < at and not trade.amended and fits(trade):
                return trade
        return None

    def _told(self, trade: Trade) -> DropCopy | None:
        return next((copy for copy in self._desk.told if field(copy.body, "17") == trade.exec_id), None)

    def _say(self, trade: Trade, report: Report) -> None:
        self._desk.say(trade.child, report, report.at)

    def _admit(self, fault: Fault, trade: Trade, at: int) -> None:
        self._desk.admit(fault.name, at, "feed", exec_id=trade.exec_id, life=trade.child)


def _mic(trade: Trade) -> str:
    assert trade.child.venue is not None
    return trade.child.venue.mic
