"""What an account is called."""

from __future__ import annotations

import pytest

from service.access.actor import Actor, Way
from service.access.permissions import Role
from service.access.users import name_problems
from tests.factories_access import a_user


def test_a_blank_or_a_capital_letter_makes_no_second_account() -> None:
    """The key is the name as names are compared."""
    assert a_user("Pat Jones").key == a_user("patjones").key


def test_a_user_acts_with_name_and_roles() -> None:
    """By the way that was taken."""
    assert a_user("pat", Role.DESK).acting(Way.API) == Actor(name="pat", roles=("desk",), how=Way.API)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Pat Jones", []),
        (" ", ["an account needs a name"]),
        ("Sorwatch", ["Sorwatch is the program's own name; act under your own"]),
        ("pat ", ["a name has at most 80 printable characters and no blank at either end"]),
        ("pa\nt", ["a name has at most 80 printable characters and no blank at either end"]),
        ("p" * 81, ["a name has at most 80 printable characters and no blank at either end"]),
    ],
)
def test_a_name_is_refused_with_its_reason(name: str, said: list[str]) -> None:
    """The program's own names are nobody's."""
    assert list(name_problems(name)) == said
