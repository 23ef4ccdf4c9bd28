"""What a password must be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.access.passwords import LONGEST, normal, problems

GOOD = "four grey geese at 9:40"


def test_a_long_sentence_is_a_good_password() -> None:
    """No rule about kinds of characters."""
    assert list(problems(GOOD, "pat")) == []


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("geese 9:40", "the password has 10 characters; at least 12 are expected"),
        ("grey geese " * 12, "the password has 132 characters; at most 128 are expected"),
        ("abababababab", "the password has fewer than 5 different characters"),
        ("the geese of Pat Jones", "the password contains the user's name"),
        ("PassWord12345", "the password is little more than a word that is tried first"),
    ],
)
def test_a_bad_password_is_refused_with_the_reason_and_never_repeated(password: str, said: str) -> None:
    """Each rule alone."""
    told = list(problems(password, "pat jones"))

    assert told == [said]
    assert password not in told[0]


def test_a_nameless_user_does_not_forbid_every_password() -> None:
    """An empty name is in every text."""
    assert list(problems(GOOD, " ")) == []


@given(st.text(min_size=0, max_size=LONGEST + 20))
def test_whatever_is_typed_is_judged_as_it_would_be_kept(password: str) -> None:
    """Two spellings of one text are one password; judging never fails."""
    assert list(problems(password, "pat")) == list(problems(normal(password), "pat"))
