"""Runs of sequence numbers: what they add up to, and what is left between."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from service.statements.numbers import Declared, count, countings, merged, spans_of, which, without
from tests.factories_statements import run

SPANS = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 12)).map(lambda pair: (pair[0], pair[0] + pair[1])))


def numbers(spans: object) -> set[int]:
    """Return every number of the ranges."""
    return {number for first, last in spans for number in range(first, last + 1)}  # type: ignore[attr-defined]


@given(SPANS)
def test_merging_keeps_every_number_in_as_few_ranges_as_can_be(spans: list[tuple[int, int]]) -> None:
    """Overlapping, touching and repeated ranges become one."""
    found = merged(spans)

    assert numbers(found) == numbers(spans)
    assert all(later[0] > earlier[1] + 1 for earlier, later in pairwise(found))


@given(SPANS, SPANS)
def test_taking_away_leaves_exactly_the_rest(spans: list[tuple[int, int]], taken: list[tuple[int, int]]) -> None:
    """Whatever the cuts."""
    found = without(spans, taken)

    assert numbers(found) == numbers(spans) - numbers(taken)
    assert count(found) == len(numbers(found))


def test_an_empty_range_is_no_range() -> None:
    """A run that ends before it begins holds nothing."""
    assert merged([(5, 4)]) == ()


def test_ranges_are_read_from_their_digits() -> None:
    """As the feed's events write them; anything else is left out."""
    assert spans_of("5-6, 9, x-7, ") == ((5, 6), (9, 9))


def test_a_resend_behind_live_messages_leaves_no_hole() -> None:
    """Runs in the order in which they came, merged."""
    (found,) = countings([run(1, 4), run(7, 20, offset=5), run(5, 6, offset=30)], [], [], 0)

    assert (found.received, found.holes) == (((1, 20),), ())


def test_what_never_came_is_a_hole_unless_it_was_declared_empty() -> None:
    """A GapFill covers what it says."""
    declared = [Declared(offset=6, first=5, last=8)]

    (found,) = countings([run(1, 4), run(9, 10), run(13, 20)], declared, [], 0)

    assert (found.declared, found.holes) == (((5, 8),), ((11, 12),))


def test_numbers_from_before_the_day_are_not_missed() -> None:
    """A counting that goes on: holes are above what had come."""
    (found,) = countings([run(120, 130, offset=1), run(95, 97, offset=40)], [], [], 100)

    assert found.holes == ((101, 119),)


def test_a_reset_begins_a_counting_of_its_own_at_one() -> None:
    """Even when nothing came behind it; the epoch's name is that of its last messages."""
    runs = [run(50, 60, offset=1), run(1, 1, offset=20), run(3, 9, offset=21, epoch="e2")]

    first, second, third = countings(runs, [], [20, 90], 49)

    assert (first.received, first.holes, first.floor) == (((50, 60),), (), 49)
    assert (second.epoch, second.received, second.holes) == ("e2", ((1, 1), (3, 9)), ((2, 2),))
    assert (third.epoch, third.received, third.holes) == ("", (), ())


def test_a_day_without_a_number_counts_nothing() -> None:
    """And has no counting to show."""
    assert countings([], [], [], 7) == ()


def test_an_offset_belongs_to_the_counting_that_had_begun() -> None:
    """The record of the reset itself is the first of the new one."""
    assert [which([20, 90], offset) for offset in (19, 20, 90)] == [0, 1, 2]
