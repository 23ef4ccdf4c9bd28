"""The pump of a gateway: takes what was tapped, sends it to the core in frames, and obeys the core's commands.

Every message below a frame's point is in that frame or an earlier one: the numbers are read before the inbox is
emptied, and hold only if the epoch is still the same afterwards (design.md §2.2).
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from rules.facts import MILLISECOND, SECOND, Nanos
from service.fix.inbox import Inbox, Item
from service.fix.message import masked
from service.fix.stream import (
    Acknowledge,
    Advance,
    Batch,
    Decoder,
    LogOut,
    Message,
    Refused,
    Send,
    SessionStatus,
    Status,
    Stop,
    StreamError,
    Wind,
    encode,
)
from service.journal import Entry, SessionPoint

MOST = 512
GATHER_S = 0.0005
IDLE_S = 0.25
STATUS_EVERY = 500 * MILLISECOND
FIRST_COMMAND_S = 30.0
STOP_S = 4.0
EXIT_STOPPED, EXIT_REFUSED, EXIT_WEDGED, EXIT_FAILED, EXIT_STREAM_ENDED = 0, 3, 4, 5, 6


class RefusedToStartError(Exception):
    """The gateway cannot start, and why."""


class Tapped(Protocol):
    """What the pump needs of one session's tap."""

    def mark(self) -> SessionPoint | None:
        """Return how far the session has come; asked before the inbox is emptied."""

    def confirm(self, point: SessionPoint) -> bool:
        """Return whether that still holds; asked after."""


class TappedEngine(Protocol):
    """What the pump needs of the engine: its taps, its signs of life, and its commands."""

    thread_id: int

    @property
    def taps(self) -> Sequence[Tapped]:
        """Return the taps of all sessions."""

    def statuses(self) -> tuple[SessionStatus, ...]:
        """Return every session's state."""

    def bound(self) -> Nanos:
        """Return how long the engine's thread may be silent before it counts as wedged."""

    def start(self) -> None:
        """Begin to connect or to listen."""

    def stop(self, timeout_s: float) -> None:
        """Log out and end the engine's thread."""

    def log_out(self, reason: str) -> None:
        """Ask every session to log out and stay so."""

    def ask(self, command: Send) -> None:
        """Send one message of the recovery allow-list, if its session is logged on."""

    def advance(self, command: Advance) -> None:
        """Let a session expect a later number, once that is known to leave nothing out."""


