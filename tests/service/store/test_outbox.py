"""The outbox over a real store: nothing leaves it unsettled, nothing settled comes back, each case keeps its order."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from alerts.ports import Dead, Held, Settled, Standing
from rules.facts import Nanos
from rules.finding import Severity
from service.cases.given import NOTHING
from service.cases.states import Action
from service.store.engine import Database
from service.store.outbox import Depth, SqlOutbox
from service.store.tables import outbox
from tests.factories_cases import NOON, PAT, a_finding, a_queue, gather_all, recorded

SECOND = 1_000_000_000


@pytest.fixture
def alerts(database: Database) -> SqlOutbox:
    """Give an outbox with three alerts: two of the first case (it rose), one of the second."""
    recorded(database, a_finding(1), a_finding(2, cause="venue XOTH"))
    gather_all(a_queue(database), NOON)
    recorded(database, a_finding(3, severity=Severity.CRITICAL))
    gather_all(a_queue(database), Nanos(NOON + SECOND))
    return SqlOutbox(database)


def heads(alerts: SqlOutbox, now: int = NOON, limit: int = 50) -> list[tuple[int, str]]:
    """Return case and reason of what may go out now."""
    return [(item.case_id, item.reason) for item in alerts.waiting("mqtt", limit, now)]


def test_only_the_oldest_alert_of_each_case_may_go_out(alerts: SqlOutbox) -> None:
    """At most one in flight per case, so that a subscriber sees its steps in order."""
    assert heads(alerts) == [(1, "opened"), (2, "opened")]


def test_once_it_is_settled_the_next_of_the_case_follows(alerts: SqlOutbox) -> None:
    """Settled alerts never come back."""
    first = alerts.waiting("mqtt", 1, NOON)[0]

    alerts.settle([Settled(first.outbox_id, "sent", "opened")], NOON)

    assert heads(alerts) == [(2, "opened"), (1, "severity_rose")]


def test_a_round_is_bounded(alerts: SqlOutbox) -> None:
    """The oldest go first."""
    assert heads(alerts, limit=1) == [(1, "opened")]


def test_an_alert_that_was_refused_rests_and_holds_back_its_case_alone(alerts: SqlOutbox) -> None:
    """Other cases go on; after its rest the alert is tried again, and the attempt is counted."""
    first = alerts.waiting("mqtt", 1, NOON)[0]

    alerts.hold([Held(first.outbox_id, "broker gone", NOON + SECOND)])

    assert heads(alerts) == [(2, "opened")]
    assert heads(alerts, NOON + SECOND) == [(1, "opened"), (2, "opened")]
    assert alerts.waiting("mqtt", 1, NOON + SECOND)[0].attempts == 1


def test_other_channels_are_left_alone(alerts: SqlOutbox) -> None:
    """Each channel drains its own rows."""
    assert alerts.waiting("webhook", 50, NOON) == []


def test_the_state_of_the_case_is_the_one_at_this_moment(database: Database, alerts: SqlOutbox) -> None:
    """Who acknowledges while the broker is away is not paged afterwards."""
    a_queue(database).act(2, Action.ACKNOWLEDGE, PAT, NOTHING, NOON)

    assert [(item.case_id, item.acknowledged) for item in alerts.waiting("mqtt", 50, NOON)] == [(1, False), (2, True)]


def test_verdict_reason_and_time_are_kept_with_the_alert(database: Database, alerts: SqlOutbox) -> None:
    """Why something was or was not sent can be told later."""
    waiting = alerts.waiting("mqtt", 50, NOON)

    alerts.settle(
        [Settled(item.outbox_id, "withheld", "acknowledged before it was sent", "night") for item in waiting], NOON + 5
    )

    with database.reading() as connection:
        kept = connection.execute(select(outbox).where(outbox.c.sent_at.is_not(None))).all()
    assert [(row.decision, row.reason, row.route, row.sent_at, row.attempts) for row in kept] == [
        ("withheld", "acknowledged before it was sent", "night", NOON + 5, 1)
    ] * 2


def test_depth_says_how_many_wait_and_since_when(alerts: SqlOutbox) -> None:
    """What the metrics show."""
    assert alerts.depth() == Depth(waiting=3, oldest=NOON)


def test_an_empty_outbox_has_no_age(database: Database) -> None:
    """Nothing waits, since never."""
    assert SqlOutbox(database).depth() == Depth(waiting=0, oldest=None)


def test_a_dead_letter_waits_for_a_person_and_holds_nothing_back(alerts: SqlOutbox) -> None:
    """Later alerts of its case go on; what the other side said is kept."""
    first = alerts.waiting("mqtt", 1, NOON)[0]

    alerts.bury([Dead(first.outbox_id, "400 Bad Request")], NOON + 5)

    assert heads(alerts) == [(2, "opened"), (1, "severity_rose")]
    assert alerts.standings() == {"mqtt": Standing(waiting=2, oldest=NOON, dead=1)}
    assert alerts.depth() == Depth(waiting=2, oldest=NOON)


def test_what_the_plan_holds_back_is_no_attempt(alerts: SqlOutbox) -> None:
    """Quiet hours are no trouble of the way."""
    first = alerts.waiting("mqtt", 1, NOON)[0]

    alerts.hold([Held(first.outbox_id, "quiet until 07:00", NOON + SECOND, tried=False)])

    assert alerts.waiting("mqtt", 1, NOON + SECOND)[0].attempts == 0
