"""Exports: rows of the store by the documented contract (export_columns.py), in journal order, over one state of it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TextIO

import msgspec
from sqlalchemy import Connection, Select, literal

from service.market.fee_schedule import FeeSchedule
from service.store.engine import Database
from service.store.export_columns import EXPORT_SCHEMA, EXPORTS, shown
from service.store.export_derived import with_fee, with_placements
from service.store.export_ended import with_end
from service.store.export_fades import with_moves
from service.store.export_incidents import told
from service.store.export_markouts import measured
from service.store.export_orders import names, orders
from service.store.export_parents import parents
from service.store.export_quality import quality
from service.store.export_quality_after import quality_after
from service.store.export_queries import QUERIES, executions
from service.store.export_text import day_bounds, sending_day, trade_day
from service.store.export_unmatched import spread
from service.store.upgrade import require_current

PAGE = 1000


class SqlRecords:
    """Gives out what the exports show, row by row in journal order (port Records)."""

    def __init__(self, database: Database, fees: Mapping[str, FeeSchedule] | None = None) -> None:
        self._database = database
        self._fees = fees or {}

    def rows(self, what: str, day: str | None) -> Iterator[dict[str, object]]:
        """Yield one dict a row with every documented column; `day` is a trade date as YYYY-MM-DD, None for all."""
        columns = EXPORTS[what]
        if day is not None:
            day_bounds(day)  # raises before the first row when it is no date
        for row in self._found(what, day):
            kept = PREPARED[what](row) if what in PREPARED else row
            if day is None or what != "messages" or kept["trade_date"] == day:
                yield shown(columns, kept)

    def _found(self, what: str, day: str | None) -> Iterable[dict[str, Any]]:
        if what == "parents":
            return self._parents(day)
        found = self._read(QUERIES[what](day))
        if what in WITH_FEES:
            found = (with_fee(row, self._fees.get(row["counterparty"])) for row in found)
        return GROUPED[what](found) if what in GROUPED else found

    def _parents(self, day: str | None) -> Iterator[dict[str, Any]]:
        with self._database.reading() as connection:
            yield from parents(*(_rows(connection, question(day)) for question in (orders, executions, names)))

    def _read(self, query: Select[Any]) -> Iterator[dict[str, Any]]:
        with self._database.reading() as connection:
            yield from _rows(connection, query)


def _rows(connection: Connection, query: Select[Any]) -> Iterator[dict[str, Any]]:
    found = connection.execution_options(yield_per=PAGE).execute(
        query.add_columns(literal(EXPORT_SCHEMA).label("schema"))
    )
    for row in found.mappings():
        yield dict(row)


def write_export(
    url: str, what: str, day: str | None, form: str, out: TextIO, fees: Mapping[str, FeeSchedule] | None = None
) -> None:
    """Write one export to a stream as `jsonl` or `csv`; what is wrong is raised in words for a person."""
    with Database(url) as database:
        require_current(database)
        WRITERS[form](EXPORTS[what], SqlRecords(database, fees).rows(what, day), out)


def _write_jsonl(_: Iterable[str], rows: Iterator[dict[str, object]], out: TextIO) -> None:
    encode = msgspec.json.Encoder().encode
    for row in rows:
        out.write(encode(row).decode("utf-8"))
        out.write("\n")


def _write_csv(columns: Iterable[str], rows: Iterator[dict[str, object]], out: TextIO) -> None:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(value) for value in row.values()])


def _cell(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


WRITERS: dict[str, Callable[[Iterable[str], Iterator[dict[str, object]], TextIO], None]] = {
    "jsonl": _write_jsonl,
    "csv": _write_csv,
}


def _with_day(row: dict[str, Any]) -> dict[str, Any]:
    """Give a message its trade date: its fact's, else that of its receipt here, else of its SendingTime."""
    if row["trade_date"] is not None:
        return row
    received_at = row["received_at"]
    day = sending_day(row["raw"]) if received_at is None else trade_day(received_at)
    return {**row, "trade_date": day}


WITH_FEES = ("executions", "quality")
"""The exports that show what an execution cost."""
PREPARED: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "executions": with_placements,
    "orders": with_end,
    "messages": _with_day,
    "markouts": measured,
    "fades": with_moves,
    "unmatched": spread,
    "incidents": told,
}
"""What is worked out of a row before it is shown."""
GROUPED: dict[str, Callable[[Iterable[dict[str, Any]]], Iterator[dict[str, Any]]]] = {
    "quality": quality,
    "quality_after": lambda rows: quality_after(measured(row) for row in rows),
}
"""What is shown of many rows together."""
