"""Shelving of a scope: what it needs, what it hides, and what it never hides again."""

from __future__ import annotations

import msgspec
import pytest

from rules.facts import Nanos
from service.cases.actor import THE_CASEWORKER, Actor
from service.cases.case import Refused
from service.cases.given import MOST_WORDS
from service.cases.rules import HOUR
from service.cases.shelving import Scope, Shelving, shelved_scope
from service.cases.states import Action, State
from tests.factories_cases import MINUTE, NO_CLOCKS, NOON, PAT, a_case, a_finding
from tests.factories_work import LATER, done, in_state

SCOPE = Scope(rule="slow_fill", venue="XTST")
SHELVING = Shelving(number=3, scope=SCOPE, by="pat", why="known", at=NOON, until=LATER)


def test_a_scope_says_in_words_what_it_names() -> None:
    """As the list of shelvings shows it."""
    assert Scope(rule="slow_fill", symbol="ACME").words == "rule slow_fill, symbol ACME"


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        (SCOPE, True),
        (Scope(counterparty="sor"), True),
        (Scope(cause="venue XTST", symbol="ACME"), True),
        (Scope(rule="slow_fill", venue="XOTH"), False),
        (Scope(rule="poor_fill"), False),
    ],
)
def test_a_scope_names_the_exceptions_that_have_all_its_values(scope: Scope, *, names: bool) -> None:
    """What it does not name does not matter."""
    assert scope.names(a_case(a_finding())) is names


def test_a_shelving_hides_while_it_is_in_force() -> None:
    """From its beginning, until its time or until somebody ends it."""
    ended = msgspec.structs.replace(SHELVING, ended_at=NOON, ended_by="sam")

    assert SHELVING.hides(a_case(), NOON)
    assert not SHELVING.hides(a_case(), Nanos(NOON - 1))
    assert not SHELVING.hides(a_case(), LATER)
    assert not ended.hides(a_case(), Nanos(NOON + MINUTE))


@pytest.mark.parametrize("state", State)
def test_a_shelving_hides_only_what_nobody_has_in_hand(state: State) -> None:
    """New and reopened ones."""
    assert SHELVING.hides(in_state(state), NOON) is (state in (State.NEW, State.REOPENED))


def test_what_came_back_is_not_hidden_by_the_same_shelving_again() -> None:
    """Whether it became graver or somebody took it from the shelf."""
    back = done(done(a_case(), Action.HIDE, THE_CASEWORKER).case, Action.UNSHELVE).case

    assert not SHELVING.hides(back, NOON)
    assert msgspec.structs.replace(SHELVING, number=4).hides(back, NOON)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"scope": Scope()}, "a shelving needs a scope: some of rule, venue, symbol, counterparty, cause"),
        ({"actor": Actor(name=" ")}, "a shelving needs a named actor"),
        ({"why": " "}, "a shelving needs words that say why"),
        ({"why": "x" * (MOST_WORDS + 1)}, "a shelving needs words that say why, at most 2,000 characters"),
        ({"until": None}, "a shelving needs a time to come until which it is shelved"),
        ({"until": Nanos(NOON + 121 * HOUR)}, "a shelving may last 5 d at most"),
        (
            {"rules": msgspec.structs.replace(NO_CLOCKS, permissions={"chief": frozenset({Action.SHELVE})})},
            "a shelving is not for pat; chief may shelve",
        ),
        ({"rules": msgspec.structs.replace(NO_CLOCKS, permissions={})}, "a shelving is not for pat; nobody may shelve"),
    ],
)
def test_a_shelving_is_refused_in_words(changes: dict[str, object], words: str) -> None:
    """Who, why and until are all needed."""
    whole = {"scope": SCOPE, "actor": PAT, "why": "known", "until": LATER, "at": NOON, "rules": NO_CLOCKS}

    result = shelved_scope(3, **{**whole, **changes})  # type: ignore[arg-type]

    assert isinstance(result, Refused)
    assert result.words.startswith(words)


def test_a_shelving_keeps_who_why_and_until_when() -> None:
    """With its number."""
    assert shelved_scope(3, SCOPE, PAT, "known", LATER, NOON, NO_CLOCKS) == SHELVING
