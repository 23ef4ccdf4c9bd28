"""Steps of the work on exceptions are counted once each."""

from __future__ import annotations

from rules.facts import SECOND, Nanos
from service.cases.states import CLOSINGS, Action
from service.metrics.done import SHOWS_WITHIN, Done, Steps

START = Nanos(1_000_000 * SECOND)


def done(case_id: int, at: int, n: int = 2) -> Done:
    """Return an acknowledgement of an exception, so many nanoseconds after the start."""
    return Done(case_id, n, Nanos(START + at), Action.ACKNOWLEDGE, "high", 1.0)


def test_a_step_is_fresh_once() -> None:
    """However often the store shows it."""
    steps = Steps(START)

    assert steps.fresh([done(1, 5)], START) == [done(1, 5)]
    assert steps.fresh([done(1, 5), done(1, 6, n=3)], START) == [done(1, 6, n=3)]


def test_a_step_that_shows_late_is_counted() -> None:
    """Its commit came behind a long write, after later steps had been counted."""
    steps = Steps(START)
    steps.fresh([done(1, 60 * SECOND)], Nanos(START + 61 * SECOND))

    late = steps.fresh([done(2, 3), done(1, 60 * SECOND)], Nanos(START + 66 * SECOND))

    assert late == [done(2, 3)]


def test_what_was_done_before_the_start_is_never_asked_for() -> None:
    """The counters begin at nothing, as those of every process do."""
    steps = Steps(START)
    steps.fresh([], Nanos(START + 1))

    assert steps.since == START


def test_one_looks_back_only_as_far_as_a_commit_may_take() -> None:
    """So that what is kept in mind stays small."""
    steps = Steps(START)

    steps.fresh([done(1, 5)], Nanos(START + SHOWS_WITHIN + 6))

    assert steps.since == START + 6
    assert steps.fresh([done(1, 5)], START) == [done(1, 5)], "forgotten; it is not asked for any more"


def test_a_store_that_could_not_be_read_for_long_is_read_from_where_it_was_left() -> None:
    """What people did meanwhile is counted when it answers again."""
    steps = Steps(START)
    steps.fresh([], Nanos(START + SHOWS_WITHIN))

    meanwhile = done(1, 2 * SECOND)

    assert steps.since <= meanwhile.at
    assert steps.fresh([meanwhile], Nanos(START + 10 * SHOWS_WITHIN)) == [meanwhile]


def test_a_clock_set_back_lets_nothing_be_counted_again() -> None:
    """What was forgotten is not asked for either."""
    steps = Steps(START)
    steps.fresh([], Nanos(START + 2 * SHOWS_WITHIN))

    steps.fresh([], Nanos(START + SHOWS_WITHIN))

    assert steps.since == START + SHOWS_WITHIN


def test_what_closes_an_exception_is_read_from_the_table() -> None:
    """A proposal closes nothing."""
    assert CLOSINGS == (Action.APPROVE_CLOSE, Action.CLOSE)
