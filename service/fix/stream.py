"""What goes over the socket pair between a gateway and the core: versioned, length-prefixed frames, as values.

Refuses to read or write sockets. A stream of another version, or one that is no stream at all, is a `StreamError`: the
two ends were not started from the same code, and nothing after that byte can be believed.
"""

from __future__ import annotations

import struct

import msgspec

from rules.facts import Nanos
from service.journal import Entry, Frame, SessionPoint

VERSION = 2
LARGEST = 64 * 1024 * 1024
_HEADER = struct.Struct(">BI")


class StreamError(Exception):
    """The bytes are not a stream of this version."""


class Part(msgspec.Struct, frozen=True, gc=False, array_like=True, tag=True):
    """Anything that travels between a gateway and the core."""


class Batch(Part, frozen=True, gc=False, array_like=True, tag="batch"):
    """Entries in the order in which they came, and how far they go; `number` counts the gateway's batches from 1."""

    number: int
    entries: tuple[Entry, ...]
    points: tuple[SessionPoint, ...] = ()


class SessionStatus(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One session as the gateway sees it: `expected` is the next inbound number, `last_inbound_at` our clock."""

    session: str
    logged_on: bool
    expected: int
    last_inbound_at: Nanos | None = None


class Status(Part, frozen=True, gc=False, array_like=True, tag="status"):
    """A sign of life of the gateway, and of the engine's thread in it.

    `engine_age` is the time since that thread last did anything; past `engine_bound` (from the heartbeat interval) it
    is wedged. `inbox` messages are tapped and not yet sent; `tapped` counts them since the start.
    """

    at: Nanos
    engine_age: Nanos
    engine_bound: Nanos
    inbox: int
    tapped: int
    sessions: tuple[SessionStatus, ...]


class Refused(Part, frozen=True, gc=False, array_like=True, tag="refused"):
    """The gateway will not start or cannot go on, and why, in words."""

    reason: str


class Wind(Part, frozen=True, gc=False, array_like=True, tag="wind"):
    """What the journal holds of each session; the first command, without which no engine starts."""

    points: tuple[SessionPoint, ...]


class LogOut(Part, frozen=True, gc=False, array_like=True, tag="log_out"):
    """End every session of the gateway politely and stay logged out."""

    reason: str


class Send(Part, frozen=True, gc=False, array_like=True, tag="send"):
    """Send one application message of the recovery allow-list on a session that is logged on."""

    session: str
    msg_type: str
    fields: tuple[tuple[int, str], ...]


class Advance(Part, frozen=True, gc=False, array_like=True, tag="advance"):
    """Expect at least this number next, if the epoch is still this one: all below it came, or never will."""

    session: str
    epoch: str
    expected: int


class Stop(Part, frozen=True, gc=False, array_like=True, tag="stop"):
    """Log out, hand over what is left, and end."""


class Acknowledge(Part, frozen=True, gc=False, array_like=True, tag="acknowledge"):
    """The journal has committed every batch up to `number`."""

    number: int


Message = Batch | Status | Refused | Wind | LogOut | Send | Advance | Stop | Acknowledge

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)


def encode(message: Message) -> bytes:
    """Return the message as one frame: version, length, MessagePack."""
    payload = _encoder.encode(message)
    return _HEADER.pack(VERSION, len(payload)) + payload


def merge(batches: list[Batch]) -> Frame:
    """Return batches as one frame for the journal: all entries in order, the newest point of each session."""
    points = {(point.counterparty, point.session): point for batch in batches for point in batch.points}
    return Frame(entries=tuple(entry for batch in batches for entry in batch.entries), points=tuple(points.values()))


class Decoder:
    """Gives out whole messages of a stream that comes in pieces; what is incomplete waits for its rest."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, piece: bytes) -> list[Message]:
        """Return the messages that `piece` completes; raise StreamError for what is no stream of this version."""
        self._rest += piece
        messages: list[Message] = []
        at = 0
        while len(self._rest) - at >= _HEADER.size:
            size = _length(self._rest, at)
            start = at + _HEADER.size
            if len(self._rest) - start < size:
                break
            messages.append(_read(bytes(self._rest[start : start + size])))
            at = start + size
        del self._rest[:at]
        return messages


def _length(buffer: bytearray, at: int) -> int:
    version, size = _HEADER.unpack_from(buffer, at)
    if version != VERSION:
        msg = f"the stream is of version {version}, this code reads {VERSION}: start both ends from one release"
        raise StreamError(msg)
    if size > LARGEST:
        msg = f"a frame of {size} bytes was announced, {LARGEST} is the largest there is: this is no gateway stream"
        raise StreamError(msg)
    return int(size)


def _read(payload: bytes) -> Message:
    try:
        return _decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        msg = f"a frame of {len(payload)} bytes cannot be read: {error}"
        raise StreamError(msg) from None
