"""The pump with an engine that does what a test says: points only when true, wedged engines, failures, stream's end."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from rules.facts import Nanos
from service.fix.inbox import Inbox, Item
from service.fix.pump import (
    EXIT_FAILED,
    EXIT_STOPPED,
    EXIT_STREAM_ENDED,
    EXIT_WEDGED,
    MOST,
    Pump,
    RefusedToStartError,
)
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
    Wind,
    encode,
)
from service.journal import RecordKind, SessionPoint


class FakeTap:
    """A tap whose number follows what a test says; `true` is what `confirm` answers."""

    def __init__(self) -> None:
        self.expected = 1
        self.true = True

    def mark(self) -> SessionPoint | None:
        """Return the number."""
        return SessionPoint(counterparty="demo", session="S", epoch="E", expected=self.expected)

    def confirm(self, point: SessionPoint) -> bool:
        """Return what the test says."""
        return self.true


class FakeEngine:
    """An engine without a thread."""

    def __init__(self) -> None:
        self.thread_id = threading.get_native_id()
        self.tap = FakeTap()
        self.patience = Nanos(60_000_000_000)
        self.logged_on = True
        self.logged_out = threading.Event()
        self.stopped = False
        self.commands: list[Message] = []

    @property
    def taps(self) -> tuple[FakeTap, ...]:
        """Return the only tap."""
        return (self.tap,)

    def statuses(self) -> tuple[SessionStatus, ...]:
        """Return the only session's state."""
        return (SessionStatus(session="S", logged_on=self.logged_on, expected=self.tap.expected),)

    def bound(self) -> Nanos:
        """Return the patience that the test gives."""
        return self.patience

    def start(self) -> None:
        """Do nothing."""

    def stop(self, timeout_s: float) -> None:
        """Note it."""
        self.stopped = True

    def log_out(self, reason: str) -> None:
        """Note it."""
        self.logged_out.set()

    def ask(self, command: Send) -> None:
        """Note it."""
        self.commands.append(command)

    def advance(self, command: Advance) -> None:
        """Note it."""
        self.commands.append(command)


class Core:
    """The core's end of the stream."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._connection.settimeout(10)
        self._decoder = Decoder()
        self.heard: list[Message] = []

    def say(self, message: Message) -> None:
        """Send one command."""
        self._connection.sendall(encode(message))

    def listen(self, kind: type[Message], count: int = 1) -> list[Message]:
        """Read until so many messages of a kind were heard, or the stream ends."""
        while sum(isinstance(message, kind) for message in self.heard) < count:
            piece = self._connection.recv(1 << 20)
            if not piece:
                break
            self.heard += self._decoder.feed(piece)
        return [message for message in self.heard if isinstance(message, kind)]

    def close(self) -> None:
        """End the stream."""
        self._connection.close()


@pytest.fixture
def line() -> Iterator[tuple[Core, Pump, FakeEngine, Inbox]]:
    """Give a pump and what is around it."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        inbox = Inbox()
        yield Core(ours), Pump(theirs, "demo", inbox), FakeEngine(), inbox


def put(inbox: Inbox, *bodies: str) -> None:
    """Tap messages."""
    for body in bodies:
        inbox.put(Item(RecordKind.MESSAGE, "S", "E", time.time_ns(), body))


def running(pump: Pump, engine: FakeEngine) -> tuple[threading.Thread, list[int]]:
    """Run the pump on a thread; its exit code ends up in the list."""
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(pump.run(engine)))
    thread.start()
    return thread, codes


Line = tuple[Core, Pump, FakeEngine, Inbox]


def test_the_point_goes_with_the_last_frame_of_what_was_there_when_it_was_read(line: Line) -> None:
    """More than one frame's worth waits: only the frame that empties the inbox up to then carries the number."""
    core, pump, engine, inbox = line
    engine.tap.expected = MOST + 101
    put(inbox, *map(str, range(MOST + 100)))
    thread, _ = running(pump, engine)

    batches = core.listen(Batch, 2)
    core.say(Stop())
    thread.join(10)

    assert [len(batch.entries) for batch in batches if isinstance(batch, Batch)] == [MOST, 100]
    assert [bool(batch.points) for batch in batches if isinstance(batch, Batch)] == [False, True]


def test_a_point_that_is_no_longer_true_is_left_out(line: Line) -> None:
    """The entries go all the same."""
    core, pump, engine, inbox = line
    engine.tap.true = False
    put(inbox, "1")
    thread, _ = running(pump, engine)

    (batch,) = core.listen(Batch)
    core.say(Stop())
    thread.join(10)

    assert isinstance(batch, Batch)
    assert (len(batch.entries), batch.points) == (1, ())


