"""The outbox in memory and the real ones keep the same promises, whatever is done to them in whatever order."""

from __future__ import annotations

from random import Random

import msgspec
import pytest
from sqlalchemy import select

from alerts.plan import SECOND
from alerts.ports import Dead, Held, Letter, Outbox, Paced, Settled, Waiting
from alerts.storm import StormReport
from rules.facts import Nanos
from rules.finding import Severity
from service.store.engine import Database
from service.store.outbox import SqlOutbox
from service.store.tables import outbox
from tests.factories_cases import NOON, a_finding, a_queue, gather_all, recorded
from tests.fakes_alerts import FakeOutbox, waits

CASES = 4
STEPS = (Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)
TURNS = 60


@pytest.fixture
def boxes(database: Database) -> tuple[SqlOutbox, FakeOutbox]:
    """Give a real outbox in which four exceptions have told four steps, and one in memory with the same."""
    queue = a_queue(database)
    for step, severity in enumerate(STEPS):
        recorded(database, *(a_finding(step * 100 + n, cause=f"venue {n}", severity=severity) for n in range(CASES)))
        gather_all(queue, Nanos(NOON + step))
    with database.reading() as connection:
        rows = connection.execute(select(outbox).order_by(outbox.c.outbox_id)).all()
    return SqlOutbox(database), FakeOutbox(*(waits(row.outbox_id, row.case_id) for row in rows))


def seen(box: Outbox, now: int, limit: int = 50) -> list[tuple[int, int | None, tuple[int, ...]]]:
    """Return whose turn it is."""
    return [(item.outbox_id, item.case_id, item.behind) for item in box.waiting("mqtt", limit, now)]


def act(dice: Random, item: Waiting, now: int) -> Settled | Held | Dead:
    """Return what becomes of an alert, by chance."""
    later = now + dice.randint(1, 5) * SECOND
    choices = (
        Settled(item.outbox_id, "sent", "opened"),
        Settled(item.outbox_id, "withheld", "no route"),
        Held(item.outbox_id, "away", later),
        Held(item.outbox_id, "quiet", later, tried=False),
        Dead(item.outbox_id, "refused"),
    )
    return dice.choices(choices, weights=(2, 1, 4, 4, 1))[0]


def put(box: Outbox, end: Settled | Held | Dead, now: int) -> None:
    """Tell an outbox what became of an alert."""
    if isinstance(end, Settled):
        box.settle([end], now)
    elif isinstance(end, Held):
        box.hold([end])
    else:
        box.bury([end], now)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_both_give_the_turn_to_the_same_alerts(boxes: tuple[SqlOutbox, FakeOutbox], seed: int) -> None:
    """Settled, held for the plan, held after an attempt, dead: until nothing waits in either."""
    real, fake = boxes
    dice, now, turns = Random(seed), int(NOON), 0

    while turns < TURNS and (heads := seen(real, now + 10 * SECOND)):
        assert heads == seen(fake, now + 10 * SECOND)
        assert seen(real, now) == seen(fake, now)
        for item in real.waiting("mqtt", 3, now):
            end = act(dice, item, now)
            put(real, end, now)
            put(fake, end, now)
        turns += 1
        now += SECOND

    assert turns > CASES
    assert seen(real, now + 10 * SECOND) == seen(fake, now + 10 * SECOND)


def test_what_was_sent_comes_back_in_the_same_order(boxes: tuple[SqlOutbox, FakeOutbox]) -> None:
    """For a broker that died with it."""
    for box in boxes:
        for place, item in enumerate(reversed(box.waiting("mqtt", 50, NOON))):
            box.settle([Settled(item.outbox_id, "sent", "opened")], NOON + place)

    real, fake = ([item.outbox_id for item in box.sent_since("mqtt", NOON + 1)] for box in boxes)

    assert real == fake
    assert len(real) == CASES - 1


