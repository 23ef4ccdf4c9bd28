"""A FIX peer made by hand over one raw socket: it knows just enough of the session layer, and can send anything.

No FIX library is in it, so that our engine is tested against something that is not itself.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

SOH = "\x01"
ADMIN = frozenset("012345A")
Fields = list[tuple[int, str]]


def stamp() -> str:
    """Return now as a FIX UTCTimestamp with milliseconds."""
    return datetime.now(UTC).strftime("%Y%m%d-%H:%M:%S.%f")[:-3]


def seal(begin: str, body: str) -> bytes:
    """Put BeginString, BodyLength and CheckSum around a body that starts with 35=."""
    raw = body.encode("utf-8", "surrogateescape")
    head = f"8={begin}{SOH}9={len(raw)}{SOH}".encode()
    return head + raw + f"10={sum(head + raw) % 256:03d}{SOH}".encode()


def parse(raw: bytes) -> dict[int, str]:
    """Return the message's fields, the last of a repeated tag winning."""
    parts = (part.partition("=") for part in raw.decode("utf-8", "surrogateescape").split(SOH) if "=" in part)
    return {int(tag): value for tag, _, value in parts}


def an_execution(number: int, **tags: str) -> Fields:
    """Return the body of a plain trade of 100 shares whose ExecID is E<number>; `tags` (t55="XYZ") override."""
    fields = {37: f"O{number}", 11: f"C{number}", 17: f"E{number}", 150: "F", 39: "2", 55: "IBM", 54: "1"}
    fields |= {38: "100", 32: "100", 31: "10.01", 14: "100", 151: "0", 6: "10.01", 30: "XNYS", 60: stamp()}
    fields |= {int(tag[1:]): value for tag, value in tags.items()}
    return list(fields.items())


