"""Which journal offsets a trade date reaches over: what was received on it, and every fact that bears it."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from service.statements.gather_days import day_offsets
from service.store import tables

_BY_DATE = (
    tables.executions,
    tables.order_events,
    tables.own_orders,
    tables.amendments,
    tables.order_outcomes,
    tables.findings,
    tables.reassessments,
)
"""The tables that are found by trade date without reading all of them."""


def span_of(connection: Connection, day: str, processed: int) -> tuple[int, int] | None:
    """Return the first and last offset of a trade date among the processed ones, None when there is nothing of it."""
    ends = [*_by_receipt(connection, day, processed), *_by_facts(connection, day, processed)]
    return (min(ends), max(ends)) if ends else None


def _by_receipt(connection: Connection, day: str, processed: int) -> list[int]:
    first, last = day_offsets(connection, day)
    last = min(last, processed)
    return [first, last] if first <= last else []


def _by_facts(connection: Connection, day: str, processed: int) -> Iterator[int]:
    for table in _BY_DATE:
        ends = select(func.min(table.c.offset), func.max(table.c.offset)).where(table.c.trade_date == day)
        yield from (end for end in connection.execute(ends).one() if end is not None and end <= processed)
