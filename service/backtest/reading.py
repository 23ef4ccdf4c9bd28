"""Reads the stored facts of a trade date in the order of the journal; it writes nothing.

Within one record: marks first, then what the message came to, then what the watch says of its own sight, as live.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, Table, and_, select

from rules.facts import AnyFact, Executed, Fill, Nanos
from rules.finding import Finding
from rules.rule import LooksAt
from service.backtest.day import Item
from service.backtest.screens import Screen
from service.backtest.truth import closed_as_true
from service.marks import corrected, executed_of
from service.processed import Amendment, RequotedKind
from service.store import tables
from service.store.day_span import span_of
from service.store.read_back import (
    amendment_of,
    change_of,
    end_of,
    event_of,
    fade_of,
    fill_of,
    markout_of,
    requoted_of,
)
from service.store.record import PROCESSED, read_offset

PAGE = 2_000
Cells = dict[str, Any]
Placed = tuple[int, int, int, Cells]
"""Offset, rank of its kind within one record, part, and the row."""
_finding = msgspec.json.Decoder(Finding)
_MARKED, _FADED, _FILLED, _AMENDED, _CHANGED, _ENDED, _REQUOTED, _SAID = range(8)
_KINDS: tuple[tuple[LooksAt, int, Table], ...] = (
    (LooksAt.MARKOUT, _MARKED, tables.markouts),
    (LooksAt.FADE, _FADED, tables.fades),
    (LooksAt.FILL, _FILLED, tables.executions),
    (LooksAt.FILL, _AMENDED, tables.amendments),
    (LooksAt.ORDER_CHANGED, _CHANGED, tables.order_events),
    (LooksAt.ORDER_OUTCOME, _ENDED, tables.order_outcomes),
    (LooksAt.FEED_EVENT, _SAID, tables.feed_events),
)

_NEEDLESS = dict.fromkeys((tables.executions, tables.order_events), ("decision", "content_hash", "dedup_key"))
"""What no fact is made of: the decision alone is as large as all the rest."""


class StoredDay:
    """The port Source over one connection of a store."""

    def __init__(self, connection: Connection, day: str) -> None:
        self._connection = connection
        self._day = day
        span = span_of(connection, day, read_offset(connection, PROCESSED))
        self.first, self.last = span or (1, 0)

    def items(self, kinds: frozenset[LooksAt], screen: Screen | None = None) -> Iterator[Item]:
        """Yield the facts of these kinds, and what amends or restates them, in the order of the journal.

        Of executions only those that pass the screen, if there is one, and those that late quotes state anew.
        """
        asked = kinds | {LooksAt.FILL} if LooksAt.MARKOUT in kinds else kinds  # a mark is of an execution
        wanted = [(rank, self._facts(table)) for kind, rank, table in _KINDS if kind in asked]
        if screen is not None and LooksAt.MARKOUT not in kinds:
            wanted = [(rank, self._screened(each, screen) if rank == _FILLED else each) for rank, each in wanted]
        if asked & {LooksAt.FILL, LooksAt.ORDER_OUTCOME}:
            wanted.append((_REQUOTED, self._facts(tables.requotes)))
        reading = _Reading()
        for _, rank, _, cells in heapq.merge(*(self._rows(rank, statement) for rank, statement in wanted)):
            item = reading.item(rank, cells)
            if item is not None and (rank != _FILLED or LooksAt.FILL in kinds):
                yield item

    def restated(self) -> tuple[frozenset[str], frozenset[str]]:
        """Return the ids of the executions and the keys of the orders that late quotes state anew."""
        made = tables.requotes.c
        wanted = select(made.kind, made.execution_id, made.order_key).where(*self._mine(tables.requotes))
        rows = self._connection.execute(wanted).all()
        executions = frozenset(row.execution_id for row in rows if row.kind == RequotedKind.EXECUTION.value)
        return executions, frozenset(row.order_key for row in rows if row.kind == RequotedKind.ORDER_END.value)

    def recorded(self) -> list[Finding]:
        """Return the findings that were recorded live, in the order of their commitment."""
        made = tables.findings.c
        wanted = select(made.body).where(made.trade_date == self._day).order_by(made.seq)
        return [_finding.decode(body) for body in self._connection.execute(wanted).scalars()]

    def second_looks(self) -> frozenset[int]:
        """Return the offsets of the records that brought about a second look."""
        made = tables.reassessments.c
        return frozenset(self._connection.execute(select(made.offset).where(made.trade_date == self._day)).scalars())

    def closed_as_true(self, findings: Iterable[str]) -> frozenset[str] | None:
        """Return which of these findings were closed as true; None where nobody says so of any."""
        return closed_as_true(self._connection, findings)

    def _mine(self, table: Table) -> tuple[Any, Any]:
        return table.c.offset.between(self.first, self.last), table.c.trade_date == self._day

    def _facts(self, table: Table) -> Select[Any]:
        columns: list[Any] = [column for column in table.c if column.name not in _NEEDLESS.get(table, ())]
        source: Any = table
        if table in (tables.markouts, tables.fades):
            columns.append(tables.journal.c.received_at)
            source = table.join(tables.journal, tables.journal.c.offset == table.c.offset, isouter=True)
        wanted = select(*columns).select_from(source).where(and_(*self._mine(table)))
        return wanted.order_by(table.c.offset, table.c.part)

    def _screened(self, statement: Select[Any], screen: Screen) -> Select[Any]:
        made, anew = tables.executions.c, tables.requotes
        restated = select(anew.c.execution_id).where(*self._mine(anew), anew.c.execution_id.is_not(None))
        return statement.where((made[screen.column] > screen.bound) | made.execution_id.in_(restated))

    def _rows(self, rank: int, statement: Select[Any]) -> Iterator[Placed]:
        found = self._connection.execution_options(yield_per=PAGE).execute(statement)
        names = tuple(found.keys())
        for page in found.partitions():
            for row in page:
                cells = dict(zip(names, row, strict=True))
                yield cells["offset"], rank, cells["part"], cells


class _Reading:
    """Makes facts of rows, and knows for the marks which execution each is of and what time it was."""

    def __init__(self) -> None:
        self._executed: dict[str, Executed] = {}
        self._clock = Nanos(0)

    def item(self, rank: int, cells: Cells) -> Item | None:
        """Return the fact that a row holds, None when no rule looked at it."""
        if rank in (_MARKED, _FADED):
            return self._mark(rank, cells)
        if "clock" in cells:
            self._clock = max(self._clock, cells["clock"])
        if rank == _ENDED and cells["restated"]:
            return None
        made = _MAKE[rank](cells)
        if isinstance(made, Fill):
            self._executed[made.execution_id] = executed_of(made)
        elif isinstance(made, Amendment) and made.quantity is not None and made.execution_id in self._executed:
            self._executed[made.execution_id] = corrected(self._executed[made.execution_id], made)
        return made

    def _mark(self, rank: int, cells: Cells) -> AnyFact | None:
        """Return the mark, None for one whose execution is not there: then no row tells what it is of."""
        self._clock = max(self._clock, Nanos(cells["received_at"] or 0))
        cells["clock"] = self._clock
        if rank == _FADED:
            return fade_of(cells)
        executed = self._executed.get(cells["execution_id"])
        return None if executed is None else markout_of(cells, executed)


_MAKE: dict[int, Callable[[Cells], Item]] = {
    _FILLED: fill_of,
    _AMENDED: amendment_of,
    _CHANGED: change_of,
    _ENDED: end_of,
    _REQUOTED: requoted_of,
    _SAID: event_of,
}
