"""The faults that strike at an instant: a lost number, a report told twice, a late bust, a message nobody can read."""

from __future__ import annotations

from collections.abc import Callable

from rules.facts import SECOND
from service.simulator.desk import Desk
from service.simulator.dice import Dice
from service.simulator.events import DropCopy, Gap
from service.simulator.faults import Fault, FaultName
from service.simulator.messages import SOH

LOST = 3
OLD = SECOND
"""Sequence numbers lost in one gap."""
TWICE = 4
"""Reports told again by one strike."""


class Mishaps:
    """Strikes once a second while a fault of this kind is on, and admits each strike in the truth."""

    def __init__(self, desk: Desk, dice: Dice) -> None:
        self._desk = desk
        self._dice = dice
        self._unreadable = 0

    def strike(self, fault: Fault, at: int) -> None:
        """Do what the fault's name says, once."""
        strikes: dict[FaultName, Callable[[int], None]] = {
            FaultName.SEQUENCE_GAP: self._lose_numbers,
            FaultName.DUPLICATES: self._tell_twice,
            FaultName.LATE_BUST: self._bust_late,
            FaultName.UNDECODABLE_MESSAGE: self._mumble,
        }
        strikes[fault.name](at)

    def _lose_numbers(self, at: int) -> None:
        self._desk.admit(FaultName.SEQUENCE_GAP, at, "feed", detail=f"{LOST} numbers")
        self._desk.agenda.tell(at, Gap(at, LOST))

    def _tell_twice(self, at: int) -> None:
        """Tell recent reports again: the even ones marked 97=Y, the odd ones unmarked, as a failover line would."""
        past = [copy for copy in self._desk.told if copy.at < at]
        for number, copy in enumerate(past[-TWICE:]):
            marked = number % 2 == 0
            self._desk.admit(
                FaultName.DUPLICATES,
                at,
                "feed",
                exec_id=field(copy.body, "17"),
                detail="marked 97=Y" if marked else "unmarked",
            )
            self._desk.send(DropCopy(at, copy.body, trade=False, resend=marked))

    def _bust_late(self, at: int) -> None:
        """Bust the oldest execution that is remembered."""
        trade = next((trade for trade in self._desk.trades if not trade.amended and trade.at < at - OLD), None)
        if trade is None:
            return
        self._desk.bust(trade, at)
        self._desk.admit(
            FaultName.LATE_BUST, at, "feed", exec_id=trade.exec_id, life=trade.child, detail=f"from {trade.at}"
        )

    def _mumble(self, at: int) -> None:
        """Send a report that cannot be understood, each time in another way."""
        if not self._desk.told:
            return
        exec_id = self._desk.exec_id()
        base = without(self._desk.told[-1].body, {"17", "19", "20", "30", "31", "32", "150"})
        way, extra = UNREADABLE[self._unreadable % len(UNREADABLE)]
        self._unreadable += 1
        text = f"17={exec_id}{SOH}" + extra.replace("|", SOH) + base
        self._desk.admit(FaultName.UNDECODABLE_MESSAGE, at, "feed", exec_id=exec_id, detail=way)
        self._desk.send(DropCopy(at, text))


UNREADABLE = (
    ("unknown ExecType", "150=Z|"),
    ("a trade without a price", "150=F|32=100|30=XNAS|"),
    ("a bust that names nothing", "150=F|20=1|32=100|31=10.00|30=XNAS|"),
    ("a quantity finer than the scale", "150=F|32=100.0000001|31=10.00|30=XNAS|"),
)


def field(body: str, tag: str) -> str | None:
    """Return the first value of a tag in a body."""
    for part in body.split(SOH):
        name, _, value = part.partition("=")
        if name == tag:
            return value
    return None


def without(body: str, tags: set[str]) -> str:
    """Return the body without these tags."""
    return "".join(part + SOH for part in body.split(SOH)[:-1] if part.partition("=")[0] not in tags)
