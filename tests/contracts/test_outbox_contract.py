"""The outbox in memory and the real ones keep the same promises, whatever is done to them in whatever order."""

from __future__ import annotations

from random import Random

import pytest
from sqlalchemy import select

from alerts.plan import SECOND
from alerts.ports import Dead, Held, Outbox, Settled, Waiting
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
