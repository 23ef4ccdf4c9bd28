"""Shelvings as lines of a page."""

from __future__ import annotations

import msgspec

from rules.facts import Nanos
from service.cases.shelving import Scope, Shelving
from service.web.people.shelvings import alone_line, scope_of, shelving_line
from tests.factories_cases import MINUTE, NOON, a_case

ONE = Shelving(
    number=3,
    scope=Scope(rule="slow_fill", venue="XBOS"),
    by="pat",
    why="known",
    at=NOON,
    until=Nanos(NOON + 10 * MINUTE),
)


def test_a_shelving_in_force_says_how_long_it_holds_and_what_it_hid() -> None:
    """The newest of what it hid are listed, and how many more there are."""
    line = shelving_line(ONE, 1_200, 7, [a_case(case_id=5)], Nanos(NOON + MINUTE))

    assert (line.scope, line.left, line.over) == ("rule slow_fill, venue XBOS", "for another 9 min", "")
    assert (line.hid, line.hides, line.more) == ("1,200", "7", 1_199)
    assert [(one.case_id, one.severity, one.state) for one in line.hidden] == [(5, "medium", "new")]


def test_a_shelving_that_is_over_says_how_it_ended() -> None:
    """By its time, or by somebody."""
    ended = msgspec.structs.replace(ONE, ended_at=Nanos(NOON + MINUTE), ended_by="sam")

    by_time = shelving_line(ONE, 0, 0, [], ONE.until)
    by_sam = shelving_line(ended, 0, 0, [], Nanos(NOON + 2 * MINUTE))

    assert (by_time.left, by_time.over) == ("", "its time ran out")
    assert by_sam.over.startswith("ended early by sam, ")


def test_a_single_exception_on_the_shelf_says_when_it_comes_back() -> None:
    """With who put it there and why."""
    shelved = msgspec.structs.replace(a_case(), shelved_until=NOON)

    line = alone_line(shelved, "pat", "tomorrow")

    assert (line.by, line.why, line.until is not None) == ("pat", "tomorrow", True)
    assert alone_line(a_case(), "pat", "").until is None


def test_what_a_form_left_empty_names_nothing() -> None:
    """Blanks are no values."""
    assert scope_of({"rule": " slow_fill ", "venue": " ", "symbol": ""}) == Scope(rule="slow_fill")
