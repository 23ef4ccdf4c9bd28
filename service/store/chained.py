"""Reads what is chained and sealed, row by row in short read transactions, whatever somebody may have written there.

Cells come as the database has them, without the types of their columns: a cell of another kind is a finding, not an
error.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, select, type_coerce
from sqlalchemy.types import NullType

from service.audit.against import Heads
from service.audit.chains import Chain
from service.audit.stretches import Table as Kept
from service.audit.walk import Told
from service.store.columns import metadata
from service.store.engine import Database
from service.store.seals import covered
from service.store.tables import case_events, case_findings, cases, sealed_heads

PAGE = 1_000
SPAN = 2_000
"""So many cases at most in one read transaction."""
Cells = dict[str, Any]


class Chained:
    """The chained tables of one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def links(self, chain: Chain) -> Iterator[Cells]:
        """Yield the rows of a chain in its order."""
        of = metadata.tables[chain.table]
        for row in self._paged(_raw(of), of.c[chain.key], None):
            yield dict(zip(_names(of), row, strict=True))

    def stretch(self, kept: Kept, last: int) -> Iterator[tuple[Any, ...]]:
        """Yield the covered cells of a table without a chain, up to a key."""
        columns = covered(kept)
        yield from self._paged([type_coerce(column, NullType()) for column in columns], columns[0], last)

    def last_case(self) -> int:
        """Return the highest number of a case that anything is kept of."""
        with self._reading() as connection:
            highest = [select(func.max(of.c.case_id)) for of in (cases, case_events, sealed_heads)]
            found = [connection.execute(one).scalar_one() for one in highest]
        return max((one for one in found if isinstance(one, int)), default=0)

    def cases(self, last: int, heads: Heads) -> Iterator[Told]:
        """Yield every case up to a number with its events, also one of which nothing is left."""
        for first in range(1, last + 1, SPAN):
            with self._reading() as connection:
                yield from _told(connection, first, min(last, first + SPAN - 1), heads)

    def stray(self, last: int) -> object:
        """Return the number of a case that no case can have and events have; None when there is none."""
        at = case_events.c.case_id
        with self._reading() as connection:
            wanted = select(type_coerce(at, NullType())).where((at > last) | (at < 1))
            return connection.execute(wanted.limit(1)).scalar_one_or_none()

    def _paged(self, columns: Any, key: ColumnElement[Any], last: int | None) -> Iterator[Any]:
        after: Any = None
        while True:
            wanted = select(*columns).order_by(key).limit(PAGE)
            wanted = wanted if last is None else wanted.where(key <= last)
            with self._reading() as connection:
                rows = connection.execute(wanted if after is None else wanted.where(key > after)).all()
            yield from rows
            if len(rows) < PAGE:
                return
            after = rows[-1][0]

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """Give a read transaction that takes text of any bytes."""
        with self._database.reading() as connection:
            if not self._database.is_sqlite:
                yield connection
                return
            held = connection.connection.dbapi_connection
            assert held is not None
            held.text_factory = _any_text
            try:
                yield connection
            finally:
                held.text_factory = str


def _any_text(written: bytes) -> str:
    return written.decode("utf-8", "surrogateescape")


def _told(connection: Connection, first: int, last: int, heads: Heads) -> Iterator[Told]:
    rows = {row["case_id"]: row for row in _cells(connection, cases, first, last)}
    sealed = _grouped(_cells(connection, sealed_heads, first, last))
    held = _held(connection, first, last)
    events = _grouped(_cells(connection, case_events, first, last))
    next_id, found = next(events, (None, []))
    sealed_id, kept = next(sealed, (None, []))
    for case_id in range(first, last + 1):
        marks = {}
        if sealed_id == case_id:
            marks = heads.take(kept)
            sealed_id, kept = next(sealed, (None, []))
        mine: list[Cells] = []
        if next_id == case_id:
            mine, (next_id, found) = found, next(events, (None, []))
        yield Told(case_id, rows.get(case_id), mine, held.get(case_id, 0), marks)


def _cells(connection: Connection, of: Table, first: int, last: int) -> Iterator[Cells]:
    names = _names(of)
    wanted = select(*_raw(of)).where(of.c.case_id.between(first, last)).order_by(*of.primary_key.columns)
    with connection.execution_options(yield_per=PAGE).execute(wanted) as rows:
        for row in rows:
            yield dict(zip(names, row, strict=True))


def _grouped(rows: Iterator[Cells]) -> Iterator[tuple[int | None, list[Cells]]]:
    for case_id, mine in groupby(rows, key=itemgetter("case_id")):
        yield case_id, list(mine)


def _held(connection: Connection, first: int, last: int) -> dict[int, int]:
    of = case_findings.c.case_id
    wanted = select(of, func.count()).where(of.between(first, last)).group_by(of)
    return {row[0]: row[1] for row in connection.execute(wanted)}


def _names(of: Table) -> list[str]:
    return [str(column.name) for column in of.c]  # without SQLAlchemy's marks for quoting


def _raw(of: Table) -> list[ColumnElement[Any]]:
    return [type_coerce(column, NullType()) for column in of.c]
