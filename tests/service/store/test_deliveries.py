"""What became of alerts, read from real stores: by exception, by channel, and those that are dead."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, insert

from service.store.deliveries import SqlDeliveries
from service.store.engine import Database
from service.store.tables import outbox
from service.telling.delivered import Fate
from tests.factories_cases import NOON, a_finding, a_queue, alert_text, gather_all, recorded
from tests.factories_telling import REFUSED, SECOND, a_dead_letter, an_alert
from tests.stores import ready_store

SETTLED = 20_000


def test_of_an_exception_it_is_told_what_each_channel_made_of_each_alert(database: Database) -> None:
    """The newest first, and of this exception alone."""
    recorded(database, a_finding(1), a_finding(2, cause="venue XOTH"))
    gather_all(a_queue(database, alert_text, "desk", "mqtt"))

    found = SqlDeliveries(database).of_exception(1)

    assert [(one.channel, one.exception, one.fate) for one in found] == [
        ("mqtt", 1, Fate.WAITING),
        ("desk", 1, Fate.WAITING),
    ]


def test_every_fate_is_told_with_what_is_kept_of_it(database: Database) -> None:
    """Sent, withheld, held, set aside, waiting, dead."""
    recorded(database, a_finding(1))
    gather_all(a_queue(database))
    an_alert(database, case_id=1, sent_at=NOON, decision="sent", route="grave")
    an_alert(database, case_id=1, sent_at=NOON, decision="withheld", reason="no route leads from it to desk")
    an_alert(database, case_id=1, decision="held", error="quiet until 07:00", not_before=NOON + SECOND)
    an_alert(database, case_id=1, sent_at=NOON, decision="set_aside", reason="a test", by="pat", dead_at=NOON)
    a_dead_letter(database, case_id=1, body=b"no JSON")

    found = SqlDeliveries(database).of_exception(1)[::-1]

    assert [one.fate.value for one in found] == ["waiting", "sent", "withheld", "held", "set_aside", "dead"]
    assert [(one.about, one.reason, one.route, one.by) for one in found[1:]] == [
        ("opened", "opened", "grave", None),
        ("opened", "no route leads from it to desk", None, None),
        ("opened", "opened", None, None),
        ("opened", "a test", None, "pat"),
        ("", "opened", None, None),
    ]
    assert (found[3].rests_until, found[5].dead_at, found[5].error, found[5].attempts) == (
        NOON + SECOND,
        NOON + 60 * SECOND,
        REFUSED,
        3,
    )


def test_a_channel_stands_as_its_alerts_do(database: Database) -> None:
    """What waits and since when, what was sent last, what is dead since when; each channel by itself."""
    an_alert(database, channel="mqtt", created_at=NOON)
    an_alert(database, sent_at=NOON + 5, decision="sent")
    an_alert(database, sent_at=NOON + 9, decision="withheld")
    an_alert(database, created_at=NOON + 10, decision="held", not_before=NOON + SECOND)
    an_alert(database, created_at=NOON + 11, attempts=1, error="connection refused")
    an_alert(database, created_at=NOON + 12)
    a_dead_letter(database, dead_at=NOON + 20)
    a_dead_letter(database, dead_at=NOON + 21)
    a_dead_letter(database, dead_at=NOON + 1, sent_at=NOON + 99, decision="set_aside", reason="old")

    desk, mqtt = SqlDeliveries(database).standings(NOON + 100, ["desk"])

    assert (desk.waiting, desk.held, desk.oldest, desk.due_since) == (3, 1, NOON + 10, NOON + 11)
    assert (desk.last_sent, desk.last_error) == (NOON + 5, "connection refused")
    assert (desk.dead, desk.dead_since) == (2, NOON + 20)
    assert (mqtt.channel, mqtt.configured, mqtt.waiting, mqtt.due_since, mqtt.dead) == ("mqtt", False, 1, NOON, 0)


def test_a_channel_of_which_there_is_nothing_stands_all_the_same(database: Database) -> None:
    """It is configured, and nothing was ever told by it."""
    (found,) = SqlDeliveries(database).standings(NOON + 100, ["desk"])

    assert (found.channel, found.configured, found.waiting, found.oldest, found.last_error) == (
        *("desk", True, 0, None, None),
    )


def test_what_was_held_is_due_from_the_end_of_that_on(database: Database) -> None:
    """A night's quiet is over: the channel is not stuck for what was made yesterday evening."""
    an_alert(database, created_at=NOON, decision="held", not_before=NOON + 500)
    deliveries = SqlDeliveries(database)

    (by_night,), (by_day,) = deliveries.standings(NOON + 499), deliveries.standings(NOON + 500)

    assert (by_night.held, by_night.due_since) == (1, None)
    assert (by_day.held, by_day.oldest, by_day.due_since) == (0, NOON, NOON + 500)


def test_where_nothing_waits_the_last_error_is_that_of_the_newest_dead_letter(database: Database) -> None:
    """So that the line of the channel says what is wrong with it."""
    a_dead_letter(database, error="older")
    a_dead_letter(database, error="newest")

    (found,) = SqlDeliveries(database).standings(NOON)

    assert found.last_error == "newest"


def test_the_dead_letters_come_in_pages_the_newest_first(database: Database) -> None:
    """None twice and none left out; of all channels or of one."""
    several = [a_dead_letter(database, channel=name) for n, name in enumerate(["desk", "log"] * 5)]
    deliveries = SqlDeliveries(database)

    pages, below = [], None
    while page := deliveries.dead(below=below, most=3):
        pages.append(page)
        below = page[-1].alert

    assert [one.alert for page in pages for one in page] == sorted(several, reverse=True)
    assert [len(page) for page in pages] == [3, 3, 3, 1]
    assert {one.channel for one in deliveries.dead("log")} == {"log"}


@pytest.fixture
def long_used(tmp_path: Path) -> Iterator[Database]:
    """Give a store with many alerts that are settled, and some that wait or are dead."""
    with ready_store("sqlite", tmp_path) as made:
        with made.writing() as connection:
            connection.execute(insert(outbox), list(_settled(SETTLED)))
            connection.exec_driver_sql("ANALYZE")
        an_alert(made)
        a_dead_letter(made)
        yield made


def _settled(many: int) -> Iterator[dict[str, object]]:
    for number in range(many):
        yield {
            "channel": ("desk", "mqtt")[number % 2],
            "n": number,
            "idempotency_key": f"k/{number}",
            "rule": "slow_fill",
            "severity": "low",
            "body": b"{}",
            "created_at": number,
            "attempts": 1,
            "sent_at": number + 1,
            "decision": "sent",
            "reason": "opened",
        }


def test_no_read_walks_through_what_is_settled(long_used: Database) -> None:
    """Every statement is answered by an index that leads to a few rows, never by a scan of the outbox."""
    asked: list[tuple[str, object]] = []

    @event.listens_for(long_used.engine, "before_cursor_execute")
    def note(_: Connection, __: object, statement: str, parameters: object, ___: object, ____: object) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    deliveries = SqlDeliveries(long_used)
    deliveries.standings(NOON, ["desk", "mqtt"])
    deliveries.of_exception(1)
    deliveries.dead("desk")
    event.remove(long_used.engine, "before_cursor_execute", note)
    with long_used.reading() as connection:
        plans = [
            " ".join(str(row[3]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters))  # type: ignore[arg-type]
            for statement, parameters in asked
        ]

    assert len(plans) > 10
    assert [plan for plan in plans if "SCAN" in plan] == []
    assert [plan for plan in plans if "autoindex" in plan and "channel>?" not in plan] == []
