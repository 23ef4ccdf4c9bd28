"""Silence counts in hours only, is raised once, and again when it still lasts a day later."""

from __future__ import annotations

from rules.facts import Nanos
from service.feed.silence import DAY, Quiet, always
from tests.factories import length
from tests.factories_orders import seconds

LIMIT = length("60 s")
OPENS, CLOSES = seconds(1000), seconds(2000)


def one_session(at: Nanos) -> Nanos | None:
    """Be open once, and never again."""
    if at >= CLOSES:
        return None
    return max(at, OPENS)


def two_sessions(at: Nanos) -> Nanos | None:
    """Be open twice, a day apart."""
    if at >= CLOSES:
        return Nanos(max(at, OPENS + DAY))
    return max(at, OPENS)


def test_silence_is_due_after_its_limit() -> None:
    """Counted from what was last heard."""
    assert Quiet(since=seconds(0)).due(LIMIT, always) == seconds(60)


def test_time_before_the_opening_does_not_count() -> None:
    """Nobody speaks at night."""
    assert Quiet(since=seconds(0)).due(LIMIT, one_session) == OPENS + LIMIT


def test_what_was_quiet_at_the_close_counts_anew_from_the_next_opening() -> None:
    """The last seconds of a day are not added to the first of the next."""
    assert Quiet(since=Nanos(CLOSES - 1)).due(LIMIT, two_sessions) == OPENS + DAY + LIMIT


def test_silence_is_never_due_when_the_hours_are_over_for_good() -> None:
    """The calendar knows no further session."""
    assert Quiet(since=Nanos(CLOSES - 1)).due(LIMIT, one_session) is None
    assert Quiet(since=CLOSES).due(LIMIT, one_session) is None


def test_hearing_again_ends_a_silence_that_was_raised() -> None:
    """Only the first message after it does."""
    quiet = Quiet(since=seconds(0))
    unsaid = quiet.hear(seconds(1))
    quiet.say(seconds(61))

    assert unsaid is False
    assert quiet.hear(seconds(70)) is True
    assert quiet.hear(seconds(71)) is False
    assert (quiet.since, quiet.heard_at) == (seconds(71), seconds(71))


def test_a_silence_that_lasts_is_raised_again_a_day_later() -> None:
    """Each day has its own finding."""
    quiet = Quiet(since=seconds(0))

    quiet.say(seconds(60))

    assert quiet.due(LIMIT, always) == seconds(60) + DAY + LIMIT