@dataclass
class FixPeer:
    """The counterparty of one session: acceptor (`listening`) or initiator (`connected`), its numbers kept for life.

    `on` says by MsgType (35) what else than usual is done with what comes. A Logon below the number it `expects` is
    refused; with `day_begins_at_one` a Logon that bears number 1 begins the peer's own numbers anew.
    """

    begin: str = "FIX.4.4"
    sender: str = "SOR"
    target: str = "FIRM"
    heartbeat: int = 30
    reset_next_logon: bool = False
    answers_resend: bool = True
    answers_test_request: bool = True
    expects: int = 0
    day_begins_at_one: bool = False
    on: dict[str, Callable[[dict[int, str]], object]] = field(default_factory=dict)
    next_out: int = 1
    sent: dict[int, tuple[str, Fields, str]] = field(default_factory=dict)
    received: list[dict[int, str]] = field(default_factory=list)
    logons: int = 0
    port: int = 0

    def __post_init__(self) -> None:
        self._changed = threading.Condition(threading.RLock())
        self._socket: socket.socket | None = None
        self._logged_on = False
        self._spoke = False
        self._ending = False

    # -- life -------------------------------------------------------------------------------------------------
    @contextlib.contextmanager
    def listening(self, port: int = 0) -> Iterator[Self]:
        """Accept connections on a free loopback port, one after the other, until the block ends."""
        server = socket.create_server(("127.0.0.1", port))
        server.settimeout(0.05)
        self.port = server.getsockname()[1]
        thread = threading.Thread(target=self._accept, args=(server,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._ending = True
            self.drop()
            thread.join(5)
            server.close()

    @contextlib.contextmanager
    def connected(self, port: int, timeout_s: float = 10) -> Iterator[Self]:
        """Connect to an acceptor (trying until it listens), log on, and serve the connection until the block ends."""
        connection = _connect(port, timeout_s)
        self._ending = False
        self._adopt(connection)
        thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
        thread.start()
        self._log_on()
        try:
            yield self
        finally:
            self._ending = True
            self.drop()
            thread.join(5)

    def drop(self) -> None:
        """Break the connection without a word."""
        with self._changed:
            if self._socket is not None:
                with contextlib.suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)
                self._socket.close()
            self._socket = None
            self._logged_on = False
            self._changed.notify_all()

    # -- sending ----------------------------------------------------------------------------------------------
    def send(self, msg_type: str, fields: Fields, *, lost: bool = False, **header: str) -> int:
        """Send one message under the next number (or only number it, when `lost`); return the number."""
        with self._changed:
            number = self.next_out
            self.next_out += 1
            self.sent[number] = (msg_type, fields, stamp())
            if not lost:
                self.send_bytes(self.message(number, msg_type, fields, **header))
            return number

    def send_executions(self, numbers: range) -> None:
        """Send one plain trade per number, all in as few writes as they fit in."""
        with self._changed:
            chunks = []
            for number in numbers:
                fields = an_execution(number)
                chunks.append(self.message(self.next_out, "8", fields))
                self.sent[self.next_out] = ("8", fields, stamp())
                self.next_out += 1
            self.send_bytes(b"".join(chunks))

    def message(self, number: int, msg_type: str, fields: Fields, **header: str) -> bytes:
        """Return a whole message; `header` (t43="Y") adds or overrides header fields, an empty value drops one."""
        head = {35: msg_type, 49: self.sender, 56: self.target, 34: str(number), 52: stamp()}
        head |= {int(tag[1:]): value for tag, value in header.items()}
        body = [(tag, value) for tag, value in head.items() if value] + fields
        return seal(self.begin, "".join(f"{tag}={value}{SOH}" for tag, value in body))

    def send_bytes(self, raw: bytes) -> None:
        """Write to the connection if there is one; what is written into a broken one is lost, as on a real line."""
        with self._changed:
            if self._socket is not None:
                with contextlib.suppress(OSError):
                    self._socket.sendall(raw)

    def begins_anew(self) -> None:
        """Forget all numbers, as a vendor does that lost them or begins its day."""
        with self._changed:
            self.next_out, self.sent = 1, {}

    # -- waiting ----------------------------------------------------------------------------------------------
    def wait(self, condition: Callable[[Self], bool], timeout_s: float = 15) -> bool:
        """Wait until the condition holds; False when the time is up."""
        with self._changed:
            return self._changed.wait_for(lambda: condition(self), timeout_s)

    def wait_logged_on(self, timeout_s: float = 15) -> None:
        """Wait until both have logged on; a failed wait fails the test."""
        assert self.wait(lambda peer: peer._logged_on, timeout_s), "the session never logged on"

    def got(self, msg_type: str) -> list[dict[int, str]]:
        """Return what was received of that type, in order."""
        with self._changed:
            return [message for message in self.received if message.get(35) == msg_type]

    # -- the session layer ------------------------------------------------------------------------------------
    def _accept(self, server: socket.socket) -> None:
        while not self._ending:
            with contextlib.suppress(TimeoutError):
                connection, _ = server.accept()
                self._adopt(connection)
                self._serve(connection)

    def _adopt(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(10)
        with self._changed:
            self._socket = connection
            self._spoke = False

    def _serve(self, connection: socket.socket) -> None:
        pending = b""
        while not self._ending:
            try:
                got = connection.recv(65536)
            except TimeoutError:
                continue
            except OSError:
                got = b""
            if not got:
                break
            *messages, pending = _split(pending + got)
            for raw in messages:
                self._handle(parse(raw), connection)
        with self._changed:
            if self._socket is connection:
                self.drop()

    def _handle(self, message: dict[int, str], connection: socket.socket) -> None:
        with self._changed:
            if self._socket is not connection:  # it was dropped meanwhile: what still comes of it is nobody's
                return
            self.received.append(message)
            answer = {"A": self._on_logon, "1": self._on_test_request, "2": self._on_resend, "5": self._on_logout}
            (answer | self.on).get(message.get(35, ""), lambda _: None)(message)
            self._changed.notify_all()

    def _log_on(self) -> None:
        self._spoke = True
        reset, self.reset_next_logon = self.reset_next_logon, False
        if reset:
            self.next_out, self.sent = 1, {}
        fields: Fields = [(98, "0"), (108, str(self.heartbeat))]
        fields += [(141, "Y")] if reset else []
        fields += [(1137, "9")] if self.begin == "FIXT.1.1" else []
        self.send("A", fields)

    def _on_logon(self, message: dict[int, str]) -> None:
        number = int(message[34])
        if number < self.expects:
            self.send("5", [(58, f"MsgSeqNum too low, expecting {self.expects} but received {number}")])
            self.drop()
            return
        if number == 1 and self.day_begins_at_one:
            self.begins_anew()
        if not self._spoke:  # the other side logs on first; later on this is its answer to our reset
            self.reset_next_logon = self.reset_next_logon or message.get(141) == "Y"
            self._log_on()
        if not self._logged_on:
            self.logons += 1
        self._logged_on = True

    def _on_test_request(self, message: dict[int, str]) -> None:
        if self.answers_test_request:
            self.send("0", [(112, message.get(112, ""))])

    def _on_logout(self, message: dict[int, str]) -> None:
        self.send("5", [])
        self.drop()

    def _on_resend(self, message: dict[int, str]) -> None:
        if not self.answers_resend:
            return
        last = int(message[16]) or self.next_out - 1
        gap = None
        for number in range(int(message[7]), min(last, self.next_out - 1) + 1):
            kind, fields, sent_at = self.sent.get(number, ("0", [], stamp()))
            if kind in ADMIN:
                gap = gap or number
                continue
            self._fill_gap(gap, number)
            gap = None
            self.send_bytes(self.message(number, kind, fields, t43="Y", t122=sent_at))
        self._fill_gap(gap, self.next_out)

    def _fill_gap(self, first: int | None, new: int) -> None:
        if first is not None:
            self.send_bytes(self.message(first, "4", [(123, "Y"), (36, str(new))], t43="Y", t122=stamp()))


def _split(stream: bytes) -> list[bytes]:
    """Return the whole messages of the stream and, last, what is left over."""
    messages = []
    while (end := stream.find(b"\x0110=")) >= 0 and (stop := stream.find(b"\x01", end + 4)) >= 0:
        messages.append(stream[: stop + 1])
        stream = stream[stop + 1 :]
    return [*messages, stream]


def _connect(port: int, timeout_s: float) -> socket.socket:
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=1)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
