"""The faults that strike at an instant: a lost number, a report told twice, a late bust, a message nobody can read."""

from __future__ import annotations

from rules.facts import SECOND
from service.simulator.amiss import Amiss
from service.simulator.bodies import field, without
from service.simulator.desk import Desk
from service.simulator.events import DropCopy, Gap
from service.simulator.faults import Fault, FaultName
from service.simulator.market import Market
from service.simulator.messages import SOH

LOST = 3
"""Sequence numbers lost in one gap."""
OLD = SECOND
TWICE = 4
"""Reports told again by one strike."""


class Mishaps:
    """Strikes once a second while a fault of this kind is on, and admits each strike in the truth."""

    def __init__(self, desk: Desk, market: Market) -> None:
        self._desk = desk
        self._unreadable = 0
        amiss = Amiss(desk, market)
        self._strikes = {
            FaultName.SEQUENCE_GAP: self._lose_numbers,
            FaultName.DUPLICATES: self._tell_twice,
            FaultName.LATE_BUST: self._bust_late,
            FaultName.UNDECODABLE_MESSAGE: self._mumble,
            FaultName.DUPLICATE_CONFLICT: amiss.contradict,
            FaultName.OVERFILL: amiss.overfill,
            FaultName.ORPHAN_BUST: amiss.bust_nothing,
            FaultName.HIDDEN_FILL: amiss.hide_fill,
            FaultName.LOST_REPORT: amiss.lose_report,
        }

    def strike(self, fault: Fault, at: int) -> None:
        """Do what the fault's name says, once."""
        self._strikes[fault.name](fault, at)

    def _lose_numbers(self, fault: Fault, at: int) -> None:
        lost = LOST if fault.strength is None else int(fault.strength)
        self._desk.admit(fault.name, at, "feed", detail=f"{lost} numbers", amount=lost)
        self._desk.agenda.tell(at, Gap(at, lost))

    def _tell_twice(self, fault: Fault, at: int) -> None:
        """Tell recent reports again: the even ones marked 97=Y, the odd ones unmarked, as a failover line would."""
        past = [copy for copy in self._desk.told if copy.at < at]
        often = TWICE if fault.strength is None else int(fault.strength)
        for number, copy in enumerate(past[-often:]):
            marked = number % 2 == 0
            self._desk.admit(
                fault.name,
                at,
                "feed",
                exec_id=field(copy.body, "17"),
                detail="marked 97=Y" if marked else "unmarked",
            )
            self._desk.send(DropCopy(at, copy.body, trade=False, resend=marked))

    def _bust_late(self, fault: Fault, at: int) -> None:
        """Bust the oldest execution that is remembered."""
        trade = next((trade for trade in self._desk.trades if not trade.amended and trade.at < at - OLD), None)
        if trade is None:
            return
        self._desk.bust(trade, at)
        self._desk.admit(fault.name, at, "feed", exec_id=trade.exec_id, life=trade.child, detail=f"from {trade.at}")

    def _mumble(self, fault: Fault, at: int) -> None:
        """Send a report that cannot be understood, each time in another way."""
        if not self._desk.told:
            return
        exec_id = self._desk.exec_id()
        base = without(self._desk.told[-1].body, {"17", "19", "20", "30", "31", "32", "150"})
        way, extra = UNREADABLE[self._unreadable % len(UNREADABLE)]
        self._unreadable += 1
        text = f"17={exec_id}{SOH}" + extra.replace("|", SOH) + base
        self._desk.admit(fault.name, at, "feed", exec_id=exec_id, detail=way)
        self._desk.send(DropCopy(at, text))


UNREADABLE = (
    ("unknown ExecType", "150=Z|"),
    ("a trade without a price", "150=F|32=100|30=XNAS|"),
    ("a bust that names nothing", "150=F|20=1|32=100|31=10.00|30=XNAS|"),
    ("a quantity finer than the scale", "150=F|32=100.0000001|31=10.00|30=XNAS|"),
)
