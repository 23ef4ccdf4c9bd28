"""A vendor whose line is as bad as they come, by a seed: it tells orders and breaks off, skips, repeats and resets.

The truth of what it reports is kept beside it: how every execution and every order ends. Made by hand over one raw
socket (tests/fix_peer.py); no FIX library and nothing of ours that reads messages is in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

from tests.fix_peer import SOH, Fields, FixPeer, seal, stamp

ORDERED = 1_000
VENUES = ("XNYS", "XNAS", "BATS")
SYMBOLS = ("IBM", "MSFT", "XYZ")

Ending = tuple[str, str, str]
"""Shares and price as plain text, and live, corrected or busted."""


@dataclass
class Truth:
    """How everything that was reported ends, and what of it the line never brought."""

    executions: dict[str, Ending] = field(default_factory=dict)
    orders: dict[str, list[object]] = field(default_factory=dict)
    reports: dict[str, int] = field(default_factory=lambda: {"executions": 0, "order_events": 0, "amendments": 0})
    held_back: int = 0

    def traded(self, order: str, exec_id: str, shares: int, price: str) -> None:
        """Note an execution."""
        self.executions[exec_id] = (str(shares), price, "live")
        self.orders[order][1] = int(str(self.orders[order][1])) + shares

    def amended(self, order: str, exec_id: str, shares: int, price: str) -> None:
        """Note a correction, or with no shares a bust."""
        was = 0 if self.executions[exec_id][2] == "busted" else int(self.executions[exec_id][0])
        told = (str(shares), price, "corrected") if shares else (*self.executions[exec_id][:2], "busted")
        self.executions[exec_id] = told
        self.orders[order][1] = int(str(self.orders[order][1])) - was + shares


@dataclass
class Open:
    """An order that the vendor still has something to say about."""

    name: str
    number: int
    trades: list[list[str]] = field(default_factory=list)
    """Each trade's ExecID and the ExecID that the next amendment of it names."""


@dataclass
class Kept:
    """One message as it was first sent: enough to send it again, and to write it into a log."""

    kind: str
    body: str
    sent_at: str


