"""What became of alerts, read from the outbox: of one exception, of one channel, and those that are dead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, false, func, select

from service.store.engine import Database
from service.store.tables import outbox
from service.telling.delivered import Delivered, Fate, Standing, all_names, fate_of

PAGE = 100
MOST_OF_ONE = 500
"""So many of the newest alerts of one exception are shown."""
WAITS = (outbox.c.sent_at.is_(None), outbox.c.dead_at.is_(None))
DEAD = (outbox.c.sent_at.is_(None), outbox.c.dead_at.is_not(None))
SENT = (outbox.c.sent_at.is_not(None), outbox.c.decision == Fate.SENT.value)


class _Body(msgspec.Struct):
    """Why an alert was made, as its wire form says it for ever."""

    reason: str = ""


class SqlDeliveries:
    """Reads the outbox of one database; it settles nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_exception(self, case_id: int, most: int = MOST_OF_ONE) -> list[Delivered]:
        """Return the alerts about an exception, the newest of them first."""
        wanted = select(outbox).where(outbox.c.case_id == case_id)
        with self._database.reading() as connection:
            rows = connection.execute(wanted.order_by(outbox.c.outbox_id.desc()).limit(most)).all()
        return [delivered(row) for row in rows]

    def standings(self, now: int, configured: Iterable[str] = ()) -> list[Standing]:
        """Return how each channel stands now that is configured, and each of which alerts are left."""
        names = tuple(configured)
        with self._database.reading() as connection:
            kept = list(_channels(connection))
            return [_standing(connection, name, now, configured=name in names) for name in all_names(names, kept)]

    def dead(self, channel: str | None = None, below: int | None = None, most: int = PAGE) -> list[Delivered]:
        """Return the dead letters of which the numbers are below one, the newest alert first."""
        with self._database.reading() as connection:
            names = list(_channels(connection)) if channel is None else [channel]
            rows = [row for name in names for row in connection.execute(_dead(name, below, most))]
        return [delivered(row) for row in sorted(rows, key=lambda row: -row.outbox_id)[:most]]


def delivered(row: Row[Any]) -> Delivered:
    """Return what became of the alert of a row."""
    return Delivered(
        alert=row.outbox_id,
        channel=row.channel,
        exception=row.case_id,
        key=row.idempotency_key,
        about=_about(row.body),
        rule=row.rule,
        severity=row.severity,
        topic=row.topic,
        fate=fate_of(row.decision, row.sent_at, row.dead_at),
        reason=row.reason,
        route=row.route,
        by=row.by,
        attempts=row.attempts,
        error=row.error,
        made_at=row.created_at,
        rests_until=row.not_before,
        dead_at=row.dead_at,
        settled_at=row.sent_at,
    )


def _about(body: bytes) -> str:
    try:
        return msgspec.json.decode(body, type=_Body).reason
    except msgspec.DecodeError:
        return ""


def _channels(connection: Connection) -> Iterator[str]:
    """Yield the channels of which there are alerts: one step of the index each, however many there are."""
    last = ""
    while found := connection.execute(select(func.min(outbox.c.channel)).where(outbox.c.channel > last)).scalar():
        yield found
        last = found


def _dead(channel: str, below: int | None, most: int) -> Select[Any]:
    wanted = select(outbox).where(outbox.c.channel == channel, *DEAD)
    wanted = wanted if below is None else wanted.where(outbox.c.outbox_id < below)
    return wanted.order_by(outbox.c.outbox_id.desc()).limit(most)


def _standing(connection: Connection, channel: str, now: int, *, configured: bool) -> Standing:
    waits, dead = _of(connection, channel, *WAITS), _of(connection, channel, *DEAD)
    held = _of(connection, channel, *WAITS, _held(now)) if waits.many else waits
    due = _of(connection, channel, *WAITS, ~_held(now)) if held.many else waits
    error = None if due.first is None else due.first.error
    return Standing(
        channel=channel,
        configured=configured,
        waiting=waits.many,
        held=held.many,
        oldest=None if waits.first is None else waits.first.created_at,
        due_since=None if due.first is None else _due_since(due.first),
        last_sent=connection.execute(
            select(func.max(outbox.c.sent_at)).where(outbox.c.channel == channel, *SENT)
        ).scalar(),
        last_error=error or _dead_error(connection, channel),
        dead=dead.many,
        dead_since=None if dead.first is None else dead.first.dead_at,
    )


class _Some(NamedTuple):
    """How many alerts of a channel are so, and the first of them."""

    many: int
    first: Any


def _of(connection: Connection, channel: str, *conditions: ColumnElement[bool]) -> _Some:
    found = select(func.count(), func.min(outbox.c.outbox_id)).where(outbox.c.channel == channel, *conditions)
    count, first = connection.execute(found).one()
    wanted = select(outbox.c.created_at, outbox.c.not_before, outbox.c.decision, outbox.c.dead_at, outbox.c.error)
    return _Some(count, None if first is None else connection.execute(wanted.where(outbox.c.outbox_id == first)).one())


def _held(now: int) -> ColumnElement[bool]:
    """Return what holds of an alert that a route or its group holds until later than now."""
    return func.coalesce(outbox.c.decision == Fate.HELD.value, false()) & (outbox.c.not_before > now)


def _due_since(row: Any) -> int:
    """Return since when an alert may go out: since it was made, or since it is held no more."""
    return int(max(row.created_at, row.not_before) if row.decision == Fate.HELD else row.created_at)


def _dead_error(connection: Connection, channel: str) -> str | None:
    """Return what the other side said last of a dead letter."""
    newest = connection.execute(_dead(channel, None, 1)).first()
    return None if newest is None else newest.error
