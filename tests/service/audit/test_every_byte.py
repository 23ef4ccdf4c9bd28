"""Any changed byte of any cell that is covered is found; which cells are not covered is said here, one by one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Table, select, type_coerce
from sqlalchemy.types import NullType

from service.audit.chains import CHAINS, EVENTS, SEALS
from service.audit.stretches import STRETCHES
from service.audit.verify import verify
from service.store.columns import metadata
from service.store.engine import Database
from tests.factories_audit import NEXT_DAY, a_record, meddle, sealed

SEED = 20261126
CHAINED = {chain.table for chain in (*CHAINS, EVENTS, SEALS)}
COVERED = {*CHAINED, *(one.table for one in STRETCHES), "cases", "sealed_heads"}
NOT_COVERED = {
    "cases": {"due_at", "incident_seq", "sla_at"},
    "shelvings": {"ended_at", "ended_by"},
}
"""When clocks run out follows from the rules in force, an incident's row from its findings, and `step` only tells pages
what is new; how a shelving ended stands in the events of what it hid."""
BESIDE_THE_RECORD = {
    "journal": "the raw messages: of 512 a batch and millions a day only the offset is sealed",
    "session_points": "how far sessions had come",
    "executions": "facts, which verify-day makes again from the journal",
    "order_events": "facts, as above",
    "order_outcomes": "facts, as above",
    "amendments": "facts, as above",
    "markouts": "facts, as above",
    "end_marks": "facts, as above",
    "fades": "facts, as above",
    "requotes": "facts, as above",
    "own_orders": "facts, as above",
    "feed_events": "facts, as above",
    "message_outcomes": "facts, as above",
    "not_evaluated": "counts of facts, stated in the close of day",
    "register_changes": "what proposals, which are chained, came to",
    "versions": "where in the journal versions came into force",
    "proposal_backtests": "what a proposed rulebook would have found, which can be run again",
    "finding_quotes": "quotes around findings, which may come after them",
    "incidents": "made again from findings",
    "bulks": "each event of a decision over many has its number",
    "saved_views": "questions that people keep for themselves",
    "case_words": "what exceptions are searched by, made again from them",
    "outbox": "what was sent",
    "offsets": "how far each reader has come",
    "checkpoints": "a cache",
    "users": "changes of people are in the access log",
    "logins": "logins are in the access log",
    "api_tokens": "tokens made and revoked are in the access log",
}


@pytest.fixture
def record(database: Database) -> Database:
    """Give a store whose every row is behind its newest seal."""
    a_record(database)
    sealed(database, NEXT_DAY)
    return database


def test_it_is_said_of_every_table_whether_a_seal_covers_it() -> None:
    """A new table is on one of the two lists."""
    assert set(metadata.tables) == COVERED | set(BESIDE_THE_RECORD)
    assert COVERED.isdisjoint(BESIDE_THE_RECORD)


@pytest.mark.parametrize("name", sorted(COVERED))
def test_a_changed_byte_is_found_in_every_column_but_those_that_are_named(record: Database, name: str) -> None:
    """One byte of one cell, of every row and column, each alone; put back, the record holds again."""
    dice, of = random.Random(f"{SEED} {name}"), metadata.tables[name]
    missed = set()
    for column, row in cells(record, of):
        keys = {key.name: row[key.name] for key in of.primary_key}
        changed = another(row[column], column, name, dice)

        put(record, of, keys, column, changed)

        after = {**keys, column: changed} if column in keys else keys
        if not verify(record).broken:
            missed.add(column)
        put(record, of, after, column, row[column])
    assert missed == NOT_COVERED.get(name, set())
    assert verify(record).broken == ()


def cells(database: Database, of: Table) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each column with each row, as stored."""
    with database.reading() as connection:
        raw = [type_coerce(column, NullType()).label(column.name) for column in of.c]
        rows = [dict(row._mapping) for row in connection.execute(select(*raw))]
    assert rows, f"the record has nothing in {of.name}"
    # every column of one row, and of the others one column each: a store is verified for each of them
    for number, row in enumerate(rows):
        names = [str(column.name) for column in of.c]
        for name in names if number == 0 else [names[number % len(names)]]:
            yield name, row


def another(cell: Any, column: str, table: str, dice: random.Random) -> Any:
    """Return a cell that differs in one byte; where there was nothing, there is something."""
    if isinstance(cell, bytes):
        place = dice.randrange(len(cell))
        return cell[:place] + bytes([cell[place] ^ (1 << dice.randrange(7))]) + cell[place + 1 :]
    if isinstance(cell, str):
        place = dice.randrange(len(cell)) if cell else 0
        return cell[:place] + ("~" if cell[place : place + 1] != "~" else "-") + cell[place + 1 :]
    if isinstance(cell, bool):
        return not cell
    if isinstance(cell, int):
        return cell ^ 64 if column != "overdue" else 1 - cell
    kind = metadata.tables[table].c[column].type.python_type
    return {str: "x", int: 1, bool: True, bytes: b"x"}[kind]


def put(database: Database, of: Table, keys: dict[str, Any], column: str, cell: Any) -> None:
    """Write one cell behind the program's back."""
    where = " AND ".join(f'"{name}" = :key_{name}' for name in keys)
    values = {f"key_{name}": value for name, value in keys.items()}
    meddle(database, f'UPDATE {of.name} SET "{column}" = :cell WHERE {where}', cell=cell, **values)