class Pump:
    """The pump between one engine's inbox and the stream."""

    def __init__(self, connection: socket.socket, counterparty: str, inbox: Inbox) -> None:
        self.engine: TappedEngine | None = None
        self._connection = connection
        self._counterparty = counterparty
        self._inbox = inbox
        self._decoder = Decoder()
        self._number = 0
        self._next_status = 0
        self._sent_points: dict[str, SessionPoint] = {}
        self._stopping = threading.Event()
        self._ended = threading.Event()
        self._switches = -1
        self._age = Nanos(0)
        self._wedged = False

    def first_command(self) -> Wind:
        """Wait for what the journal holds; the core sends it first."""
        self._connection.settimeout(FIRST_COMMAND_S)
        while True:
            try:
                piece = self._connection.recv(65536)
            except TimeoutError:
                piece = b""
            if not piece:
                msg = "the daemon said nothing of what its journal holds"
                raise RefusedToStartError(msg)
            for message in self._decoder.feed(piece):
                if isinstance(message, Wind):
                    self._connection.settimeout(None)
                    return message

    def run(self, engine: TappedEngine) -> int:
        """Pump until there is a reason to end; return the exit code."""
        self.engine = engine
        threading.Thread(target=self._listen, name="commands", daemon=True).start()
        engine.start()
        while True:
            self._inbox.wait(IDLE_S)
            if not self._inbox.on_receipt:
                time.sleep(GATHER_S)
            with suppress(OSError):
                self._pump()
                self._report()
            if (code := self._end()) is not None:
                return code

    def refuse(self, reason: str) -> None:
        """Say why it ends, to the core if it still listens."""
        with suppress(OSError):
            self._send(Refused(reason=reason.encode("utf-8", "backslashreplace").decode()))

    def request_stop(self) -> None:
        """End soon, politely."""
        self._stopping.set()

    def _end(self) -> int | None:
        assert self.engine is not None
        if self._ended.is_set():
            return EXIT_STREAM_ENDED
        if self._inbox.failure is not None:
            self.refuse(self._inbox.failure)
            return EXIT_FAILED
        if self._wedged:
            self.refuse(f"the FIX engine's thread has not moved for {self._age / SECOND:.1f} s")
            return EXIT_WEDGED
        if self._stopping.is_set():
            self.engine.stop(STOP_S)
            with suppress(OSError):
                self._pump()
                self._send(self._status())
            return EXIT_STOPPED
        return None

    def _pump(self) -> None:
        """Send what is in the inbox; every message below a point's number is in its frame or an earlier one."""
        assert self.engine is not None
        while not self._ended.is_set():
            marks = [(tap, mark) for tap in self.engine.taps if (mark := tap.mark()) is not None]
            owed = len(self._inbox)
            if owed == 0:
                self._send_points(marks)
                return
            while owed > 0:
                items = self._inbox.take(min(MOST, owed))
                owed -= len(items)
                points = _confirmed(marks) if owed == 0 else ()
                self._send_batch(tuple(map(self._entry, items)), points)

    def _send_points(self, marks: list[tuple[Tapped, SessionPoint]]) -> None:
        """Send how far the engine has come since, if nothing else is to be sent."""
        points = _confirmed(marks)
        if any(self._sent_points.get(point.session) != point for point in points):
            self._send_batch((), points)

    def _send_batch(self, entries: tuple[Entry, ...], points: tuple[SessionPoint, ...]) -> None:
        self._number += 1
        self._inbox.sent(self._number)
        self._send(Batch(number=self._number, entries=entries, points=points))
        self._sent_points.update({point.session: point for point in points})

    def _entry(self, item: Item) -> Entry:
        body = item.body
        if isinstance(body, str):
            body = masked(body.encode("utf-8", "surrogateescape"))
        return Entry(
            kind=item.kind,
            counterparty=self._counterparty,
            session=item.session,
            epoch=item.epoch,
            received_at=Nanos(item.received_at),
            body=body,
        )

    def _report(self) -> None:
        now = time.monotonic_ns()
        if now >= self._next_status:
            self._next_status = now + STATUS_EVERY
            self._send(self._status())

    def _status(self) -> Status:
        assert self.engine is not None
        sessions = self.engine.statuses()
        if not any(session.logged_on for session in sessions):
            self._ask_kernel(self.engine.thread_id)
        self._age = Nanos(time.monotonic_ns() - self._inbox.activity)
        bound = self.engine.bound()
        self._wedged = self._age > bound
        return Status(
            at=Nanos(time.time_ns()),
            engine_age=self._age,
            engine_bound=bound,
            inbox=len(self._inbox),
            tapped=self._inbox.tapped,
            sessions=sessions,
        )

    def _ask_kernel(self, thread_id: int) -> None:
        """Count it as life when the engine's thread runs at all: with no session logged on it calls nobody."""
        switches = _switches(thread_id)
        if switches != self._switches:
            self._switches = switches
            self._inbox.activity = time.monotonic_ns()

    def _send(self, message: Message) -> None:
        self._connection.sendall(encode(message))

    def _listen(self) -> None:
        """Take commands until the stream ends, on a thread of its own."""
        try:
            while piece := self._connection.recv(65536):
                for message in self._decoder.feed(piece):
                    self._obey(message)
        except (OSError, StreamError):
            pass
        finally:
            self._ended.set()
            self._inbox.wake()
            with suppress(OSError):  # a pump that is stuck in a send is let go
                self._connection.shutdown(socket.SHUT_RDWR)

    def _obey(self, message: Message) -> None:
        if isinstance(message, Acknowledge):
            self._inbox.acknowledge(message.number)
        elif isinstance(message, Stop):
            self._stopping.set()
            self._inbox.wake()
        elif isinstance(message, LogOut) and self.engine is not None:
            self.engine.log_out(message.reason)
        elif isinstance(message, Send) and self.engine is not None:
            self.engine.ask(message)
        elif isinstance(message, Advance) and self.engine is not None:
            self.engine.advance(message)


def _confirmed(marks: list[tuple[Tapped, SessionPoint]]) -> tuple[SessionPoint, ...]:
    return tuple(mark for tap, mark in marks if tap.confirm(mark))


def _switches(thread_id: int) -> int:
    """Return how often the kernel has put the thread to sleep, 0 when it cannot be told."""
    with suppress(OSError), Path(f"/proc/self/task/{thread_id}/status").open(encoding="ascii") as status:
        for line in status:
            if line.startswith("voluntary_ctxt_switches"):
                return int(line.split()[1])
    return 0
