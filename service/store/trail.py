"""The access log on a database: one chain, appended in a write transaction that reads its head, never edited."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from sqlalchemy import Column, Connection, Row, insert, select, text

from rules.facts import Nanos
from service.access.lockout import Try
from service.access.trail import Deed, Draft, Entry, first_broken, linked
from service.cases.case import GENESIS
from service.store.cells import clean_text
from service.store.engine import Database
from service.store.tables import access_log as kept

PAGE = 1000
MOST = 400
JUDGED = {Deed.LOGIN_REFUSED: True, Deed.LOGGED_IN: False, Deed.UNLOCKED: False}
"""What ends or lengthens a row of failures; a login that was only paused was not judged."""


class SqlTrail:
    """Keeps what happened at the door."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, *drafts: Draft) -> None:
        """Append entries in this order, all or none."""
        with self._database.writing() as connection:
            append_in(connection, *drafts)

    def tries_of(self, subject: str, most: int) -> list[Try]:
        """Return the newest attempts that were judged to come in under a name, newest first."""
        return self._tries(kept.c.subject, subject, most, tuple(JUDGED))

    def failures_from(self, place: str, most: int) -> list[Try]:
        """Return the newest failures from one address, newest first; a success of one's own excuses no others."""
        return self._tries(kept.c.place, place, most, (Deed.LOGIN_REFUSED,))

    def newest(self, most: int = MOST) -> list[Entry]:
        """Return the newest entries, newest first."""
        with self._database.reading() as connection:
            rows = connection.execute(select(kept).order_by(kept.c.seq.desc()).limit(most)).all()
        return [entry_of(row) for row in rows]

    def verify(self) -> tuple[int, int | None]:
        """Return how many entries were read, and the first whose link does not hold (None: the chain is whole)."""
        read = 0

        def counted(rows: Iterable[Row[Any]]) -> Iterator[Entry]:
            nonlocal read
            for row in rows:
                read += 1
                yield entry_of(row)

        with (
            self._database.reading() as connection,
            connection.execution_options(yield_per=PAGE).execute(select(kept).order_by(kept.c.seq)) as rows,
        ):
            broken = first_broken(counted(rows))
        return read, broken

    def _tries(self, column: Column[str], value: str, most: int, deeds: tuple[Deed, ...]) -> list[Try]:
        wanted = select(kept.c.at, kept.c.deed).where(column == clean_text(value), kept.c.deed.in_(deeds))
        with self._database.reading() as connection:
            rows = connection.execute(wanted.order_by(kept.c.seq.desc()).limit(most)).all()
        return [Try(Nanos(row.at), failed=JUDGED[Deed(row.deed)]) for row in rows]


def append_in(connection: Connection, *drafts: Draft) -> None:
    """Append entries inside a write transaction that is already open."""
    if connection.dialect.name != "sqlite":
        connection.execute(text("LOCK TABLE access_log IN EXCLUSIVE MODE"))  # as store/statements.py says
    head = connection.execute(select(kept.c.seq, kept.c.hash).order_by(kept.c.seq.desc()).limit(1)).first()
    seq, previous = (0, GENESIS) if head is None else (head.seq, head.hash)
    for number, draft in enumerate(drafts, start=seq + 1):
        one = linked(_clean(draft), number, previous)
        connection.execute(insert(kept).values(**msgspec.structs.asdict(one) | {"deed": one.deed.value}))
        previous = one.hash


def _clean(draft: Draft) -> Draft:
    """Return the draft with texts that every database takes; it is they that are chained."""
    names = ("actor", "subject", "place", "words")
    return msgspec.structs.replace(draft, **{name: clean_text(getattr(draft, name)) for name in names})


def entry_of(row: Row[Any]) -> Entry:
    """Return the entry that a row of the table holds."""
    return Entry(**row._asdict() | {"deed": Deed(row.deed)})
