"""The rows of record and trail for an export: of all there is, of some trade dates, or of one exception."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, Table, and_, func, select, true

from service.audit.parts import PARTS, Part, Span
from service.store.columns import metadata
from service.store.engine import Database
from service.store.export_columns import shown
from service.store.export_kinds import Columns
from service.store.tables import case_findings, cases, executions, findings, journal

PAGE = 1_000


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """Which exceptions are meant: one, or those of trade dates from `first` to `last`, either open."""

    first: str | None = None
    last: str | None = None
    case: int | None = None


class SqlTrailExport:
    """Gives out the parts of record and trail over one database."""

    def __init__(self, database: Database, selection: Selection) -> None:
        self._database = database
        self._selection = selection

    def columns(self, name: str) -> Columns:
        """Return the columns of a part."""
        return PARTS[name].columns(metadata.tables[PARTS[name].table].c.keys())

    def rows(self, name: str) -> Iterator[dict[str, object]]:
        """Yield the rows of a part, in the order of their key."""
        part, columns = PARTS[name], self.columns(name)
        of = metadata.tables[part.table]
        wanted = select(of).where(self._which(part, of)).order_by(*of.primary_key.columns)
        for row in self._read(wanted):
            cells = row._mapping  # noqa: SLF001 - the public name of a row's mapping
            yield shown(columns, {column: cells[part.source(column)] for column in columns})

    def messages(self) -> Iterator[dict[str, Any]]:
        """Yield the journal records that the findings of the selection name, each once."""
        given: set[int] = set()
        for named in _pages(self._read(select(findings.c.body).where(self._of_findings()).order_by(findings.c.seq))):
            fresh = sorted(named - given)
            given.update(fresh)
            for first in range(0, len(fresh), PAGE):
                some = journal.c.offset.in_(fresh[first : first + PAGE])
                for row in self._read(select(journal).where(some).order_by(journal.c.offset)):
                    yield dict(row._mapping)  # noqa: SLF001 - see above

    def ends(self) -> tuple[str | None, str | None]:
        """Return the first and the last trade date of an execution or a finding."""
        days = [of.c.trade_date for of in (executions, findings)]
        with self._database.reading() as connection:
            found = [connection.execute(select(func.min(day), func.max(day))).one() for day in days]
        first, last = ([day for day in ends if day is not None] for ends in zip(*found, strict=True))
        return min(first, default=None), max(last, default=None)

    def _read(self, wanted: Select[Any]) -> Iterator[Any]:
        with self._database.reading() as connection:
            yield from _streamed(connection, wanted)

    def _which(self, part: Part, of: Table) -> ColumnElement[bool]:
        if part.span is Span.WHOLE:
            return true()
        if of is cases:
            return self._meant(cases.c.case_id, cases.c.trade_date)
        if "case_id" in of.c:
            return of.c.case_id.in_(select(cases.c.case_id).where(self._meant(cases.c.case_id, cases.c.trade_date)))
        if of is findings:
            return self._of_findings()
        return of.c.finding_id.in_(select(findings.c.finding_id).where(self._of_findings()))

    def _of_findings(self) -> ColumnElement[bool]:
        held = select(case_findings.c.seq).where(case_findings.c.case_id == self._selection.case)
        return self._meant(None, findings.c.trade_date) if self._selection.case is None else findings.c.seq.in_(held)

    def _meant(self, case_id: Any, day: ColumnElement[str]) -> ColumnElement[bool]:
        chosen = self._selection
        if chosen.case is not None:
            return case_id == chosen.case  # type: ignore[no-any-return] # a column compared is a condition
        bounds = [day >= chosen.first] if chosen.first else []
        return and_(true(), *bounds, *([day <= chosen.last] if chosen.last else []))


def _streamed(connection: Connection, wanted: Select[Any]) -> Iterator[Any]:
    with connection.execution_options(yield_per=PAGE).execute(wanted) as rows:
        yield from rows


class _Named(msgspec.Struct, frozen=True):
    offset: int
    related: tuple[int, ...] = ()


def _pages(rows: Iterable[Any]) -> Iterator[set[int]]:
    """Yield the journal offsets that findings name, some findings at a time."""
    named: set[int] = set()
    for (body,) in rows:
        one = msgspec.json.decode(body, type=_Named)
        named.update((one.offset, *one.related))
        if len(named) >= PAGE:
            yield named
            named = set()
    yield named