def test_a_number_that_moves_without_messages_is_sent_too(line: Line) -> None:
    """The last message was sent before the engine had counted it: the point follows when the line is quiet."""
    core, pump, engine, inbox = line
    put(inbox, "1")
    thread, _ = running(pump, engine)
    core.listen(Batch)
    engine.tap.expected = 2

    batches = core.listen(Batch, 2)
    core.say(Stop())
    thread.join(10)

    last = batches[-1]
    assert isinstance(last, Batch)
    assert (last.entries, last.points[0].expected) == ((), 2)


def test_secrets_are_masked_on_their_way(line: Line) -> None:
    """Bytes that are no UTF-8 pass unchanged."""
    core, pump, engine, inbox = line
    put(inbox, "35=A\x01554=hunter\x0158=\udce9\x01")
    thread, _ = running(pump, engine)

    (batch,) = core.listen(Batch)
    core.say(Stop())
    thread.join(10)

    assert isinstance(batch, Batch)
    assert batch.entries[0].body == b"35=A\x01554=******\x0158=\xe9\x01"


def test_a_wedged_engine_ends_the_gateway_with_its_own_code(line: Line) -> None:
    """Logged on, and not a sign of life within twice the heartbeat interval: the reason is said, the process ends."""
    core, pump, engine, inbox = line
    engine.patience = Nanos(1)
    inbox.activity -= 10**9
    thread, codes = running(pump, engine)

    (refused,) = core.listen(Refused)
    thread.join(10)

    assert codes == [EXIT_WEDGED]
    assert isinstance(refused, Refused)
    assert "has not moved for 1." in refused.reason


def test_an_engine_that_waits_for_a_connection_is_alive_as_long_as_its_thread_runs(line: Line) -> None:
    """Nobody is logged on, no callback comes: the kernel says that the thread still goes to sleep and wakes."""
    core, pump, engine, inbox = line
    engine.logged_on = False
    inbox.activity -= 10**15
    thread, codes = running(pump, engine)

    status = core.listen(Status)[0]
    core.say(Stop())
    thread.join(10)

    assert isinstance(status, Status)
    assert status.engine_age < 10**9
    assert codes == [EXIT_STOPPED]


def test_a_failed_callback_ends_the_gateway(line: Line) -> None:
    """What it should have tapped is missing, so nothing after it may count."""
    core, pump, engine, inbox = line
    inbox.fail("a message could not be tapped")
    thread, codes = running(pump, engine)

    (refused,) = core.listen(Refused)
    thread.join(10)

    assert codes == [EXIT_FAILED]
    assert refused == Refused(reason="a message could not be tapped")


def test_commands_are_obeyed(line: Line) -> None:
    """Log out, acknowledge, stop: and what was still in the inbox is handed over at the end."""
    core, pump, engine, inbox = line
    put(inbox, "1")
    thread, codes = running(pump, engine)
    core.listen(Batch)
    core.say(Acknowledge(number=99))
    wanted = [Send(session="S", msg_type="BW", fields=((17, "E1"),)), Advance(session="S", epoch="E", expected=7)]
    for command in wanted:
        core.say(command)
    core.say(LogOut(reason="bye"))
    logged_out = engine.logged_out.wait(10)
    core.say(Stop())
    thread.join(10)

    assert (logged_out, engine.stopped, codes) == (True, True, [EXIT_STOPPED])
    assert engine.commands == wanted
    assert inbox.wait_for_commit()


def test_the_end_of_the_stream_ends_the_gateway(line: Line) -> None:
    """Whoever journals is gone."""
    core, pump, engine, _ = line
    thread, codes = running(pump, engine)
    core.close()
    thread.join(10)

    assert codes == [EXIT_STREAM_ENDED]


def test_nothing_starts_before_the_core_has_said_what_its_journal_holds(line: Line) -> None:
    """The first command; a core that hangs up instead is a reason not to start."""
    core, pump, _, _ = line
    core.say(Acknowledge(number=1))
    core.say(Wind(points=()))
    first = pump.first_command()
    core.close()

    with pytest.raises(RefusedToStartError, match="what its journal holds"):
        pump.first_command()
    assert first == Wind(points=())


def test_asking_the_process_to_end_is_a_polite_stop(line: Line) -> None:
    """SIGTERM from a service manager that knows nothing of the stream."""
    _, pump, engine, _ = line
    pump.request_stop()

    thread, codes = running(pump, engine)
    thread.join(10)

    assert codes == [EXIT_STOPPED]
