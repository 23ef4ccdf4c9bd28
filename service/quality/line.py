"""One session as the journal sees it: the simulated router's reports as records, with the gateway's own beside them.

Pure. Numbers that the router lost are answered as a FIX engine answers a ResendRequest: by a gap fill, a moment after
the message behind them showed that they are missing.
"""

from __future__ import annotations

import msgspec

from rules.facts import MILLISECOND, SECOND, Nanos
from service.journal import Entry, RecordKind
from service.simulator.events import DropCopy
from service.simulator.messages import SOH, BeginString
from service.simulator.wire import TRANSPORT, framed

HEARTBEAT = 30 * SECOND
ANSWERED_AFTER = 200 * MILLISECOND
"""How long a resend request takes to be answered."""


class Line:
    """A session of one counterparty; every method returns the records that it makes, each with its time of receipt."""

    def __init__(self, counterparty: str, sender: str, target: str = "FIRM") -> None:
        self.counterparty = counterparty
        self.session = f"FIX.4.4:{target}->{sender}"
        self.epoch = "1"
        self.sequence = 1
        self.ahead = 0
        """By how much the sender's clock is ahead of ours, in ns."""
        self._sender, self._target = sender, target
        self._spoken = 0
        self._lost: list[tuple[int, int]] = []

    def report(self, copy: DropCopy) -> list[Entry]:
        """Return an execution report as it is received."""
        return [self._message(copy.at, copy.body, "8", resend=copy.resend), *self._answers(copy.at)]

    def message(self, at: int, fields: str, msg_type: str) -> list[Entry]:
        """Return any other message, fields with SOH between and after them."""
        return [self._message(at, fields, msg_type)]

    def heartbeat(self, at: int) -> list[Entry]:
        """Return a heartbeat when the sender has said nothing for so long."""
        return [self._message(at, "", "0")] if at - self._spoken >= HEARTBEAT else []

    def lose(self, count: int) -> None:
        """Lose numbers."""
        self._lost.append((self.sequence, self.sequence + count))
        self.sequence += count

    def anew(self, at: int) -> list[Entry]:
        """Begin the numbers anew, as a store that was replaced does."""
        previous, self.epoch = self.epoch, str(int(self.epoch) + 1)
        self.sequence = 1
        return [self.control(at, RecordKind.EPOCH, {"epoch": self.epoch, "previous": previous, "expected": 1})]

    def said(self, at: int, event: str, **words: str) -> list[Entry]:
        """Return a session event, in the gateway's words."""
        return [self.control(at, RecordKind.SESSION, {"event": event, **words})]

    def refused(self, at: int) -> list[Entry]:
        """Return the reject that our engine sent of the message before."""
        body = f"35=3{SOH}45={self.sequence - 1}{SOH}371=150{SOH}373=5{SOH}58=Value is incorrect{SOH}"
        return [self._entry(at, RecordKind.OWN_REJECT, body.encode())]

    def control(self, at: int, kind: RecordKind, words: dict[str, object]) -> Entry:
        """Return a record of the gateway's own."""
        return self._entry(at, kind, msgspec.json.encode(words))

    def _answers(self, at: int) -> list[Entry]:
        """Return the gap fills that say that nothing was sent under what was lost."""
        lost, self._lost = self._lost, []
        return [
            self._message(at + ANSWERED_AFTER, f"43=Y{SOH}123=Y{SOH}36={upto}{SOH}", "4", number=first)
            for first, upto in lost
        ]

    def _message(
        self, at: int, fields: str, msg_type: str, *, resend: bool = False, number: int | None = None
    ) -> Entry:
        body = framed(
            BeginString.FIX44,
            fields,
            sequence=self.sequence if number is None else number,
            sent_at=at + self.ahead,
            resend=resend,
            sender=self._sender,
            target=self._target,
            msg_type=msg_type,
        )
        if number is None:
            self.sequence += 1
        self._spoken = max(self._spoken, at)
        return self._entry(at + TRANSPORT, RecordKind.MESSAGE, body)

    def _entry(self, at: int, kind: RecordKind, body: bytes) -> Entry:
        return Entry(
            kind=kind,
            counterparty=self.counterparty,
            session=self.session,
            epoch=self.epoch,
            received_at=Nanos(at),
            body=body,
        )
