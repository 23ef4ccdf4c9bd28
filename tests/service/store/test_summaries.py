"""Summaries of the rules over a real store: what is open, of which nobody knows, and the newest of it."""

from __future__ import annotations

import pytest

from rules.facts import Nanos
from rules.finding import Severity
from service.cases.given import NOTHING
from service.cases.states import Action
from service.exact_text import iso_utc
from service.store.engine import Database
from service.store.summaries import SqlSummaries, open_by_rule
from tests.factories_cases import NOON, PAT, a_finding, a_queue, gather_all, recorded

LATER = Nanos(NOON + 1)


def summaries(database: Database) -> SqlSummaries:
    """Return the summaries of two rules, read at one instant."""
    return SqlSummaries(database, "demo", ["slow_fill", "poor_fill"], clock=lambda: LATER)


def test_of_a_new_store_every_rule_says_that_nothing_is_open(database: Database) -> None:
    """A subscriber can tell `nothing` from `not there`."""
    found = summaries(database).read()

    assert [(one.rule, sum(one.open.values()), one.newest, one.last_at) for one in found] == [
        ("poor_fill", 0, None, None),
        ("slow_fill", 0, None, None),
    ]


def test_open_exceptions_are_counted_by_severity_and_the_newest_is_named(database: Database) -> None:
    """Of this rule, and no other."""
    found = [a_finding(number, cause=f"venue {number}", severity=Severity.HIGH) for number in (1, 2)]
    found.append(a_finding(3, cause="venue 3", severity=Severity.LOW))
    recorded(database, *found)
    gather_all(a_queue(database))

    slow = summaries(database).read()[1]

    assert (slow.firm, slow.rule, slow.as_of) == ("demo", "slow_fill", iso_utc(LATER))
    assert slow.open == {"low": 1, "medium": 0, "high": 2, "critical": 0}
    assert (slow.unacknowledged, slow.newest, slow.last_at) == (3, 3, iso_utc(max(one.at for one in found)))


def test_what_somebody_has_in_hand_is_open_and_not_unacknowledged(database: Database) -> None:
    """As the relay sees it."""
    recorded(database, a_finding(1), a_finding(2, cause="venue 2"))
    queue = a_queue(database)
    gather_all(queue)

    queue.act(1, Action.ACKNOWLEDGE, PAT, NOTHING, NOON)
    slow = summaries(database).read()[1]

    assert (sum(slow.open.values()), slow.unacknowledged) == (2, 1)


async def test_the_loop_does_not_wait_for_the_store(database: Database) -> None:
    """It is read in a thread."""
    assert await summaries(database).current() == summaries(database).read()


def test_the_closed_are_not_read(database: Database) -> None:
    """The index of the open ones is taken: a look every two seconds costs what is open, and not the years before."""
    if not database.is_sqlite:
        pytest.skip("PostgreSQL decides by its statistics, and has none of so small a table")
    words = open_by_rule().compile(database.engine, compile_kwargs={"literal_binds": True})
    with database.engine.connect() as connection:
        steps = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}")]

    assert steps[0] == "SCAN cases USING INDEX ix_cases_open"
