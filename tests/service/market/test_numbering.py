"""The numbers of batches: what is next, what came twice, what is missing, and who began anew."""

from __future__ import annotations

import pytest

from rules.facts import Nanos
from service.market.numbering import MOST_MISSING, REMEMBERED, Numbering, Step

MARK = Nanos(1_000)


def heard(*numbers: int) -> Numbering:
    """Return a numbering that heard batches of these numbers, each at ten times its number."""
    numbering = Numbering()
    for number in numbers:
        numbering.follow(number, Nanos(10 * number), MARK)
    return numbering


@pytest.mark.parametrize(
    ("before", "number", "at", "step"),
    [
        ((), 7, 70, Step.NEXT),
        ((1, 2), 3, 30, Step.NEXT),
        ((1, 2), 2, 20, Step.REPEATED),
        ((1, 2, 3), 1, 10, Step.REPEATED),
        ((1, 2), 5, 50, Step.HOLE),
        ((1, 2, 5), 3, 30, Step.FILLED),
        ((1, 2, 5), 3, 1_001, Step.ANEW),
        ((7, 8), 1, 90, Step.ANEW),
        ((7, 8), 8, 90, Step.ANEW),
    ],
)
def test_what_a_number_means(before: tuple[int, ...], number: int, at: int, step: Step) -> None:
    """A batch of the past with a time of the past is a repeated or a missing one; with a new time it begins anew."""
    numbering = heard(*before)

    assert numbering.follow(number, Nanos(at), MARK) is step


def test_missing_batches_are_counted_until_they_come() -> None:
    """The last one that fills a hole gives the hole's mark."""
    numbering = heard(1, 4)
    missed = numbering.missed

    marks = []
    for number in (3, 2):
        numbering.follow(number, Nanos(10 * number), MARK)
        marks.append(numbering.filled(number))

    assert (missed, numbering.missed) == (2, 0)
    assert marks == [None, MARK]
    assert numbering.follow(5, Nanos(50), MARK) is Step.NEXT


def test_a_count_that_begins_anew_goes_on_from_there() -> None:
    """What the old count still missed will never come; it stays counted."""
    numbering = heard(7, 9)

    numbering.follow(1, Nanos(2_000), MARK)

    assert numbering.follow(2, Nanos(2_001), MARK) is Step.NEXT
    assert numbering.missed == 1


def test_memory_is_bounded() -> None:
    """Old numbers are forgotten, and a hole that is too large is not waited for."""
    numbering = heard(*range(REMEMBERED + 2))

    numbering.follow(REMEMBERED + 2 + MOST_MISSING + 1, Nanos(900), MARK)

    assert numbering.missed == MOST_MISSING + 1
    assert numbering.follow(REMEMBERED + 2, Nanos(500), MARK) is Step.ANEW
    assert heard(*range(REMEMBERED + 2)).follow(0, Nanos(0), MARK) is Step.ANEW


def test_numbers_are_only_sure_while_every_quote_has_one() -> None:
    """A quote without a number can be lost unseen."""
    numbering = heard(1)
    sure = numbering.sure

    numbering.unnumbered()

    assert (Numbering().sure, sure, numbering.sure) == (False, True, False)
