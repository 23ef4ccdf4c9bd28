"""One gateway child as the core sees it: process, stream, liveness, and the wait before it is started again."""

from __future__ import annotations

import os
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from importlib.resources import files
from pathlib import Path

import msgspec
import structlog

from rules.facts import Nanos
from service.fix.stream import (
    Acknowledge,
    Batch,
    Decoder,
    Message,
    Refused,
    SessionStatus,
    Status,
    Stop,
    StreamError,
    Wind,
    encode,
)
from service.fix.zone import zone_rule
from service.journal import Entry, RecordKind, SessionPoint

log = structlog.get_logger()

PIECE = 1 << 20
END_S = 5.0
"""A gateway whose stream has ended must be gone this soon."""
GRACE_S = 20.0
"""A gateway that was just started may take this long to its first sign of life (dictionaries, a slow disk)."""


class GatewaySpec(msgspec.Struct, frozen=True, kw_only=True):
    """What a gateway is started with; `allowed` is the dialect's recovery allow-list.

    `sessions` names the sessions so that they are shown before the gateway first speaks; `time_zone` is theirs.
    """

    counterparty: str
    config: Path
    store: Path
    allowed: tuple[str, ...] = ()
    on_receipt: bool = False
    time_zone: str = "UTC"
    sessions: tuple[str, ...] = ()


class GatewayState(msgspec.Struct, frozen=True, kw_only=True):
    """A gateway for metrics and health: `restarts` counts starts after the first, `status_at` is our clock."""

    counterparty: str
    running: bool
    restarts: int
    pid: int | None = None
    status_at: Nanos | None = None
    engine_age: Nanos | None = None
    inbox: int = 0
    tapped: int = 0
    sessions: tuple[SessionStatus, ...] = ()
    last_reason: str = ""


