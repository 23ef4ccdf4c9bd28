"""When a name must wait after failed logins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import Nanos
from service.access.lockout import MINUTE, OF_A_NAME, Try, waits_until

NINE = 9 * 60 * MINUTE


def failed(*minutes: float) -> list[Try]:
    """Return failures at these minutes, newest first."""
    return [Try(Nanos(NINE + int(minute * MINUTE)), failed=True) for minute in reversed(minutes)]


def at(minute: float) -> Nanos:
    """Return an instant of the morning."""
    return Nanos(NINE + int(minute * MINUTE))


def test_four_failures_are_patience_and_the_fifth_is_a_pause_of_a_quarter_of_an_hour() -> None:
    """The pause counts from the last of them."""
    assert waits_until(failed(0, 1, 2, 3), at(3)) is None
    assert waits_until(failed(0, 1, 2, 3, 4), at(4)) == at(19)
    assert waits_until(failed(0, 1, 2, 3, 4), Nanos(at(19) - 1)) == at(19)
    assert waits_until(failed(0, 1, 2, 3, 4), at(19)) is None


def test_a_failure_after_the_pause_is_a_pause_again_only_when_five_came_close_together() -> None:
    """Somebody who comes back after lunch has all attempts again; who goes on at once has not."""
    assert waits_until([*failed(30), *failed(0, 1, 2, 3, 4)], at(30)) is None
    assert waits_until(failed(10, 11, 12, 13, 24), at(24)) == at(39)


def test_a_success_or_an_unlocking_ends_the_row() -> None:
    """What was before does not count."""
    row = [*failed(4), Try(at(3), failed=False), *failed(0, 1, 2, 2.5)]

    assert waits_until(row, at(4)) is None


TRIES = st.lists(st.tuples(st.integers(0, 60), st.booleans()), max_size=30).map(
    lambda told: [Try(at(minute), failed=bad) for minute, bad in sorted(told, reverse=True)]
)


@given(TRIES, st.integers(0, 60))
def test_a_pause_is_never_longer_than_promised_and_always_has_its_reason(tries: list[Try], later: int) -> None:
    """Against the plain words of the rule."""
    newest = tries[0].at if tries else at(0)
    now = Nanos(newest + later * MINUTE)

    until = waits_until(tries, now)

    row = tries[:5]
    due = len(row) == 5 and all(one.failed for one in row) and row[0].at - row[4].at <= OF_A_NAME.within
    assert (until is not None) == (due and now < newest + OF_A_NAME.pause)
    assert until is None or now < until <= newest + OF_A_NAME.pause


@pytest.mark.parametrize("minute", [0, 7, 14])
def test_guessing_all_day_is_at_most_five_guesses_a_pause(minute: int) -> None:
    """A program that tries whenever it may gets few tries, whenever it begins."""
    tries: list[Try] = []
    judged = 0
    for now in range(minute, 480):
        if waits_until(tries, at(now)) is None:
            tries.insert(0, Try(at(now), failed=True))
            judged += 1

    assert judged <= 5 + 480 // 15 * 5
