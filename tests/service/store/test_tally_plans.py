"""How the work is counted: no count pays for what was closed, however much that is."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select, text

from rules.facts import SECOND, Nanos
from service.cases.given import Given
from service.cases.states import Action
from service.store.engine import Database
from service.store.tables import case_events, cases
from service.store.work_tally import SqlTally
from tests.factories_cases import NOON, PAT, a_finding, a_queue, gather_all, recorded
from tests.service.store.test_outbox_plans import plans

MANY = 5_000
YEAR = 365 * 24 * 3600 * SECOND


@pytest.fixture
def closed(database: Database) -> SqlTally:
    """Give the tally of a store with one open exception and thousands that were closed a year ago."""
    recorded(database, a_finding(1))
    queue = a_queue(database)
    gather_all(queue, NOON)
    queue.act(1, Action.ACKNOWLEDGE, PAT, Given(), Nanos(NOON + 1))
    with database.writing() as connection:
        row = dict(connection.execute(select(cases)).mappings().one())
        steps = [dict(step) for step in connection.execute(select(case_events)).mappings()]
        old = {"state": "closed", "opened_at": NOON - YEAR, "updated_at": NOON - YEAR}
        numbers = range(2, MANY + 2)
        connection.execute(insert(cases), [{**row, **old, "case_id": number} for number in numbers])
        past = [{**step, "case_id": number, "at": NOON - YEAR} for number in numbers for step in steps]
        connection.execute(insert(case_events), past)
        connection.execute(text("ANALYZE"))
    return SqlTally(database)


def test_what_was_closed_is_not_read_to_count_what_is_open(closed: SqlTally, database: Database) -> None:
    """Open ones have an index of their own."""
    found = plans(database, lambda: closed.read(NOON))

    assert [line for line in found if "ix_cases_open" in line]
    assert [line for line in found if "cases" in line.lower() and _whole(line)] == []


def test_what_was_done_long_ago_is_not_read_to_count_what_was_done_now(closed: SqlTally, database: Database) -> None:
    """By when an exception was touched last; its steps by their key."""
    found = plans(database, lambda: closed.done(Nanos(NOON - 300 * SECOND)))

    assert len(closed.done(Nanos(NOON - 300 * SECOND))) == 1
    assert [line for line in found if _whole(line)] == []


def _whole(line: str) -> bool:
    """Tell whether a step of a plan reads a whole table."""
    return "Seq Scan" in line or (line.startswith("SCAN") and "INDEX" not in line)