class Child:
    """A gateway that is started, listened to, and started again when it dies or falls silent."""

    def __init__(
        self,
        spec: GatewaySpec,
        *,
        points: Callable[[str], tuple[SessionPoint, ...]],
        selector: selectors.BaseSelector,
        backoff_s: tuple[float, float],
        silence_s: float,
    ) -> None:
        self.spec = spec
        self._points = points
        self._selector = selector
        self._backoff_s = backoff_s
        self._silence_s = silence_s
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: socket.socket | None = None
        self._decoder = Decoder()
        self._events: list[Entry] = []
        self._status: Status | None = None
        self._seen: tuple[SessionStatus, ...] = ()
        self._killed = False
        self._starts = 0
        self._wait_s = backoff_s[0]
        self._start_at = 0.0
        self._started_at = 0.0
        self._heard_at = 0.0
        self._closed_at = 0.0
        self._stop_by = float("inf")
        self._reason = ""
        self._refusal = ""

    @property
    def running(self) -> bool:
        """Return whether there is a process."""
        return self._process is not None

    def state(self) -> GatewayState:
        """Return the state as it was last heard of; what is not running has nobody logged on."""
        process = self._process
        status = self._status if process is not None else None
        return GatewayState(
            counterparty=self.spec.counterparty,
            running=process is not None,
            restarts=max(0, self._starts - 1),
            pid=process.pid if process is not None else None,
            status_at=status.at if status else None,
            engine_age=status.engine_age if status else None,
            inbox=status.inbox if status else 0,
            tapped=status.tapped if status else 0,
            sessions=status.sessions if status else self._down(),
            last_reason=self._refusal or self._reason,
        )

    def _down(self) -> tuple[SessionStatus, ...]:
        known = {session.session: session for session in self._seen}
        absent = SessionStatus(session="", logged_on=False, expected=0)
        return tuple(
            msgspec.structs.replace(known.get(name, absent), session=name, logged_on=False)
            for name in dict.fromkeys((*self.spec.sessions, *known))
        )

    def take_events(self) -> list[Entry]:
        """Return what happened to the gateway since it was last asked, as journal entries."""
        events, self._events = self._events, []
        return events

    def look(self, *, may_start: bool) -> None:
        """Start the gateway when it is time, end it when it is silent or late."""
        now = time.monotonic()
        if self._process is None:
            if may_start and now >= self._start_at:
                self._start(now)
            return
        if self._connection is None:
            if self._process.poll() is not None:
                self._bury(now)
            elif now - self._closed_at > END_S:
                self._process.kill()
            return
        patience = self._silence_s if self._status is not None else max(GRACE_S, self._silence_s)
        if now - self._heard_at > patience:
            self.kill(f"no sign of life for {patience:g} s")
        elif now > self._stop_by:
            self.kill("it did not stop in time")

    def read(self) -> list[Batch]:
        """Read once; return the batches, keep the newest status, note the end of the stream."""
        assert self._connection is not None
        try:
            piece = self._connection.recv(PIECE)
            messages = self._decoder.feed(piece)
        except BlockingIOError:
            return []
        except ConnectionResetError:  # it ended without having read all of its commands
            self._close()
            return []
        except (OSError, StreamError) as error:
            self.kill(f"its stream cannot be read: {error}")
            return []
        if not piece:
            self._close()
            return []
        self._heard_at = time.monotonic()
        for message in messages:
            if isinstance(message, Status):
                self._status = message
                self._seen = message.sessions
            elif isinstance(message, Refused):
                self._refusal = message.reason
        return [message for message in messages if isinstance(message, Batch)]

    def send(self, message: Message) -> None:
        """Send a command; a gateway that takes none any more is killed."""
        if self._connection is None:
            return
        try:
            self._connection.sendall(encode(message))
        except OSError as error:
            self.kill(f"it takes no commands: {error}")

    def acknowledge(self, number: int) -> None:
        """Tell the gateway what is committed, if it waits for that."""
        if self.spec.on_receipt:
            self.send(Acknowledge(number=number))

    def ask_to_stop(self, deadline: float) -> None:
        """Ask for a logout and an end, by a deadline of the monotonic clock."""
        self._stop_by = deadline
        self._reason = "stopped"
        self.send(Stop())

    def kill(self, reason: str) -> None:
        """End the process at once; what it has sent so far is still read, up to here."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._reason = self._refusal or reason
            self._killed = True
            self._note("killed", self._reason)
            self._process.kill()
        self._close()

    def give_up(self, reason: str) -> None:
        """Leave a start that failed, and try again after the usual wait."""
        self.kill(reason)
        if self._process is None:
            self._reason = reason
            self._wait(time.monotonic())

    def _start(self, now: float) -> None:
        points = self._points(self.spec.counterparty)
        with ExitStack() as unless_started:
            ours, theirs = socket.socketpair()
            unless_started.callback(ours.close)
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603 # our own module, with our own arguments
                    self._command(theirs.fileno()), pass_fds=(theirs.fileno(),), env=self._environment()
                )
            unless_started.pop_all()
        ours.setblocking(False)
        self._connection = ours
        self._decoder = Decoder()
        self._status = None
        self._killed = False
        self._starts += 1
        self._started_at = self._heard_at = now
        self._selector.register(ours, selectors.EVENT_READ, self)
        self._note("started", self._reason)
        self._reason = self._refusal = ""
        self.send(Wind(points=points))

    def _command(self, descriptor: int) -> list[str]:
        spec = self.spec
        command = [sys.executable, "-m", "service.fix.gateway", "--fd", str(descriptor), "--parent", str(os.getpid())]
        command += ["--counterparty", spec.counterparty, "--config", str(spec.config), "--store", str(spec.store)]
        command += ["--on-receipt"] if spec.on_receipt else []
        return command + [word for kind in spec.allowed for word in ("--allow", kind)]

    def _environment(self) -> dict[str, str]:
        root = str(Path(str(files("service"))).parent)
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
        return {**os.environ, "PYTHONPATH": path, "TZ": zone_rule(self.spec.time_zone)}

    def _close(self) -> None:
        if self._connection is not None:
            self._selector.unregister(self._connection)
            self._connection.close()
            self._connection = None
            self._closed_at = time.monotonic()

    def _bury(self, now: float) -> None:
        """Note how the process ended, and when it is started again."""
        assert self._process is not None
        code = self._process.wait()
        self._process = None
        self._status = None
        reason = self._refusal or self._reason or (f"signal {-code}" if code < 0 else f"exit code {code}")
        self._reason = reason
        if not self._killed:
            self._note("stopped" if code == 0 else "died", reason)
        if code != 0:
            log.warning("gateway_died", counterparty=self.spec.counterparty, reason=reason, wait_s=self._wait_s)
        self._wait(now)

    def _wait(self, now: float) -> None:
        """Wait longer each time, and shortly again after it has lived for longer than the longest wait."""
        least, most = self._backoff_s
        if now - self._started_at > most:
            self._wait_s = least
        self._start_at = now + self._wait_s
        self._wait_s = min(most, self._wait_s * 2)

    def _note(self, event: str, reason: str) -> None:
        body = {"event": event, "reason": reason, "restarts": max(0, self._starts - 1)}
        self._events.append(
            Entry(
                kind=RecordKind.GATEWAY,
                counterparty=self.spec.counterparty,
                received_at=Nanos(time.time_ns()),
                body=msgspec.json.encode(body, order="sorted"),
            )
        )
