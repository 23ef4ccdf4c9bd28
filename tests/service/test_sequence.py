"""Sequence numbers: a jump opens a gap, arrivals and gap fills close it, a number seen twice is no gap."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from service.feed.sequence import IN_ORDER, Sequence, count, spans
from tests.factories import NOON


def counting(*numbers: int) -> Sequence:
    """Return a sequence that has taken these numbers."""
    sequence = Sequence()
    for number in numbers:
        sequence.take(number, NOON, number)
    return sequence


def test_the_first_number_seen_is_where_counting_begins() -> None:
    """A log that starts in the middle of the day has no gap before it."""
    sequence = Sequence()

    assert sequence.take(17, NOON, 1) is IN_ORDER
    assert sequence.next == 18


def test_numbers_in_order_open_no_gap() -> None:
    """Each is the one that was expected."""
    sequence = counting(1, 2)

    assert sequence.take(3, NOON, 3) is IN_ORDER


def test_a_jump_opens_a_gap() -> None:
    """Everything between is missing."""
    sequence = counting(1)

    seen = sequence.take(5, NOON, 7)

    assert seen.opened is not None
    assert (seen.opened.subject, seen.opened.opened_at, seen.opened.opened_by) == ("2-4", NOON, 7)
    assert sequence.missing() == ((2, 4),)


def test_a_number_seen_twice_is_no_gap() -> None:
    """Behind a gap the engine shows the queued message again."""
    sequence = counting(1, 3, 2)

    seen = sequence.take(3, NOON, 9)

    assert (seen.repeated, seen.opened, seen.closed) == (True, None, ())


def test_the_last_missing_number_closes_the_gap() -> None:
    """In whatever order they arrive."""
    sequence = counting(1, 5)
    sequence.take(3, NOON, 3)
    left = sequence.missing()
    sequence.take(2, NOON, 4)

    seen = sequence.take(4, NOON, 5)

    assert left == ((2, 2), (4, 4))
    assert [(gap.subject, gap.arrived, gap.filled) for gap in seen.closed] == [("2-4", 3, 0)]
    assert sequence.gaps == []


def test_gaps_close_one_by_one() -> None:
    """Each is its own run."""
    sequence = counting(1, 3, 6)

    seen = sequence.take(2, NOON, 9)

    assert [gap.subject for gap in seen.closed] == ["2"]
    assert sequence.missing() == ((4, 5),)


def test_a_gap_fill_covers_what_it_declares() -> None:
    """Filled is not arrived: the counterparty says that there was nothing worth sending."""
    sequence = counting(1, 6)

    seen = sequence.fill(2, 6, NOON, 9)

    assert [(gap.arrived, gap.filled) for gap in seen.closed] == [(0, 4)]
    assert (sequence.next, seen.repeated) == (7, False)


def test_a_gap_fill_in_order_moves_the_counting_on() -> None:
    """What it declares is not waited for."""
    sequence = counting(1)

    seen = sequence.fill(2, 10, NOON, 9)

    assert (seen.opened, seen.closed, sequence.next) == (None, (), 10)


def test_a_gap_fill_ahead_of_its_turn_opens_the_gap_before_it() -> None:
    """It covers only from its own number on."""
    sequence = counting(1)

    seen = sequence.fill(4, 8, NOON, 9)

    assert seen.opened is not None
    assert (seen.opened.subject, sequence.next) == ("2-3", 8)


def test_a_gap_fill_seen_twice_repeats() -> None:
    """Nothing new is covered."""
    sequence = counting(1, 2, 3)

    assert sequence.fill(2, 4, NOON, 9).repeated is True


def test_a_gap_fill_may_be_the_first_thing_seen() -> None:
    """Counting begins after what it declares."""
    sequence = Sequence()

    assert sequence.fill(3, 9, NOON, 1) is IN_ORDER
    assert sequence.next == 9


def test_a_reset_covers_every_gap() -> None:
    """SequenceReset without GapFillFlag: counting goes on at the new number."""
    sequence = counting(1, 4)

    covered = sequence.restart(9)

    assert [(gap.subject, gap.filled, gap.missing) for gap in covered] == [("2-3", 2, ())]
    assert (sequence.next, sequence.gaps) == (9, [])


def test_ranges_are_written_in_digits() -> None:
    """One number stands alone."""
    assert spans(((5, 6), (9, 9))) == "5-6, 9"


@given(st.permutations(list(range(1, 13))), st.data())
def test_nothing_is_missing_once_every_number_came(order: list[int], data: st.DataObject) -> None:
    """Whatever the order and however often: what is missing is exactly what did not come."""
    repeats = data.draw(st.lists(st.sampled_from(order), max_size=6))
    sequence = Sequence(next=1)

    for number in order + repeats:
        sequence.take(number, NOON, number)

    assert (sequence.missing(), sequence.next) == ((), 13)


@given(st.lists(st.integers(min_value=1, max_value=20), min_size=1))
def test_what_is_missing_is_what_did_not_come(numbers: list[int]) -> None:
    """Of all up to the highest, those that were never taken; the state survives being written down."""
    sequence = Sequence(next=1)

    for number in numbers:
        sequence.take(number, NOON, number)
        sequence = msgspec.msgpack.decode(msgspec.msgpack.encode(sequence), type=Sequence)

    missing = [number for low, high in sequence.missing() for number in range(low, high + 1)]
    assert missing == sorted(set(range(1, max(numbers) + 1)) - set(numbers))
    assert count(sequence.missing()) == len(missing)
