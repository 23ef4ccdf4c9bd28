"""Names of people: one person is not two by a blank."""

from __future__ import annotations

import pytest

from service.people import named, same_person


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("pat", " Pat ", True),
        ("Pat Smith", "patsmith", True),
        ("José", "Jose\u0301", True),
        ("pat", "sam", False),
    ],
)
def test_case_and_blanks_make_no_second_person(one: str, other: str, *, same: bool) -> None:
    """Nor does another way of writing the same letter."""
    assert same_person(one, other) is same


@pytest.mark.parametrize(
    ("actor", "problems"),
    [
        ("pat", []),
        (" ", ["nobody is named; --actor says who decides"]),
        ("Seed", ["Seed is the program's own name; act under your own"]),
    ],
)
def test_who_acts_has_a_name_and_not_the_program_s(actor: str, problems: list[str]) -> None:
    """A history in which nobody decided is none."""
    assert list(named(actor)) == problems
