"""A channel in trouble rests, and gives up what is old once it was tried for long enough."""

from __future__ import annotations

from alerts.plan import SECOND
from alerts.rests import PATIENCE, Rests

HOUR = 3_600 * SECOND


def test_it_rests_as_long_as_the_other_side_asks() -> None:
    """The longer of two pauses counts, and a clock that is set back ends it."""
    rests = Rests(None, lambda _: 0)
    rests.pause(10 * SECOND, 90 * SECOND)
    rests.pause(11 * SECOND, SECOND)

    assert [rests.is_resting(second * SECOND) for second in (9, 11, 99, 100)] == [False, True, True, False]


def test_it_is_in_trouble_until_something_is_taken() -> None:
    """However often it rested."""
    rests = Rests(None, lambda _: 0)
    rests.nothing_taken(0)
    rests.nothing_taken(SECOND)
    troubled = rests.is_troubled

    rests.taken()

    assert troubled
    assert not rests.is_troubled


def test_without_a_word_about_it_nothing_is_given_up() -> None:
    """A broker may be away over a weekend."""
    rests = Rests(None, lambda _: 0)
    rests.nothing_taken(0)

    assert not rests.gives_up(1, 0, 1_000 * HOUR)


def test_what_is_old_is_given_up_once_its_channel_was_in_trouble_for_five_minutes() -> None:
    """Not at the first trouble, and not while it is young."""
    rests = Rests(HOUR, lambda _: 0)
    rests.nothing_taken(10 * HOUR)
    later = 10 * HOUR + PATIENCE

    assert not rests.gives_up(1, 0, later - 1)
    assert rests.gives_up(1, 0, later)
    assert not rests.gives_up(2, 10 * HOUR, later)


def test_what_alone_is_not_taken_is_given_up_once_it_was_tried_for_five_minutes() -> None:
    """Others may be taken meanwhile; what was done with is tried anew when a person sends it again."""
    rests = Rests(HOUR, lambda _: 0)
    rests.failed(1, 10 * HOUR)
    rests.failed(1, 10 * HOUR + SECOND)
    later = 10 * HOUR + PATIENCE
    given_up = rests.gives_up(1, 0, later)

    rests.ended(1)

    assert given_up
    assert not rests.gives_up(1, 0, later)


def test_who_gives_up_soon_does_not_try_for_five_minutes() -> None:
    """The time that the firm laid down is enough."""
    rests = Rests(SECOND, lambda _: 0)
    rests.nothing_taken(HOUR)

    assert rests.gives_up(1, 0, HOUR + SECOND)
