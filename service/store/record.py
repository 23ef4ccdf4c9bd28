"""The store on a database: what a batch came to, whole or not at all. It decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, func, select, union_all

from rules.finding import Finding, Scope
from rules.reassessment import Reassessment
from service.orders.snapshot import KnownExecution
from service.ports import Checkpoint
from service.processed import Decision, Processed, with_marks
from service.requote import Decided
from service.store import rows, tables, work_rows
from service.store.bulk import Row, insert_new, upsert
from service.store.checkpoints import keep, newest
from service.store.engine import Database
from service.store.known import find_execution
from service.store.marks import end_mark_row, fade_row, markout_row, marks_taken
from service.store.not_evaluated import add_skipped
from service.store.read_back import reassessment_of
from service.store.register_rows import register_row
from service.store.requoted import find_decided

PROCESSED = "processed"
DEDUPLICATED = (tables.executions, tables.order_events, tables.amendments, tables.own_orders)
DECIDED = (tables.amendments, tables.order_events, tables.own_orders, tables.executions)
_decision = msgspec.json.Decoder(Decision)
_finding = msgspec.json.Decoder(Finding)


class SqlStore:
    """Records a batch whole or not at all; recording it twice changes nothing (port Store)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, processed: Processed) -> None:
        """Commit facts, findings, outcomes and the processed offset in one transaction."""
        batch = list(_fact_rows(processed))
        with self._database.writing() as connection:
            if processed.upto <= read_offset(connection, PROCESSED):
                return
            for table, made in batch:
                insert_new(connection, table, made)
            _insert_numbered(connection, tables.findings, work_rows.finding_row, processed.findings)
            _insert_numbered(connection, tables.reassessments, work_rows.reassessment_row, processed.reassessments)
            add_skipped(connection, processed.skipped)
            write_offset(connection, PROCESSED, processed.upto)

    def processed_offset(self) -> int:
        """Return the offset of the last record whose results are committed."""
        with self._database.reading() as connection:
            return read_offset(connection, PROCESSED)

    def decisions(self, after: int, upto: int) -> dict[int, Decision]:
        """Return the recorded decision of each offset in (after, upto] that made a fact or took marks."""
        found: dict[int, Decision] = {}
        with self._database.reading() as connection:
            for table in DECIDED:
                wanted = select(table.c.offset, table.c.decision).where(
                    table.c.offset > after, table.c.offset <= upto, table.c.decision.is_not(None)
                )
                found.update((offset, _decision.decode(packed)) for offset, packed in connection.execute(wanted))
            taken = marks_taken(connection, after, upto)
        return with_marks(found, taken)

    def known_keys(self, counterparty: str, trade_date: str, before: int) -> dict[str, bytes]:
        """Return dedup key → content hash of all recorded for that trade date at an offset < `before`."""
        wanted = union_all(
            *(
                select(table.c.dedup_key, table.c.content_hash).where(
                    table.c.trade_date == trade_date,
                    table.c.counterparty == counterparty,
                    table.c.dedup_key.is_not(None),
                    table.c.offset < before,
                )
                for table in DEDUPLICATED
            )
        )
        with self._database.reading() as connection:
            return {row.dedup_key: row.content_hash for row in connection.execute(wanted)}

    def known_execution(self, counterparty: str, exec_id: str, before: int) -> KnownExecution | None:
        """Return the execution that the ExecID led to at an offset < `before`, None when it cannot be told."""
        with self._database.reading() as connection:
            return find_execution(connection, counterparty, exec_id, before)

    def decided(self, offset: int, before: int) -> Decided:
        """Return what was judged by the decision at `offset`, as it was last stated before `before`."""
        with self._database.reading() as connection:
            return find_decided(connection, offset, before)

    def save_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Keep it; older ones go, as service.store.checkpoints says."""
        with self._database.writing() as connection:
            keep(connection, checkpoint)

    def checkpoint(self, schema: str) -> Checkpoint | None:
        """Return the newest checkpoint of that schema, None when there is none."""
        with self._database.reading() as connection:
            return newest(connection, schema)

    def checkpoint_before(self, schema: str, offset: int) -> Checkpoint | None:
        """Return the newest checkpoint of that schema taken at an offset < `offset`, None when there is none."""
        with self._database.reading() as connection:
            return newest(connection, schema, offset)

    def findings(self, trade_date: str, scope: Scope | None = None) -> list[Finding]:
        """Return the findings of a trade date for its digest (rules.digest), in the order they were committed."""
        kept = tables.findings
        wanted = select(kept.c.body).where(kept.c.trade_date == trade_date)
        if scope is not None:
            wanted = wanted.where(kept.c.scope == scope.value)
        with self._database.reading() as connection:
            return [_finding.decode(body) for (body,) in connection.execute(wanted.order_by(kept.c.seq))]

    def reassessments(self, trade_date: str) -> list[Reassessment]:
        """Return the second looks at the findings of a trade date, in the order they were committed."""
        kept = tables.reassessments
        wanted = select(kept).where(kept.c.trade_date == trade_date).order_by(kept.c.seq)
        with self._database.reading() as connection:
            return [reassessment_of(row) for row in connection.execute(wanted)]


def read_offset(connection: Connection, name: str) -> int:
    """Return how far the reader of that name has come, 0 when it has not begun."""
    offsets = tables.offsets
    found = connection.execute(select(offsets.c.value).where(offsets.c.name == name)).scalar_one_or_none()
    return 0 if found is None else int(found)


def write_offset(connection: Connection, name: str, value: int) -> None:
    """Set how far the reader of that name has come."""
    upsert(connection, tables.offsets, {"name": name, "value": value}, keys=("name",))


def _fact_rows(processed: Processed) -> Iterator[tuple[Table, Sequence[Row]]]:
    yield tables.message_outcomes, rows.outcome_rows(processed)
    fills, events = processed.fills, processed.order_events
    yield tables.executions, _parts(rows.execution_row, fills, [recorded.fill.offset for recorded in fills])
    yield tables.order_events, _parts(rows.order_event_row, events, [recorded.changed.offset for recorded in events])
    yield tables.own_orders, _parts(rows.own_order_row, processed.own_orders)
    yield tables.amendments, _parts(rows.amendment_row, processed.amendments)
    yield tables.order_outcomes, _parts(rows.order_outcome_row, processed.order_outcomes)
    yield tables.markouts, _parts(markout_row, processed.markouts)
    yield tables.requotes, _parts(rows.requote_row, processed.requotes)
    yield tables.end_marks, _parts(end_mark_row, processed.end_marks)
    yield tables.fades, _parts(fade_row, processed.fades)
    yield tables.register_changes, _parts(register_row, processed.register_changes)
    yield tables.feed_events, _parts(rows.feed_event_row, processed.feed_events)


def _parts(row: Callable[[Any, int], Row], made: Sequence[Any], offsets: list[int] | None = None) -> list[Row]:
    parts = rows.numbered(offsets if offsets is not None else (fact.offset for fact in made))
    return [row(fact, part) for fact, part in zip(made, parts, strict=True)]


def _insert_numbered(
    connection: Connection, table: Table, row: Callable[[Any, int], Row], found: Sequence[Finding | Reassessment]
) -> None:
    """Add rows under the numbers that follow: the order of commitment, which the caseworker reads along."""
    if not found:
        return
    last = int(connection.execute(select(func.coalesce(func.max(table.c.seq), 0))).scalar_one())
    insert_new(connection, table, [row(one, seq) for seq, one in enumerate(found, start=last + 1)])
