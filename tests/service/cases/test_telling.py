"""The words by which exceptions are found again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.cases.telling import (
    MOST_ASKED,
    MOST_WORDS,
    asked_for,
    of_account,
    of_finding,
    of_ids,
    of_texts,
    word,
)
from tests.factories_cases import a_finding


def test_an_id_is_one_word_whatever_signs_it_has() -> None:
    """Nothing but signs around it is taken off."""
    assert word(" SOR-70001. ") == "sor-70001"
    assert word("(X/1:2)") == "x/1:2"
    assert word("a\0b") == word("a" * 101) == word("…"[:0]) == ""


def test_a_finding_is_found_by_what_it_is_about_and_by_its_accounts() -> None:
    """An account is also kept as an account, so that the filter finds no note that names it."""
    found = of_finding(a_finding(1, accounts=("ACC-7", "")))

    assert found == {"e1", "sor/2026-11-20/e1", "acc-7", of_account("ACC-7")}


def test_what_people_wrote_is_found_by_words_and_by_their_parts() -> None:
    """One letter alone tells nothing."""
    assert of_texts("Asked the vendor: see X1/X2,", "T-9") == {
        *("asked", "the", "vendor", "see", "x1/x2", "x1", "x2", "t-9"),
    }
    assert of_texts("a b") == set()


def test_a_long_note_is_found_by_its_first_words() -> None:
    """Nobody fills the store with one note."""
    assert len(of_texts(" ".join(f"w{n}" for n in range(MOST_WORDS + 5)))) == MOST_WORDS


def test_ids_that_are_not_there_are_no_words() -> None:
    """An execution has no parent's id."""
    assert of_ids(["C1", None, ""]) == {"c1"}


def test_a_search_counts_each_word_once_and_eight_at_most() -> None:
    """In the order in which they were written."""
    assert asked_for("B a b ' A") == ["b", "a"]
    assert len(asked_for(" ".join(map(str, range(20))))) == MOST_ASKED


@given(st.text(max_size=40))
def test_what_was_written_is_found_by_each_of_its_words(text: str) -> None:
    """If it has two letters."""
    assert {one for one in asked_for(text) if len(one) > 1} <= of_texts(text)
