"""The journal on a database: what came, in order and for good. It reads no message."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, func, select, text

from service.journal import Entry, Frame, Record, RecordKind, SessionPoint
from service.store import tables
from service.store.bulk import insert_new
from service.store.cells import clean_text
from service.store.engine import Database
from service.store.rows import journal_row
from service.versions import version_of

LAST = select(func.coalesce(func.max(tables.journal.c.offset), 0))
POINT = text(
    "INSERT INTO session_points (counterparty, session, epoch, expected, turn)"
    " SELECT :counterparty, :session, :epoch, :expected, coalesce(max(turn), 0) + 1 FROM session_points WHERE true"
    " ON CONFLICT (counterparty, session, epoch) DO UPDATE SET expected = excluded.expected, turn = excluded.turn"
)
ALONE = text("LOCK TABLE journal IN SHARE ROW EXCLUSIVE MODE")
KINDS = {kind.value: kind for kind in RecordKind}


class SqlJournal:
    """Keeps what came (port Journal): when `append` returns, the frame is on the disk, whole and without holes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, frame: Frame) -> int:
        """Commit entries and points in one transaction; return the last offset in the journal."""
        with self._database.writing() as connection:
            return append_in(connection, frame)

    def read(self, after: int, limit: int) -> list[Record]:
        """Return at most `limit` records with offset > `after`, in order."""
        journal = tables.journal
        wanted = select(journal).where(journal.c.offset > after).order_by(journal.c.offset).limit(limit)
        with self._database.reading() as connection:
            return [record_of(row) for row in connection.execute(wanted)]

    def last_offset(self) -> int:
        """Return the last offset in the journal, 0 when it is empty."""
        with self._database.reading() as connection:
            return _last(connection)

    def in_force(self) -> dict[tuple[str, str], str]:
        """Return the hash of the newest version of everything that was ever put in force, by (kind, name)."""
        with self._database.reading() as connection:
            return hashes_in_force(connection)

    def point(self, counterparty: str, session: str) -> SessionPoint | None:
        """Return how far the journal holds the session in its newest epoch, None when it never heard of it."""
        points = tables.session_points
        wanted = (
            select(points.c.epoch, points.c.expected)
            .where(points.c.counterparty == counterparty, points.c.session == session)
            .order_by(points.c.turn.desc())
            .limit(1)
        )
        with self._database.reading() as connection:
            found = connection.execute(wanted).first()
        if found is None:
            return None
        return SessionPoint(counterparty=counterparty, session=session, epoch=found.epoch, expected=found.expected)


def append_in(connection: Connection, frame: Frame) -> int:
    """Append a frame inside a write transaction that is already open; return the last offset in the journal."""
    if connection.dialect.name != "sqlite":  # there, BEGIN IMMEDIATE has locked out every other process already
        connection.execute(ALONE)
    last = _last(connection)
    rows = [journal_row(offset, entry) for offset, entry in enumerate(frame.entries, start=last + 1)]
    insert_new(connection, tables.journal, rows)
    insert_new(connection, tables.versions, list(_version_rows(frame.entries, last)))
    for point in frame.points:
        connection.execute(POINT, _point_values(point))
    return last + len(rows)


def hashes_in_force(connection: Connection) -> dict[tuple[str, str], str]:
    """Return the hash of the newest version of everything, by (kind, name)."""
    versions = tables.versions
    wanted = select(versions.c.kind, versions.c.name, versions.c.hash).order_by(versions.c.offset)
    return {(kind, name): digest for kind, name, digest in connection.execute(wanted)}


def record_of(row: Row[Any]) -> Record:
    """Return a row of the table (all its columns) as the record it holds."""
    offset, kind, counterparty, session, epoch, received_at, body = tuple(row)
    return Record(
        offset=offset,
        kind=KINDS[kind],
        counterparty=counterparty,
        session=session,
        epoch=epoch,
        received_at=received_at,
        body=body,
    )


def _last(connection: Connection) -> int:
    return int(connection.execute(LAST).scalar_one())


def _version_rows(entries: tuple[Entry, ...], last: int) -> Iterator[tuple[int, str, str, str, int | None]]:
    for offset, entry in enumerate(entries, start=last + 1):
        if entry.kind is RecordKind.VERSION:
            version = version_of(entry.body)
            yield offset, version.kind.value, version.name, version.hash, entry.received_at


def _point_values(point: SessionPoint) -> dict[str, str | int]:
    return {
        "counterparty": clean_text(point.counterparty),
        "session": clean_text(point.session),
        "epoch": clean_text(point.epoch),
        "expected": point.expected,
    }
