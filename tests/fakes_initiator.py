"""A FIX initiator of few words, byte by byte: logs on, reads, asks again. Shows what an acceptor really sends."""

from __future__ import annotations

import socket
import time
from types import TracebackType
from typing import Self

from service.simulator.messages import SOH, BeginString
from service.simulator.wire import framed, pairs

PATIENCE = 20.0


class Initiator:
    """One connection to an acceptor; every read is bounded."""

    def __init__(self, port: int, version: BeginString = BeginString.FIX44, *, sequence: int = 1) -> None:
        self.version = version
        self.sequence = sequence
        self._socket = connected(port)
        self._pending = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def send(self, msg_type: str, fields: str = "") -> None:
        """Send a message under the next number; fields are separated by `|`."""
        message = framed(
            self.version,
            fields.replace("|", SOH),
            sequence=self.sequence,
            sent_at=time.time_ns(),
            sender="FIRM",
            target="SOR",
            msg_type=msg_type,
        )
        self.sequence += 1
        self._socket.sendall(message)

    def log_on(self) -> None:
        """Log on and read the answer."""
        version = "1137=9|" if self.version is BeginString.FIXT11 else ""
        self.send("A", f"98=0|108=30|{version}")
        assert dict(pairs(self.receive()))[35] == "A"

    def receive(self) -> bytes:
        """Return the next message, whole, with its checksum and length proved."""
        deadline = time.monotonic() + PATIENCE
        while (end := self._end()) is None:
            self._socket.settimeout(max(0.01, deadline - time.monotonic()))
            data = self._socket.recv(1 << 16)
            assert data, "the acceptor closed the connection"
            self._pending += data
        message, self._pending = self._pending[:end], self._pending[end:]
        prove(message)
        return message

    def reports(self, count: int) -> list[dict[int, str]]:
        """Return the fields of the next execution reports, whatever comes between."""
        found: list[dict[int, str]] = []
        while len(found) < count:
            fields = dict(pairs(self.receive()))
            if fields[35] == "8":
                found.append(fields)
        return found

    def _end(self) -> int | None:
        at = self._pending.find(b"\x0110=")
        end = self._pending.find(b"\x01", at + 4) if at >= 0 else -1
        return end + 1 if end >= 0 else None


def connected(port: int) -> socket.socket:
    """Connect as soon as somebody listens."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def prove(message: bytes) -> None:
    """Assert that BodyLength and CheckSum are right."""
    body, _, trailer = message.rpartition(b"10=")
    assert int(trailer.rstrip(b"\x01")) == sum(body) % 256
    head, length, _ = body.split(b"\x01", 2)
    assert len(body) - len(head) - len(length) - 2 == int(length.removeprefix(b"9="))
