"""The journal's records: everything that can change a finding, in the one order in which the core reads it.

Refuses to interpret FIX: a message is bytes here, and a control record is a kind with a small JSON body.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from rules.facts import Nanos


class RecordKind(StrEnum):
    """What a journal record holds.

    message: one inbound FIX message, byte-exact (secrets masked). backfill: one message that came from a file instead
    of the line (the session is the one it belongs to, the epoch is empty). own_reject: a 35=3 or 35=j that our engine
    sent or attempted. session: logon, logout, connection events ({"event": …, "text": …}). epoch: a new identity of
    the FIX store ({"epoch": …, "previous": …, "expected": …}). tick: a deadline has passed ({"deadline": …}).
    quote_source: a source went live, lagging or dead ({"source": …, "state": …}). version: rulebook, register,
    dialect or calendar in force ({"kind": …, "name": …, "hash": …, "text": …}). gateway: a gateway was started, died
    or was killed ({"event": …, "reason": …}). file: what the back-filled messages behind it are from, who said so and
    why (service.backfill.plan.FileNote); it changes nothing. requote: quotes came late, and a record that was decided
    is to be judged by others (service.requote.Requote).
    """

    MESSAGE = "message"
    BACKFILL = "backfill"
    OWN_REJECT = "own_reject"
    SESSION = "session"
    EPOCH = "epoch"
    TICK = "tick"
    QUOTE_SOURCE = "quote_source"
    VERSION = "version"
    GATEWAY = "gateway"
    FILE = "file"
    REQUOTE = "requote"


MESSAGE_KINDS = (RecordKind.MESSAGE, RecordKind.BACKFILL)
"""The kinds that hold a FIX message of the counterparty: each such record has exactly one outcome."""


class Entry(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A record before the journal has given it an offset.

    `received_at` is our clock when it came (None only for replayed logs without stamps). `body` is the message's
    bytes, or canonical JSON.
    """

    kind: RecordKind
    counterparty: str = ""
    session: str = ""
    epoch: str = ""
    received_at: Nanos | None = None
    body: bytes = b""


class Record(Entry, frozen=True, gc=False, kw_only=True):
    """A journal row: an entry with its offset (1, 2, 3 … without holes)."""

    offset: int


class SessionPoint(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """How far the journal is known to hold one session: every message below `expected` in `epoch` is in it."""

    counterparty: str
    session: str
    epoch: str
    expected: int


class Frame(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What a gateway sends in one go; the journal commits `points` together with `entries`."""

    entries: tuple[Entry, ...]
    points: tuple[SessionPoint, ...] = ()
