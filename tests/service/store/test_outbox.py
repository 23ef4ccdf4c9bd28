"""The outbox over a real store: nothing leaves it unsettled, nothing settled comes back, each case keeps its order."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from alerts.ports import Dead, Held, Letter, Settled
from rules.facts import Nanos
from rules.finding import Severity
from service.cases.given import NOTHING
from service.cases.states import Action
from service.store.deliveries import SqlDeliveries
from service.store.engine import Database
from service.store.outbox import Depth, SqlOutbox
from service.store.tables import outbox
from service.telling.delivered import Fate
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
    assert alerts.depth() == Depth(waiting=2, oldest=NOON)


def test_what_the_plan_holds_back_is_no_attempt(alerts: SqlOutbox) -> None:
    """Quiet hours are no trouble of the way."""
    first = alerts.waiting("mqtt", 1, NOON)[0]

    alerts.hold([Held(first.outbox_id, "quiet until 07:00", NOON + SECOND, tried=False)])

    assert alerts.waiting("mqtt", 1, NOON + SECOND)[0].attempts == 0


def test_what_the_plan_holds_back_stands_as_held_until_it_is_tried(database: Database, alerts: SqlOutbox) -> None:
    """So that a night's quiet is not taken for a channel that is stuck."""
    first = alerts.waiting("mqtt", 1, NOON)[0]
    deliveries = SqlDeliveries(database)

    alerts.hold([Held(first.outbox_id, "quiet until 07:00", NOON + SECOND, tried=False)])
    by_night = deliveries.of_exception(1)[-1]
    alerts.hold([Held(first.outbox_id, "broker gone", NOON + 2 * SECOND)])
    by_day = deliveries.of_exception(1)[-1]

    assert (by_night.fate, by_night.error, by_night.attempts) == (Fate.HELD, "quiet until 07:00", 0)
    assert (by_day.fate, by_day.error, by_day.attempts) == (Fate.WAITING, "broker gone", 1)


def test_what_was_sent_last_comes_back_in_the_order_of_sending(alerts: SqlOutbox) -> None:
    """What was withheld, and what was sent before, does not."""
    first, second = alerts.waiting("mqtt", 2, NOON)
    alerts.settle([Settled(second.outbox_id, "sent", "opened")], NOON)
    alerts.settle([Settled(first.outbox_id, "sent", "opened")], NOON + SECOND)
    third = alerts.waiting("mqtt", 1, NOON)[0]
    alerts.settle([Settled(third.outbox_id, "withheld", "no route")], NOON + SECOND)

    assert [item.outbox_id for item in alerts.sent_since("mqtt", NOON)] == [second.outbox_id, first.outbox_id]
    assert [item.outbox_id for item in alerts.sent_since("mqtt", NOON + 1)] == [first.outbox_id]
    assert alerts.sent_since("desk", NOON) == []


def test_what_is_sent_again_stays_settled_and_counts_an_attempt(alerts: SqlOutbox) -> None:
    """Its verdict is that of the first time."""
    first = alerts.waiting("mqtt", 1, NOON)[0]
    alerts.settle([Settled(first.outbox_id, "sent", "opened")], NOON)

    alerts.sent_again([first.outbox_id])

    assert [(item.outbox_id, item.attempts) for item in alerts.sent_since("mqtt", NOON)] == [(first.outbox_id, 2)]


def test_only_what_nobody_acknowledged_and_nothing_waits_for_is_unanswered(
    database: Database, alerts: SqlOutbox
) -> None:
    """The newest that was sent of each exception, once it is old enough."""
    while waiting := alerts.waiting("mqtt", 50, NOON):
        alerts.settle([Settled(item.outbox_id, "sent", item.reason) for item in waiting], NOON + SECOND)

    before, told = alerts.unanswered("mqtt", NOON), alerts.unanswered("mqtt", NOON + SECOND)
    a_queue(database).act(2, Action.ACKNOWLEDGE, PAT, NOTHING, NOON + SECOND)
    after = alerts.unanswered("mqtt", NOON + SECOND)

    assert before == []
    assert [(sent.alert.case_id, sent.alert.reason, sent.at) for sent in told] == [
        (2, "opened", NOON + SECOND),
        (1, "severity_rose", NOON + SECOND),
    ]
    assert [sent.alert.case_id for sent in after] == [1]


def test_an_exception_of_which_something_waits_is_not_unanswered(alerts: SqlOutbox) -> None:
    """It will be heard of anyway."""
    first = alerts.waiting("mqtt", 1, NOON)[0]
    alerts.settle([Settled(first.outbox_id, "sent", "opened")], NOON)

    assert alerts.unanswered("mqtt", NOON) == []


def test_what_the_plan_holds_leaves_the_turn_to_the_next_of_its_case(alerts: SqlOutbox) -> None:
    """Which says what it is held up by: it may be too grave to be held, and then they go in their order."""
    first = alerts.waiting("mqtt", 1, NOON)[0]
    alerts.hold([Held(first.outbox_id, "quiet until 07:00", NOON + SECOND, tried=False)])

    turns = [(item.case_id, item.reason, item.behind) for item in alerts.waiting("mqtt", 50, NOON)]

    assert turns == [(2, "opened", ()), (1, "severity_rose", (first.outbox_id,))]
    assert heads(alerts, NOON + SECOND) == [(1, "opened"), (2, "opened")]


def test_a_letter_of_the_relay_goes_in_once(alerts: SqlOutbox) -> None:
    """The same key twice is one letter."""
    storm = Letter(key="storm/1/began", reason="storm began", body=b"{}", rule="storm", topic="storm")
    again = Letter(
        key="2/1/again/1", reason="still_waiting", body=b"{}", rule="slow_fill", severity="low", case_id=2, n=1
    )

    alerts.tell("desk", [storm, again], NOON)
    alerts.tell("desk", [storm], NOON + SECOND)

    found = [(item.key, item.topic, item.case_id, item.since) for item in alerts.waiting("desk", 50, NOON)]
    assert found == [("storm/1/began", "storm", None, NOON), ("2/1/again/1", None, 2, NOON)]


def test_a_reminder_that_was_not_sent_is_followed_by_one_with_another_key(alerts: SqlOutbox) -> None:
    """After as long again: what a storm left unsaid, or nobody took, does not silence the exception for ever."""
    while waiting := alerts.waiting("mqtt", 50, NOON):
        alerts.settle([Settled(item.outbox_id, "sent", item.reason) for item in waiting], NOON)
    first = next(sent for sent in alerts.unanswered("mqtt", NOON) if sent.alert.case_id == 2)
    reminder = Letter(
        key="2/1/again/1", reason="still_waiting", body=b"{}", rule="slow_fill", severity="low", case_id=2, n=1
    )

    alerts.tell("mqtt", [reminder], NOON + SECOND)
    (waits,) = alerts.waiting("mqtt", 50, NOON + SECOND)
    alerts.settle([Settled(waits.outbox_id, "withheld", "storm")], NOON + 2 * SECOND)
    too_soon = [sent.alert.case_id for sent in alerts.unanswered("mqtt", NOON + SECOND)]
    later = next(sent for sent in alerts.unanswered("mqtt", NOON + 2 * SECOND) if sent.alert.case_id == 2)

    assert first.told == 1
    assert too_soon == [1]
    assert (later.alert.key, later.told, later.at) == (first.alert.key, 2, NOON + 2 * SECOND)
