"""Finds the journal offsets of a day, and the sessions that the store knows of.

The journal stands in order of receipt, so a day's first and last offset are found by halving.
"""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from service.journal import RecordKind
from service.statements.day import Whose
from service.statements.numbers import Span
from service.store import tables
from service.store.engine import Database
from service.store.export_text import day_bounds

came, became = tables.journal, tables.message_outcomes


def day_offsets(connection: Connection, day: str) -> Span:
    """Return the first and last journal offset of a date in New York; last < first when there is none.

    A journal without receive stamps (a replayed log) is cut where the trade dates of its facts change.
    """
    start, after = day_bounds(day)
    end = int(connection.execute(select(func.coalesce(func.max(came.c.offset), 0))).scalar_one())
    stamped = select(came.c.offset).where(came.c.kind == RecordKind.MESSAGE.value, came.c.received_at.is_not(None))
    if connection.execute(stamped.limit(1)).first() is None:
        return _by_facts(connection, day, end)
    return _first_since(connection, start, end), _first_since(connection, after, end) - 1


def known_sessions(database: Database, day: str) -> list[Whose]:
    """Return the sessions that the store knows of: those of any day with a gateway, and those heard on this day."""
    points = tables.session_points
    with database.reading() as connection:
        first, last = day_offsets(connection, day)
        kinds = (RecordKind.MESSAGE.value, RecordKind.BACKFILL.value)
        heard = select(came.c.counterparty, came.c.session).distinct()
        heard = heard.where(came.c.offset.between(first, last), came.c.kind.in_(kinds))
        found = {
            *connection.execute(heard).all(),
            *connection.execute(select(points.c.counterparty, points.c.session)).all(),
        }
    return sorted(Whose(counterparty, session, day) for counterparty, session in found)


def _first_since(connection: Connection, instant: int, end: int) -> int:
    low, high = 1, end + 1
    while low < high:
        middle = (low + high) // 2
        row = connection.execute(
            select(came.c.offset, came.c.received_at)
            .where(came.c.offset >= middle, came.c.received_at.is_not(None))
            .order_by(came.c.offset)
            .limit(1)
        ).first()
        if row is None or row.received_at >= instant:
            high = middle
        else:
            low = row.offset + 1
    return low


def _by_facts(connection: Connection, day: str, end: int) -> Span:
    mine = select(func.min(became.c.offset), func.max(became.c.offset)).where(became.c.trade_date == day)
    first, last = connection.execute(mine).one()
    if first is None:
        return 1, 0
    others = became.c.trade_date.is_not(None)
    before = select(func.max(became.c.offset)).where(others, became.c.offset < first)
    behind = select(func.min(became.c.offset)).where(others, became.c.offset > last)
    begin = connection.execute(before).scalar_one() or 0
    stop = connection.execute(behind).scalar_one() or end + 1
    return begin + 1, stop - 1
