"""What nobody has acknowledged is told again, and looked for no oftener than need be."""

from __future__ import annotations

from alerts.plan import SECOND, Plan, Route
from alerts.ports import Sent
from alerts.reminders import EVERY, Reminders
from tests.fakes_alerts import FakeOutbox, waits


def some_reminders(outbox: FakeOutbox, repeat: int | None = 60 * SECOND) -> Reminders:
    """Return the reminders of a desk."""
    return Reminders("desk", Plan(routes=(Route(name="all", to=("desk",), repeat=repeat),)), outbox, lambda _: True)


def test_a_plan_that_repeats_nothing_has_none() -> None:
    """And nobody looks for them."""
    assert not some_reminders(FakeOutbox(), None).are_due(0)


def test_it_looks_every_ten_seconds_and_at_once_when_the_clock_was_set_back() -> None:
    """Or as often as the shortest repeat wants."""
    reminders, hasty = some_reminders(FakeOutbox()), some_reminders(FakeOutbox(), SECOND)
    first = reminders.are_due(9 * EVERY)
    for one in (reminders, hasty):
        one.put(9 * EVERY)

    assert first
    assert [reminders.are_due(9 * EVERY + later) for later in (-1, 0, EVERY - 1, EVERY)] == [True, False, False, True]
    assert hasty.are_due(9 * EVERY + SECOND)


def test_only_what_is_due_is_put_in() -> None:
    """Each once."""
    outbox = FakeOutbox()
    outbox.unacknowledged = [Sent(waits(1), 0), Sent(waits(2, 2), SECOND)]
    reminders = some_reminders(outbox)

    reminders.put(59 * SECOND)
    early = list(outbox.letters)
    reminders.put(60 * SECOND)

    assert early == []
    assert [letter.key for letter in outbox.letters] == ["demo/1/1/again/1"]
