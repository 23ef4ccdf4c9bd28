"""How the work stands, counted from the store."""

from __future__ import annotations

import pytest

from rules.facts import SECOND, Nanos
from rules.finding import Severity
from service.cases.actor import Actor
from service.cases.given import NOTHING, Given
from service.cases.rules import DEFAULTS, Rules
from service.cases.states import Action
from service.metrics.tally import Tally
from service.store.engine import Database
from service.store.tables import versions
from service.store.work_tally import SqlTally
from tests.factories_cases import MINUTE, NO_CLOCKS, NOON, PAT, a_finding, a_queue, gather_all, recorded


def some_cases(database: Database, rules: Rules = NO_CLOCKS) -> None:
    """Open three exceptions at noon: two medium of slow_fill, one high of poor_fill."""
    recorded(
        database,
        a_finding(1),
        a_finding(2, cause="venue XOTH"),
        a_finding(3, rule="poor_fill", severity=Severity.HIGH),
    )
    gather_all(a_queue(database, rules=rules), NOON)


def test_an_empty_store_stands_at_nothing(database: Database) -> None:
    """And nothing was ever certified or sealed."""
    assert SqlTally(database).read(NOON) == Tally()


def test_a_certificate_and_a_seal_that_never_came_are_late_since_the_store_began(database: Database) -> None:
    """A certifier that fails from the first day on would otherwise be missed by nobody."""
    with database.writing() as connection:
        for number, at in enumerate((NOON + 1, NOON)):
            version = {"offset": number, "kind": "rulebook", "name": "", "hash": "", "activated_at": at}
            connection.execute(versions.insert().values(**version))

    tally = SqlTally(database).read(Nanos(NOON + 5 * MINUTE))

    assert (tally.certified_at, tally.sealed_at) == (NOON, NOON)


def test_open_exceptions_are_counted_by_severity_age_and_state(database: Database) -> None:
    """With the number of the newest of each rule, and since when the oldest waits."""
    some_cases(database)
    a_queue(database).act(1, Action.ACKNOWLEDGE, PAT, NOTHING, Nanos(NOON + 1))

    work = SqlTally(database).read(Nanos(NOON + 20 * MINUTE)).work

    assert work.opened == {("medium", "under_1h"): 2, ("high", "under_1h"): 1}
    assert work.states == {"new": 2, "acknowledged": 1}
    assert work.unacknowledged == {"medium": 1, "high": 1}
    assert work.waiting_since == {"medium": NOON, "high": NOON}
    assert work.newest == {("slow_fill", "medium"): 2, ("poor_fill", "high"): 3}
    assert work.newest_waiting == {("slow_fill", "medium"): 2, ("poor_fill", "high"): 3}
    assert work.breached == {}


@pytest.mark.parametrize(
    ("hours", "breached"),
    [(2, {"high": 0, "medium": 0}), (9, {"high": 1, "medium": 0}), (17, {"high": 1, "medium": 2})],
)
def test_only_a_closing_that_is_late_is_a_breach(database: Database, hours: int, breached: dict[str, int]) -> None:
    """By the clock of its closing: nobody looking at it in time is another matter, and counted as such."""
    some_cases(database, DEFAULTS)

    work = SqlTally(database).read(Nanos(NOON + hours * 60 * MINUTE)).work

    assert work.breached == breached


def test_a_clock_that_stands_still_is_no_breach(database: Database) -> None:
    """The vendor has the word; what the clock ran before counts when he gave it back."""
    some_cases(database, DEFAULTS)
    queue = a_queue(database, rules=DEFAULTS)
    queue.act(3, Action.ACKNOWLEDGE, PAT, NOTHING, NOON)
    queue.act(3, Action.WAIT_ON_VENDOR, PAT, Given(ticket="T-1"), Nanos(NOON + MINUTE))

    work = SqlTally(database).read(Nanos(NOON + 9 * 60 * MINUTE)).work

    assert "high" not in work.breached


def test_alerts_that_wait_are_there_by_channel(database: Database) -> None:
    """As the outbox has them."""
    some_cases(database)

    standing = SqlTally(database).read(NOON).channels["mqtt"]

    assert (standing.waiting, standing.oldest, standing.dead) == (3, NOON, 0)


def test_the_first_acknowledgement_is_found_with_how_long_it_took(database: Database) -> None:
    """And not the second, after the exception had come back."""
    some_cases(database)
    queue = a_queue(database)
    queue.act(3, Action.ACKNOWLEDGE, PAT, NOTHING, Nanos(NOON + 90 * SECOND))
    queue.act(3, Action.ESCALATE, PAT, Given(words="look", role="supervisor"), Nanos(NOON + 100 * SECOND))
    queue.act(3, Action.ACKNOWLEDGE, PAT, NOTHING, Nanos(NOON + 110 * SECOND))

    found = SqlTally(database).done(NOON)

    assert [(one.action, one.severity, one.seconds) for one in found] == [(Action.ACKNOWLEDGE, "high", 90.0)]


def test_what_was_done_before_is_not_looked_at(database: Database) -> None:
    """Not even when the exception was touched later."""
    some_cases(database)
    queue = a_queue(database)
    queue.act(3, Action.ACKNOWLEDGE, PAT, NOTHING, Nanos(NOON + 1))
    queue.act(3, Action.NOTE, PAT, Given(words="hm"), Nanos(NOON + 5))

    found = {since: len(SqlTally(database).done(Nanos(NOON + since))) for since in (1, 2)}

    assert found == {1: 1, 2: 0}


def test_a_closing_is_found_also_when_the_exception_came_back_at_once(database: Database) -> None:
    """A new finding of its cause reopens it before anybody looked; what the person did is done all the same."""
    some_cases(database)
    queue = a_queue(database)
    queue.act(1, Action.ACKNOWLEDGE, PAT, NOTHING, Nanos(NOON + MINUTE))
    queue.act(1, Action.CLOSE, Actor(name="sam"), Given(reason="justified", words="seen"), Nanos(NOON + 2 * MINUTE))
    recorded(database, a_finding(4))
    gather_all(queue, Nanos(NOON + 2 * MINUTE + 1))

    found = SqlTally(database).done(NOON)

    assert SqlTally(database).read(Nanos(NOON + 3 * MINUTE)).work.states == {"new": 2, "reopened": 1}
    assert [(one.action, one.seconds) for one in found] == [(Action.ACKNOWLEDGE, 60.0), (Action.CLOSE, 120.0)]


def test_what_is_acknowledged_is_not_the_newest_that_waits(database: Database) -> None:
    """It is open all the same."""
    some_cases(database)
    for number in (2, 3):
        a_queue(database).act(number, Action.ACKNOWLEDGE, PAT, NOTHING, Nanos(NOON + 1))

    work = SqlTally(database).read(Nanos(NOON + MINUTE)).work

    assert work.newest == {("slow_fill", "medium"): 2, ("poor_fill", "high"): 3}
    assert work.newest_waiting == {("slow_fill", "medium"): 1}