class WildVendor(FixPeer):
    """The acceptor's side of the line; numbers in `withheld` are sent by no resend."""

    def __init__(self, seed: int) -> None:
        super().__init__(heartbeat=30)
        self.dice = Random(seed)
        self.truth = Truth()
        self.withheld: set[int] = set()
        self.kept: dict[int, Kept] = {}
        self.heard: list[int] = []
        self.day = datetime.now(UTC).strftime("%Y%m%d")
        self._orders: list[Open] = []
        self._made = 0

    # -- what it reports ------------------------------------------------------------------------------------
    def reports(self) -> list[str]:
        """Return the bodies of what happens next: an order's beginning, a trade, an amendment or an end."""
        dice = self.dice
        if not self._orders or (len(self._orders) < 50 and dice.random() < 0.15):
            return [self.acknowledged()]
        order = dice.choice(self._orders)
        luck = dice.random()
        if luck < 0.08 or len(order.trades) >= 8:
            return [self.ended(order)]
        if luck < 0.16 and order.trades:
            return [self.amendment(order)]
        return [self.traded(order)]

    def acknowledged(self, *, alone: bool = False) -> str:
        """Begin an order; `alone` keeps it apart from those that go on by chance."""
        self._made += 1
        order = Open(f"O{self._made}", self._made)
        if not alone:
            self._orders.append(order)
        self.truth.orders[order.name] = ["open", 0]
        self.truth.reports["order_events"] += 1
        return self._report(order.name, f"N{self._made}", "0", t39="0")

    def lonely_trade(self) -> tuple[str, str, str]:
        """Return an order of its own: its acknowledgement, its one trade, and the ExecID of that."""
        told = self.acknowledged(alone=True)
        order = Open(f"O{self._made}", self._made)
        trade = self.traded(order)
        return told, trade, order.trades[0][0]

    def traded(self, order: Open) -> str:
        """Trade some shares of an order, never all of them."""
        self._made += 1
        exec_id, shares, price = f"E{self._made}", self.dice.randint(1, 100), f"10.{self.dice.randint(1, 9)}"
        order.trades.append([exec_id, exec_id])
        self.truth.traded(order.name, exec_id, shares, price)
        self.truth.reports["executions"] += 1
        return self._report(order.name, exec_id, "F", t39="1", t32=str(shares), t31=price, t30=self._venue())

    def amendment(self, order: Open) -> str:
        """Bust or correct a trade; the next amendment of it names this one."""
        self._made += 1
        trade = self.dice.choice(order.trades)
        exec_id, name = trade[0], f"A{self._made}"
        named, trade[1] = trade[1], name
        self.truth.reports["amendments"] += 1
        if self.dice.random() < 0.4:
            order.trades.remove(trade)
            self.truth.amended(order.name, exec_id, 0, "")
            return self._report(order.name, name, "H", t39="1", t19=named)
        shares, price = self.dice.randint(1, 100), f"10.{self.dice.randint(1, 9)}"
        self.truth.amended(order.name, exec_id, shares, price)
        said = {"t32": str(shares), "t31": price, "t30": self._venue()}
        return self._report(order.name, name, "G", t39="1", t19=named, **said)

    def ended(self, order: Open) -> str:
        """End an order: nothing more comes of it."""
        self._made += 1
        self._orders.remove(order)
        self.truth.orders[order.name][0] = "canceled"
        self.truth.reports["order_events"] += 1
        return self._report(order.name, f"X{self._made}", "4", t39="4", t58="unsolicited")

    def _venue(self) -> str:
        return self.dice.choice(VENUES)

    def _report(self, order: str, exec_id: str, kind: str, **tags: str) -> str:
        number = int(order[1:])
        told = {"37": order, "11": f"C{number}", "17": exec_id, "150": kind, "38": str(ORDERED)}
        told |= {"55": SYMBOLS[number % 3], "54": "1", "40": "2", "44": "11", "60": stamp(), "75": self.day}
        told |= {tag[1:]: value for tag, value in tags.items()}
        return "".join(f"{tag}={value}{SOH}" for tag, value in told.items())

    # -- how it sends ---------------------------------------------------------------------------------------
    def send_bodies(self, bodies: list[str], *, lost: bool = False, **header: str) -> list[int]:
        """Send reports under the next numbers in one write; return the numbers."""
        with self._changed:
            now = stamp()
            numbers = list(range(self.next_out, self.next_out + len(bodies)))
            self.next_out += len(bodies)
            self.kept.update((number, Kept("8", body, now)) for number, body in zip(numbers, bodies, strict=True))
            if not lost:
                self.send_bytes(b"".join(self.whole(number, **header) for number in numbers))
            return numbers

    def whole(self, number: int, **header: str) -> bytes:
        """Return a message that was kept, as it was sent; `header` (t43="Y") adds to it."""
        kept = self.kept[number]
        head = {"35": kept.kind, "49": self.sender, "56": self.target, "34": str(number), "52": kept.sent_at}
        head |= {tag[1:]: value for tag, value in header.items()}
        return seal(self.begin, "".join(f"{tag}={value}{SOH}" for tag, value in head.items()) + kept.body)

    def again(self, number: int) -> bytes:
        """Return a kept message as a resend of it."""
        return self.whole(number, t43="Y", t52=stamp(), t122=self.kept[number].sent_at)

    def skip(self, numbers: int, *, declared: bool) -> None:
        """Leave numbers out that stand for nothing: by a GapFill (`declared`), or by a reset to a higher number."""
        with self._changed:
            first, self.next_out = self.next_out, self.next_out + numbers
            fields: Fields = [(36, str(self.next_out))]
            self.send_bytes(self.message(first, "4", [(123, "Y"), *fields] if declared else fields))

    def reset(self) -> None:
        """Break off; the next logon begins the numbers anew."""
        with self._changed:
            self.reset_next_logon = True
            self.drop()

    def _log_on(self) -> None:
        with self._changed:
            if self.reset_next_logon:
                self.kept, self.withheld = {}, set()
            super()._log_on()

    def _on_resend(self, message: dict[int, str]) -> None:
        first, last = int(message[7]), int(message[16]) or self.next_out - 1
        self.heard.append(first)
        gap, pieces = None, []
        for number in range(first, min(last, self.next_out - 1) + 1):
            if number in self.withheld:
                pieces += self._filled(gap, number)
                gap = None
            elif number not in self.kept:
                gap = gap or number
            else:
                pieces += [*self._filled(gap, number), self.again(number)]
                gap = None
            if len(pieces) > 200:
                self.send_bytes(b"".join(pieces))
                pieces = []
        self.send_bytes(b"".join([*pieces, *self._filled(gap, self.next_out)]))

    def _filled(self, first: int | None, new: int) -> list[bytes]:
        if first is None:
            return []
        return [self.message(first, "4", [(123, "Y"), (36, str(new))], t43="Y", t122=stamp())]
