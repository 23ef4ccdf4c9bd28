"""Days that went down the road into a real store: FIX messages in, everything that a certificate reads recorded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from rules.facts import Nanos
from service.journal import Entry, RecordKind
from service.market.recorded_quotes import NoQuotes
from service.ports import Quotes
from service.replay import Replay
from service.store.engine import Database
from service.store.journal import SqlJournal
from service.store.record import SqlStore
from service.versions import Version
from tests.factories_messages import fix_message
from tests.factories_road import PARTY, SESSION, a_trade, at, stamp, versions

ROAD_DAY = "2013-10-07"
EVENING = at(7 * 3_600)
MIDNIGHT = at(14 * 3_600)


def record_all(
    database: Database,
    entries: Iterable[Entry],
    before: Sequence[Version] | None = None,
    quotes: Quotes | None = None,
) -> None:
    """Journal these records behind the versions in force, and record what they come to; by default without quotes."""
    road = Replay(quotes=quotes or NoQuotes(), journal=SqlJournal(database), store=SqlStore(database))
    for _ in road.run(versions() if before is None else before, entries):
        pass


def trade(number: int, seconds: float | None = None, **by_tag: Any) -> Entry:
    """Return a whole order in one report: a fill of 100 under an id of its own, at the second of its number."""
    when = float(number) if seconds is None else seconds
    return a_trade(number, when, f"O{number}", f"E{number}", **by_tag)


def admin(number: int, seconds: float, msg_type: str = "0", **by_tag: Any) -> Entry:
    """Return a session-level message."""
    body = fix_message(_35=msg_type, _34=number, _49="SOR", _52=stamp(seconds), _56="FIRM", **by_tag)
    return msgspec.structs.replace(trade(number, seconds), body=body)


def session_event(event: str, seconds: float) -> Entry:
    """Return that the session logged on or out."""
    body = msgspec.json.encode({"event": event, "text": ""})
    return _control(RecordKind.SESSION, body, seconds)


def new_epoch(epoch: str, seconds: float, previous: str = "e1") -> Entry:
    """Return that the FIX store began anew."""
    body = msgspec.json.encode({"epoch": epoch, "previous": previous, "expected": 1})
    return msgspec.structs.replace(_control(RecordKind.EPOCH, body, seconds), epoch=epoch)


def own_reject(refused: int, seconds: float) -> Entry:
    """Return a 35=3 of our own engine."""
    body = fix_message(_35="3", _34=1, _49="FIRM", _52=stamp(seconds), _56="SOR", _45=refused, _58="no")
    return _control(RecordKind.OWN_REJECT, body, seconds)


def from_file(entry: Entry, seconds: float) -> Entry:
    """Return the same message as it comes from a file, read at that second."""
    return msgspec.structs.replace(entry, kind=RecordKind.BACKFILL, epoch="", received_at=at(seconds))


def later_day(entry: Entry, days: int = 1) -> Entry:
    """Return the same record as it comes some days later."""
    assert entry.received_at is not None
    return msgspec.structs.replace(entry, received_at=Nanos(entry.received_at + days * 86_400_000_000_000))


def unstamped(entry: Entry) -> Entry:
    """Return the same record without a receive stamp."""
    return msgspec.structs.replace(entry, received_at=None)


def _control(kind: RecordKind, body: bytes, seconds: float) -> Entry:
    return Entry(kind=kind, counterparty=PARTY, session=SESSION, epoch="e1", received_at=at(seconds), body=body)
