"""Accounts, tokens and logins as lines of a page."""

from __future__ import annotations

import msgspec

from rules.facts import Nanos
from service.access.permissions import Role, Scope, allowed
from service.access.sessions import ListedLogin, Session
from service.access.tokens import Token
from service.web.people.accounts import (
    account_line,
    login_lines,
    names_in,
    role_choices,
    scope_choices,
    token_lines,
    whole_days,
)
from service.web.people.tabs import tabs
from tests.factories import NOON
from tests.factories_access import a_user

DAY = 86_400 * 1_000_000_000


def a_token(label: str, **changes: object) -> Token:
    """Return a token that holds for a day from noon on."""
    made = Token(
        token_id="0123456789ab",
        hash=b"",
        user="pat",
        label=label,
        scopes=(Scope.READ, Scope.EXPORT),
        created=NOON,
        expires=Nanos(NOON + DAY),
    )
    return msgspec.structs.replace(made, **changes)


def test_an_account_says_in_words_how_it_stands() -> None:
    """The gravest reason first; the sign goes with it."""
    new = msgspec.structs.replace(a_user("Pat"), must_change=True)
    lines = [
        account_line(a_user("Pat"), NOON, None),
        account_line(new, None, None),
        account_line(new, None, Nanos(NOON)),
        account_line(a_user("Pat", locked=True), None, Nanos(NOON)),
        account_line(msgspec.structs.replace(a_user("Pat"), roles=(), desks=("cash", "etf")), None, None),
    ]

    assert [(line.stands, line.mark) for line in lines] == [
        ("may come in", ""),
        ("has to choose a password", "medium"),
        ("locked until 12:00:00 after failed logins", "high"),
        ("disabled", "critical"),
        ("may come in", ""),
    ]
    assert [line.last is None for line in lines] == [False, True, True, True, True]
    assert (lines[0].roles, lines[4].roles, lines[4].desks) == ("supervisor", "no role", "cash, etf")


def test_every_role_is_offered_with_what_it_may_do() -> None:
    """Those that somebody has are chosen."""
    choices = role_choices([Role.ADMIN])

    assert [one.role for one in choices] == list(Role)
    assert [one.role for one in choices if one.chosen] == ["admin"]
    assert choices[3].may == (
        "look at the start of day, send alerts again or set them aside, read the access log, manage people"
    )


def test_only_scopes_that_give_somebody_anything_are_offered() -> None:
    """A desk's token can read and nothing else."""
    desk = scope_choices(allowed([Role.DESK]), ())
    compliance = scope_choices(allowed([Role.COMPLIANCE]), [Scope.ACT])

    assert [one.scope for one in desk] == ["read"]
    assert [(one.scope, one.chosen) for one in compliance] == [
        ("read", False),
        ("act", True),
        ("approve", False),
        ("export", False),
    ]
    assert scope_choices((), ()) == []


def test_tokens_that_hold_stand_before_those_that_do_not() -> None:
    """Revoked beats expired, and says when."""
    found = [
        a_token("old", expires=NOON),
        a_token("gone", revoked=Nanos(NOON + 5), expires=NOON),
        a_token("good"),
    ]

    lines = token_lines(found, NOON)

    assert [(line.label, line.stands, line.holds) for line in lines] == [
        ("good", "holds", True),
        ("old", "expired", False),
        ("gone", "revoked", False),
    ]
    assert lines[2].until.exact == "2026-11-20T17:00:00.000000005Z"
    assert lines[0].scopes == "read, export"


def test_logins_tell_where_they_came_from_and_which_one_asks() -> None:
    """Those from before the place was kept say so."""
    session = Session(user="pat", began=NOON, seen=NOON)
    found = [ListedLogin(name="aa", session=session, place="10.0.0.9"), ListedLogin(name="bb", session=session)]

    lines = login_lines(found, "bb")

    assert [(line.place, line.this) for line in lines] == [("10.0.0.9", False), ("not recorded", True)]


def test_names_are_read_with_commas_and_days_as_whole_numbers() -> None:
    """What is no number is none of the days that a token can hold."""
    assert names_in(" cash, ,etf ") == ["cash", "etf"]
    assert [whole_days(text) for text in ("90", "", "9.5", "-3", "²", "12345")] == [90, 0, 0, 0, 0, 0]


def test_each_sees_the_pages_that_are_for_them() -> None:
    """One's own account is for everybody."""
    assert [path for path, _ in tabs(allowed([Role.ADMIN]))] == ["/people/accounts", "/people/log", "/me"]
    assert [path for path, _ in tabs(allowed([Role.DESK]))] == ["/people/principal", "/people/shelvings", "/me"]
    assert [path for path, _ in tabs(())] == ["/me"]
