"""The journal's own clock: our stamps where there are any, else the vendor's, believed with care."""

from __future__ import annotations

from rules.facts import Nanos
from service.record_clock import LEAP, RecordClock
from tests.factories import NOON


def test_our_own_stamp_moves_the_clock_and_never_back() -> None:
    """Records of several sessions may come a little out of order."""
    clock = RecordClock()

    seen = [clock.advance(Nanos(NOON + step), None) for step in (0, 5, 3, 7)]

    assert seen == [NOON, NOON + 5, NOON + 5, NOON + 7]


def test_a_log_without_receive_stamps_goes_by_sending_time() -> None:
    """And a record that has neither stamp moves nothing."""
    clock = RecordClock()

    seen = [clock.advance(None, sent) for sent in (NOON, None, Nanos(NOON - 1), Nanos(NOON + LEAP))]

    assert seen == [NOON, NOON, NOON, NOON + LEAP]


def test_one_sending_time_of_another_year_ends_no_day() -> None:
    """A flipped digit in a single message must not close every order of the log."""
    clock = RecordClock(now=NOON)

    wild = clock.advance(None, Nanos(NOON + 2 * LEAP))
    after = clock.advance(None, Nanos(NOON + 1))

    assert (wild, after) == (NOON, NOON + 1)


def test_a_leap_that_the_next_message_confirms_is_believed() -> None:
    """Two logs of different months in one file."""
    clock = RecordClock(now=NOON)

    seen = [clock.advance(None, Nanos(NOON + 2 * LEAP + step)) for step in (0, 5)]

    assert seen == [NOON, NOON + 2 * LEAP + 5]


def test_two_different_leaps_confirm_nothing() -> None:
    """Only stamps that agree with each other count."""
    clock = RecordClock(now=NOON)

    seen = [clock.advance(None, Nanos(NOON + times * LEAP)) for times in (2, 5)]

    assert seen == [NOON, NOON]
