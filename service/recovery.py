"""How a session gets back what it missed: four ways behind one protocol, and how far a recovery has come. Pure.

A FIX resend is the engine's work and shows as gaps. What comes by itself or when asked for has other numbers, so that
only time or the vendor's own word can say that it is over.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

import msgspec

from rules.facts import MILLISECOND, SECOND, Nanos
from service.fix.events import Decoded, Reported
from service.fix.habits import Marks, RecoveryHabits, RecoveryMethod, marked
from service.fix.message import Flaw, split

_TEMPLATES = ("last_exec_id", "since", "now")


class Last(msgspec.Struct, frozen=True, gc=False):
    """The newest report of a session: its ExecID, and the latest time that any report bore."""

    exec_id: str | None = None
    at: Nanos | None = None


class Missed(msgspec.Struct, gc=False, kw_only=True):
    """A session whose missed reports come by another way than a resend.

    `since` is the logon at which the recovery in hand began, None when none is. `quiet_since` is from when silence
    counts as its end: None while it is down, or not asked. `known` is the last report before it: all up to there is
    here, however often the line breaks meanwhile.
    """

    since: Nanos | None = None
    logon_at: Nanos | None = None
    quiet_since: Nanos | None = None
    asked: bool = False
    overdue: bool = False
    redelivered: int = 0
    new: int = 0
    duplicates: int = 0
    known: Last = Last()
    newest: Last = Last()


class Way(Protocol):
    """One way in which missed reports come back."""

    @property
    def begins(self) -> bool:
        """Return whether a recovery begins with every logon."""

    @property
    def asks(self) -> bool:
        """Return whether the watch has to ask for it."""

    @property
    def lost(self) -> bool:
        """Return whether nothing ever comes again, so that waiting for it is of no use."""


class _Way(msgspec.Struct, frozen=True):
    begins: bool = False
    asks: bool = False
    lost: bool = False


_WAYS: dict[RecoveryMethod, Way] = {
    RecoveryMethod.RESEND: _Way(),
    RecoveryMethod.REDELIVERY: _Way(begins=True),
    RecoveryMethod.REQUEST: _Way(begins=True, asks=True),
    RecoveryMethod.NONE: _Way(lost=True),
}


def way(habits: RecoveryHabits) -> Way:
    """Return the way in which a counterparty's missed reports come back."""
    return _WAYS[habits.method]


_RESEND = RecoveryHabits()


def resends(counterparty: str) -> RecoveryHabits:
    """Let every counterparty answer a ResendRequest."""
    del counterparty
    return _RESEND


def begin(missed: Missed, habits: RecoveryHabits, clock: Nanos) -> bool:
    """Take note of a logon; return whether a recovery began that was not in hand already."""
    missed.logon_at = clock
    missed.asked = False
    missed.quiet_since = None if way(habits).asks else clock
    if missed.since is not None:
        return False
    missed.since, missed.known, missed.overdue = clock, missed.newest, False
    missed.redelivered = missed.new = missed.duplicates = 0
    return True


def break_off(missed: Missed) -> None:
    """Take note that the line went down: what was missing still is."""
    missed.logon_at = missed.quiet_since = None


def requested(missed: Missed, clock: Nanos) -> None:
    """Take note that the question has been sent."""
    missed.asked, missed.quiet_since = True, clock


def hear(missed: Missed, decoded: Decoded, outcome: str, clock: Nanos) -> None:
    """Count a message: as redelivered when it says so, or tells of a time before the logon."""
    if not isinstance(decoded, Reported):
        return
    at, header, newest = decoded.stamps.transacted_at, decoded.header, missed.newest
    latest = max((one for one in (newest.at, at) if one is not None), default=None)
    missed.newest = Last(decoded.exec_id or newest.exec_id, latest)
    since = missed.since
    if since is None or not (header.poss_dup or header.poss_resend or (at is not None and at < since)):
        return
    missed.redelivered += 1
    if outcome == "duplicate":
        missed.duplicates += 1
    else:
        missed.new += 1
    if missed.quiet_since is not None:
        missed.quiet_since = clock


def ends(marks: Marks, msg_type: str, body: bytes) -> bool:
    """Return whether the message says that all was sent; only a mark beside its type makes it worth another reading."""
    if any(place == "35" and msg_type in values for place, values in marks):
        return True
    rest = tuple(mark for mark in marks if mark[0] != "35")
    if not rest:
        return False
    message = split(body)
    return not isinstance(message, Flaw) and marked(message.fields, rest)


def quiet_due(missed: Missed, habits: RecoveryHabits) -> Nanos | None:
    """Return when silence ends the recovery; never where the vendor says so itself."""
    if missed.since is None or missed.quiet_since is None or habits.ended_by:
        return None
    return Nanos(missed.quiet_since + habits.quiet_after)


def overdue_due(missed: Missed, habits: RecoveryHabits) -> Nanos | None:
    """Return when the recovery in hand is late, None when it is said already."""
    return None if missed.since is None or missed.overdue else Nanos(missed.since + habits.limit)


def lasts(missed: Missed, habits: RecoveryHabits, clock: Nanos) -> bool:
    """Return whether what comes at this clock may have been missed before; one that is late is waited for no longer."""
    dues = (quiet_due(missed, habits), overdue_due(missed, habits))
    return missed.since is not None and not missed.overdue and all(due is None or clock < due for due in dues)


def question(missed: Missed, habits: RecoveryHabits, now: Nanos) -> tuple[tuple[int, str], ...]:
    """Return the fields of the question: one that stands for something not known is left out."""
    at = missed.known.at
    known = dict(zip(_TEMPLATES, (missed.known.exec_id, None if at is None else utc(at), utc(now)), strict=True))
    fields = []
    for tag, template in habits.fields:
        text: str | None = template
        for name, value in known.items():
            if text is not None and f"{{{name}}}" in text:
                text = None if value is None else text.replace(f"{{{name}}}", value)
        if text:
            fields.append((int(tag), text))
    return tuple(fields)


def redelivered(missed: Missed | None) -> int:
    """Return how many reports the recovery in hand has brought, 0 where there is none."""
    return 0 if missed is None else missed.redelivered


def utc(at: Nanos) -> str:
    """Return an instant as a FIX UTCTimestamp with milliseconds."""
    seconds, rest = divmod(at, SECOND)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y%m%d-%H:%M:%S}.{rest // MILLISECOND:03d}"
