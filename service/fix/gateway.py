"""The gateway child: one counterparty's FIX engine, tapped into a stream to the core, which is its parent.

It decides nothing about what it reads. It ends when its stream ends, when its parent dies, when a callback failed, or
when the engine's thread no longer lives; whatever it could not hand over comes back by a resend.
"""

from __future__ import annotations

import argparse
import ctypes
import fcntl
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rules.facts import MILLISECOND, SECOND, Nanos
from service.fix.inbox import Inbox, Item
from service.fix.message import masked
from service.fix.session import Engine
from service.fix.session_cfg import SessionConfigError, read_session_cfg
from service.fix.stream import (
    Acknowledge,
    Batch,
    Decoder,
    LogOut,
    Message,
    Refused,
    Status,
    Stop,
    StreamError,
    Wind,
    encode,
)
from service.journal import Entry, RecordKind, SessionPoint

LOCK_FILE = "gateway.lock"
MOST = 512
GATHER_S = 0.0005
STATUS_EVERY = 500 * MILLISECOND
FIRST_COMMAND_S = 30.0
STOP_S = 4.0
EXIT_STOPPED, EXIT_REFUSED, EXIT_WEDGED, EXIT_FAILED, EXIT_STREAM_ENDED = 0, 3, 4, 5, 6
_PR_SET_PDEATHSIG = 1


class RefusedToStartError(Exception):
    """The gateway cannot start, and why."""


class Gateway:
    """The pump between one engine's inbox and the stream."""

    def __init__(self, connection: socket.socket, counterparty: str, inbox: Inbox) -> None:
        self.engine: Engine | None = None
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

    def run(self, engine: Engine) -> int:
        """Pump until there is a reason to end; return the exit code."""
        self.engine = engine
        threading.Thread(target=self._listen, name="commands", daemon=True).start()
        engine.start()
        while True:
            self._inbox.wait(0.25)
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
            self._send(Refused(reason=reason))

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
            marks = [mark for tap in self.engine.taps if (mark := tap.mark()) is not None]
            owed = len(self._inbox)
            if owed == 0:
                self._send_points(marks)
                return
            while owed > 0:
                items = self._inbox.take(min(MOST, owed))
                owed -= len(items)
                points = self._confirmed(marks) if owed == 0 else ()
                self._send_batch(tuple(map(self._entry, items)), points)

    def _send_points(self, marks: list[SessionPoint]) -> None:
        points = self._confirmed(marks)
        if any(self._sent_points.get(point.session) != point for point in points):
            self._send_batch((), points)

    def _confirmed(self, marks: list[SessionPoint]) -> tuple[SessionPoint, ...]:
        assert self.engine is not None
        return tuple(mark for mark in marks if self.engine.tap(mark.session).confirm(mark))

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


def _switches(thread_id: int) -> int:
    """Return how often the kernel has put the thread to sleep, 0 when it cannot be told."""
    with suppress(OSError), open(f"/proc/self/task/{thread_id}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("voluntary_ctxt_switches"):
                return int(line.split()[1])
    return 0


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent dies; refuse if that has already happened."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        msg = "the daemon that started this gateway is gone"
        raise RefusedToStartError(msg)


@contextmanager
def locked(store: Path) -> Iterator[None]:
    """Hold the FIX store alone; a second gateway on the same files would corrupt them."""
    store.mkdir(parents=True, exist_ok=True)
    with (store / LOCK_FILE).open("w", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            msg = f"another gateway holds the FIX store {store}; end it, or give this one a store of its own"
            raise RefusedToStartError(msg) from None
        yield


def main(arguments: list[str] | None = None) -> int:
    """Run the gateway of one counterparty on the socket that was handed down."""
    options = _options(arguments)
    gateway: Gateway | None = None
    try:
        die_with_parent(options.parent)
        inbox = Inbox(on_receipt=options.on_receipt)
        connection = socket.socket(fileno=options.fd)
        gateway = Gateway(connection, options.counterparty, inbox)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the daemon ends its children in order
        signal.signal(signal.SIGTERM, lambda *_: gateway.request_stop())
        with locked(options.store):
            return _serve(gateway, inbox, options)
    except (RefusedToStartError, SessionConfigError, OSError, RuntimeError) as error:
        if gateway is not None:
            gateway.refuse(str(error))
        print(f"gateway {options.counterparty}: {error}", file=sys.stderr)  # noqa: T201 # before any log there is
        return EXIT_REFUSED


def _serve(gateway: Gateway, inbox: Inbox, options: argparse.Namespace) -> int:
    config = read_session_cfg(options.config)
    points = gateway.first_command().points
    engine = Engine(
        config,
        counterparty=options.counterparty,
        store=options.store,
        inbox=inbox,
        points=points,
        allowed=options.allow,
    )
    if inbox.failure is not None:
        raise RefusedToStartError(inbox.failure)
    return gateway.run(engine)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="gateway", description="Started by sorwatch, not by hand.")
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--counterparty", required=True)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--allow", action="append", default=[])
    parser.add_argument("--on-receipt", action="store_true")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.setswitchinterval(0.0005)
    exit_code = main()
    sys.stderr.flush()
    os._exit(exit_code)  # no destructor of the engine may keep the process alive
