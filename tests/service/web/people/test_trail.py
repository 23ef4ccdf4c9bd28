"""The access log as lines of a page."""

from __future__ import annotations

import pytest

from service.access.trail import Deed, holds, linked
from service.cases.case import GENESIS
from service.web.people.trail import chain_words, deed_of, further, trail_line
from tests.factories_access import a_draft


def test_whom_it_is_about_is_said_by_name_and_only_where_it_is_another() -> None:
    """What came without an address came from the command line."""
    other = trail_line(
        linked(a_draft(Deed.LOCKED, subject="patjones", place=""), 1, GENESIS), {"patjones": "Pat Jones"}
    )
    gone = trail_line(linked(a_draft(subject="patjones"), 1, GENESIS), {})
    own = trail_line(linked(a_draft(Deed.REFUSED, subject="root"), 1, GENESIS), {"root": "root"})

    assert (other.subject, other.place, other.grave) == ("Pat Jones", "command line", False)
    assert gone.subject == "patjones"
    assert (own.subject, own.place, own.grave) == ("", "127.0.0.1", True)


def test_the_next_page_keeps_what_was_asked_for() -> None:
    """And there is none at the end."""
    assert further("Pat Jones", "", "2026-11-20", 7) == "/people/log?person=Pat+Jones&day=2026-11-20&below=7"
    assert further("Pat Jones", "", "", None) == ""


def test_a_deed_is_known_by_its_word() -> None:
    """Any other text asks for every deed."""
    assert deed_of("password set") is Deed.PASSWORD_SET
    assert deed_of("anything") is None


@pytest.mark.parametrize(
    ("looked", "newest", "broken", "words"),
    [
        (0, 0, None, "Nothing is written down yet."),
        (5, 5, None, "All 5 entries fit together."),
        (400, 1_234, None, "The newest 400 of 1,234 entries fit together; the older ones were not looked at."),
        (400, 1_234, 999, "Entry 999 does not fit the one before it: the log was changed."),
    ],
)
def test_how_the_chain_stands_is_said_as_far_as_it_was_looked_at(
    looked: int, newest: int, broken: int | None, words: str
) -> None:
    """No more is claimed than was done."""
    assert chain_words(looked, newest, broken) == words


def test_a_link_holds_with_the_one_before_it_alone() -> None:
    """The first of all follows the beginning."""
    first = linked(a_draft(), 1, GENESIS)
    second = linked(a_draft(Deed.LOCKED), 2, first.hash)

    assert holds(first, None)
    assert holds(second, first)
    assert not holds(second, None)
    assert not holds(linked(a_draft(), 3, first.hash), first)
