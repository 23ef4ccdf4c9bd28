"""What nobody has acknowledged is told again, and looked for no oftener than need be."""

from __future__ import annotations

from alerts.plan import SECOND, Plan, Route, When
from alerts.ports import Sent
from alerts.reminders import EVERY, Reminders
from rules.finding import Severity
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


def test_what_its_own_route_repeats_later_is_not_put_in_with_the_soonest() -> None:
    """Each route says after how long."""
    grave = Route(name="grave", to=("desk",), when=When(severity=frozenset({Severity.CRITICAL})), repeat=SECOND)
    rest = Route(name="rest", to=("desk",), repeat=60 * SECOND)
    outbox = FakeOutbox()
    outbox.unacknowledged = [Sent(waits(1), 0), Sent(waits(2, 2, severity=Severity.CRITICAL), 0)]

    Reminders("desk", Plan(routes=(grave, rest)), outbox, lambda _: True).put(2 * SECOND)

    assert [letter.key for letter in outbox.letters] == ["demo/2/2/again/1"]
