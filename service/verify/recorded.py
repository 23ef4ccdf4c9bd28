"""Reads from the store what was recorded live of a trade date, in one view of it; it writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, Table, func, select

from rules.finding import Finding
from service.statements.chain import Kind
from service.statements.closing import CloseOfDay
from service.store import tables
from service.store.day_span import span_of
from service.store.engine import Database
from service.store.read_back import reassessment_of
from service.store.record import PROCESSED, read_offset
from service.store.statements import statement_of
from service.verify.close import Closed
from service.verify.compare import Came

_TABLES = {
    "fills": tables.executions,
    "order_events": tables.order_events,
    "own_orders": tables.own_orders,
    "amendments": tables.amendments,
    "order_outcomes": tables.order_outcomes,
    "markouts": tables.markouts,
    "end_marks": tables.end_marks,
    "fades": tables.fades,
    "requotes": tables.requotes,
    "register_changes": tables.register_changes,
    "feed_events": tables.feed_events,
}
_finding = msgspec.json.Decoder(Finding)
_closed = msgspec.json.Decoder(CloseOfDay)


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """A trade date as it was recorded live: its first and last journal offset, and how far all is recorded."""

    first: int
    last: int
    processed: int
    came: Came
    closed: Closed | None


def recorded(database: Database, day: str) -> Recorded | None:
    """Return what was recorded of a trade date, None when nothing was."""
    with database.reading() as connection:
        processed = read_offset(connection, PROCESSED)
        span = span_of(connection, day, processed)
        if span is None:
            return None
        first, last = span
        return Recorded(
            first=first,
            last=last,
            processed=processed,
            came=Came(
                findings=tuple(_findings(connection, day)),
                looks=tuple(reassessment_of(row) for row in connection.execute(_of_day(tables.reassessments, day))),
                facts=counted(connection, day, first, processed),
            ),
            closed=_closed_as(connection, day),
        )


def counted(connection: Connection, day: str, first: int, upto: int) -> dict[str, int]:
    """Return how many rows of each kind of fact of the day were made at the offsets from first to upto."""
    found = {}
    for name, table in _TABLES.items():
        mine = (table.c.offset.between(first, upto), table.c.trade_date == day)
        found[name] = int(connection.execute(select(func.count()).select_from(table).where(*mine)).scalar_one())
    return found


def _findings(connection: Connection, day: str) -> Iterator[Finding]:
    for row in connection.execute(_of_day(tables.findings, day)):
        yield _finding.decode(row.body)


def _of_day(table: Table, day: str) -> Select[Any]:
    return select(table).where(table.c.trade_date == day).order_by(table.c.seq)


def _closed_as(connection: Connection, day: str) -> Closed | None:
    """Return what the newest close of the day states of its digests, None when nobody has signed one."""
    kept = tables.statements
    wanted = select(kept).where(kept.c.trade_date == day, kept.c.kind == Kind.CLOSE_OF_DAY.value)
    row = connection.execute(wanted.order_by(kept.c.seq.desc()).limit(1)).one_or_none()
    if row is None:
        return None
    one = statement_of(row)
    return Closed(seq=one.seq, digests=_closed.decode(one.body).digests)
