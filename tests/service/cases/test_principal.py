"""Who may answer for a trade date."""

from __future__ import annotations

import pytest

from service.access.permissions import Role
from service.cases.principal import principal_problems
from tests.factories_access import a_user

USERS = [a_user("Pat Jones"), a_user("sam", Role.DESK), a_user("kim", Role.COMPLIANCE, locked=True), a_user("lee")]


@pytest.mark.parametrize(
    ("name", "deputies", "said"),
    [
        ("pat jones", ["lee"], []),
        (" ", [], ["a day needs somebody who answers for it; name one"]),
        ("lee", ["LEE"], ["lee answers for the day and cannot cover for themselves too"]),
        ("nobody", [], ["nobody has no account that is open"]),
        ("lee", ["kim"], ["kim has no account that is open"]),
        ("sam", [], ["sam (desk) may not sign days and cannot answer for one"]),
        (
            "sorwatch",
            [],
            ["sorwatch is the program's own name; act under your own", "sorwatch has no account that is open"],
        ),
    ],
)
def test_where_there_are_accounts_only_who_may_sign_answers_for_a_day(
    name: str, deputies: list[str], said: list[str]
) -> None:
    """Each refusal names whom and why."""
    assert list(principal_problems(name, deputies, USERS)) == said


def test_without_accounts_a_name_is_enough() -> None:
    """Of a firm that tries the watch out; even then not too many cover."""
    many = [f"deputy {n}" for n in range(11)]

    assert list(principal_problems("anybody", ["somebody"], [])) == []
    assert list(principal_problems("anybody", many, [])) == ["11 deputies; at most 10 are expected"]


def test_somebody_without_a_role_answers_for_nothing() -> None:
    """It is said so."""
    nobody = a_user("max")
    bare = type(nobody)(name="max")

    assert list(principal_problems("max", [], [bare])) == ["max (no role) may not sign days and cannot answer for one"]