def test_both_know_what_was_said_and_left_unsaid(boxes: tuple[SqlOutbox, FakeOutbox]) -> None:
    """Of late, and since the storm began that stands; what was withheld for another reason does not count."""
    for box in boxes:
        box.tell("mqtt", [a_storm_letter("began", NOON)], NOON)
        items = [item for item in box.waiting("mqtt", 50, NOON) if item.topic is None]
        verdicts = [("sent", "opened"), ("withheld", "storm: more"), ("withheld", "no route"), ("sent", "opened")]
        for place, (item, verdict) in enumerate(zip(items, verdicts, strict=True)):
            box.settle([Settled(item.outbox_id, *verdict)], NOON + place)

    wanted = [(NOON - 1, 9), (NOON, 9), (NOON - 1, 2), (NOON + 9, 9)]
    real, fake = ([box.paced("mqtt", *asked) for asked in wanted] for box in boxes)

    assert real == fake
    assert [one.said for one in real] == [(NOON, NOON + 1, NOON + 3), (NOON + 1, NOON + 3), (NOON + 1, NOON + 3), ()]
    assert real[0].storm == a_storm_letter("began", NOON).body
    assert real[0].withheld == {"slow_fill": 1}


def test_both_know_that_a_storm_is_over(boxes: tuple[SqlOutbox, FakeOutbox]) -> None:
    """By the letter that says so."""
    for box in boxes:
        for name in ("began", "ended"):
            box.tell("mqtt", [a_storm_letter(name, NOON)], NOON)

    assert [box.paced("mqtt", NOON, 9) for box in boxes] == [Paced((), None, {})] * 2


def test_both_give_what_the_plan_holds_its_turn_when_it_is_to_be_decided_anew(
    boxes: tuple[SqlOutbox, FakeOutbox],
) -> None:
    """What rests after an attempt rests on."""
    for box in boxes:
        held, tried, *_ = box.waiting("mqtt", 50, NOON)
        later = NOON + 60 * SECOND
        box.hold([Held(held.outbox_id, "quiet", later, tried=False), Held(tried.outbox_id, "away", later)])
        box.decide_anew("mqtt")

    real, fake = (seen(box, NOON) for box in boxes)

    assert real == fake
    assert [case for _, case, _ in real] == [1, 3, 4]


def test_neither_lets_an_alert_rest_until_the_time_that_the_clock_once_showed(
    boxes: tuple[SqlOutbox, FakeOutbox],
) -> None:
    """A clock that is set back by an hour does not silence what was tried before; quiet hours are hours of the wall."""
    for box in boxes:
        first, second, *_ = box.waiting("mqtt", 50, NOON)
        box.hold([Held(first.outbox_id, "away", NOON + SECOND), Held(second.outbox_id, "quiet", NOON, tried=False)])

    real, fake = (seen(box, NOON - 3_600 * SECOND) for box in boxes)

    assert real == fake
    assert [(case, len(behind)) for _, case, behind in real] == [(1, 0), (3, 0), (4, 0), (2, 1)]


def test_what_a_person_settled_meanwhile_stays_as_it_was_settled(boxes: tuple[SqlOutbox, FakeOutbox]) -> None:
    """A relay that had it in flight finds it done."""
    real, _ = boxes
    first = real.waiting("mqtt", 1, NOON)[0]
    real.settle([Settled(first.outbox_id, "set_aside", "told by telephone")], NOON)

    real.settle([Settled(first.outbox_id, "sent", "opened")], NOON + 1)
    real.hold([Held(first.outbox_id, "away", NOON + 1)])
    real.bury([Dead(first.outbox_id, "refused")], NOON + 1)

    assert first.outbox_id not in {outbox_id for outbox_id, _, _ in seen(real, NOON + 2)}
    assert real.sent_since("mqtt", NOON) == []


def a_storm_letter(name: str, began: int) -> Letter:
    """Return what a channel says of a storm."""
    body = msgspec.json.encode(
        StormReport(
            key=f"demo/storm/mqtt/{began}/{name}",
            firm="demo",
            channel="mqtt",
            began_at=began,
            ended_at=None,
            more_than=1,
            within_s=60,
            floor="high",
            withheld={},
        )
    )
    return Letter(key=f"storm/mqtt/{began}/{name}", reason=f"storm {name}", body=body, rule="storm", topic="storm")
