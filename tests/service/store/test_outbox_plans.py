"""How the outbox is read: no channel pays for what waits on another, nor for what was ever sent."""

from __future__ import annotations

import pytest
from sqlalchemy import event, insert, text

from alerts.ports import Settled
from rules.facts import Nanos
from service.store.engine import Database
from service.store.outbox import SqlOutbox
from service.store.tables import outbox
from tests.factories_cases import NOON, a_finding, a_queue, gather_all, recorded

MANY = 5_000
CASES = 100


@pytest.fixture
def crowded(database: Database) -> SqlOutbox:
    """Give an outbox in which few alerts wait on mqtt, thousands on the desk, and thousands were sent on mqtt."""
    recorded(database, *(a_finding(n, cause=f"venue {n}") for n in range(1, CASES + 1)))
    gather_all(a_queue(database), NOON)
    row = {
        "n": 1,
        "rule": "slow_fill",
        "severity": "high",
        "body": b"{}",
        "created_at": NOON,
        "attempts": 0,
        "reason": "opened",
    }
    sent = {"channel": "mqtt", "sent_at": NOON, "decision": "sent"}
    with database.writing() as connection:
        connection.execute(
            insert(outbox),
            [{**row, "channel": "desk", "case_id": n % CASES + 1, "idempotency_key": f"w{n}"} for n in range(MANY)],
        )
        connection.execute(
            insert(outbox), [{**row, **sent, "case_id": n % CASES + 1, "idempotency_key": f"s{n}"} for n in range(MANY)]
        )
        connection.execute(text("ANALYZE"))
    return SqlOutbox(database)


def plans(database: Database, ask: object) -> list[str]:
    """Return how the database would answer each question that is asked meanwhile."""
    asked: list[tuple[str, object]] = []

    def listen(_: object, __: object, statement: str, parameters: object, ___: object, ____: object) -> None:
        asked.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", listen)
    try:
        ask()  # type: ignore[operator]
    finally:
        event.remove(database.engine, "before_cursor_execute", listen)
    word = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
    with database.reading() as connection:
        rows = [
            row
            for statement, parameters in asked
            if statement.lstrip().upper().startswith("SELECT")
            for row in connection.exec_driver_sql(f"{word} {statement}", parameters)  # type: ignore[arg-type]
        ]
    return [str(row[-1]) for row in rows]


def test_what_waits_is_found_by_its_channel(database: Database, crowded: SqlOutbox) -> None:
    """By the index of what waits, which holds neither the other channel's nor what was sent."""
    plan = plans(database, lambda: crowded.waiting("mqtt", 50, NOON))

    assert any("ix_outbox_waiting" in line for line in plan), plan
    assert not any("SCAN outbox" in line or "Seq Scan on outbox" in line for line in plan), plan


def test_what_was_sent_last_is_found_by_its_time(database: Database, crowded: SqlOutbox) -> None:
    """However much was ever sent before."""
    first = crowded.waiting("mqtt", 1, NOON)[0]
    crowded.settle([Settled(first.outbox_id, "sent", "opened")], NOON + 1)

    plan = plans(database, lambda: crowded.sent_since("mqtt", Nanos(NOON + 1)))

    assert any("ix_outbox_sent" in line for line in plan), plan


def test_what_a_channel_said_of_late_is_found_by_its_time(database: Database, crowded: SqlOutbox) -> None:
    """And the storm that stands among what is about no exception, however many alerts there are."""
    plan = plans(database, lambda: crowded.paced("mqtt", NOON, 60))

    assert sum("ix_outbox_sent" in line for line in plan) >= 2, plan
    assert any("ix_outbox_case_id" in line for line in plan), plan
    assert not any("SCAN outbox" in line or "Seq Scan on outbox" in line for line in plan), plan
