"""Accounts and tokens as lines of a page, and what a form about them says. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import msgspec

from rules.facts import Nanos
from service.access.permissions import SCOPES, TABLE, May, Role, Scope
from service.access.sessions import ListedLogin
from service.access.tokens import Token
from service.access.users import User
from service.web.said import Instant, instant

SCOPE_WORDS = {
    Scope.READ: "read exceptions, days and reports",
    Scope.ACT: "work on exceptions, certify and sign, propose changes",
    Scope.APPROVE: "approve closings and changes",
    Scope.EXPORT: "export, and read the access log",
    Scope.ADMIN: "manage people",
}


class AccountLine(msgspec.Struct, frozen=True, kw_only=True):
    """One account in a line; `mark` is the sign that goes with how it stands."""

    name: str
    roles: str
    desks: str
    stands: str
    mark: str
    last: Instant | None


class RoleChoice(msgspec.Struct, frozen=True, kw_only=True):
    """One role to be chosen, with what it may do."""

    role: str
    may: str
    chosen: bool


class ScopeChoice(msgspec.Struct, frozen=True, kw_only=True):
    """One scope of a token to be chosen, in words."""

    scope: str
    words: str
    chosen: bool


class TokenLine(msgspec.Struct, frozen=True, kw_only=True):
    """One token in a line; `holds` says that it opens something."""

    token_id: str
    label: str
    scopes: str
    made: Instant
    until: Instant
    stands: str
    holds: bool


class LoginLine(msgspec.Struct, frozen=True, kw_only=True):
    """One open login in a line; `this` is the one that asks."""

    name: str
    place: str
    began: Instant
    seen: Instant
    this: bool


def account_line(user: User, last: Nanos | None, waits: Nanos | None) -> AccountLine:
    """Return one account in a line; `waits` is until when failed attempts keep it out."""
    stands, mark = _stands(user, waits)
    return AccountLine(
        name=user.name,
        roles=", ".join(user.roles) or "no role",
        desks=", ".join(user.desks),
        stands=stands,
        mark=mark,
        last=None if last is None else instant(last),
    )


def _stands(user: User, waits: Nanos | None) -> tuple[str, str]:
    if user.locked:
        return "disabled", "critical"
    if waits is not None:
        return f"locked until {instant(waits).time} after failed logins", "high"
    if user.must_change:
        return "has to choose a password", "medium"
    return "may come in", ""


def role_choices(chosen: Collection[str]) -> list[RoleChoice]:
    """Return every role with what it may do."""
    return [RoleChoice(role=role.value, may=_may(role), chosen=role.value in chosen) for role in Role]


def _may(role: Role) -> str:
    return ", ".join(may.value for may in May if role in TABLE[may])


def scope_choices(mine: Collection[May], chosen: Collection[str]) -> list[ScopeChoice]:
    """Return the scopes that give somebody who may do `mine` anything."""
    useful = (scope for scope in Scope if SCOPES[scope] & set(mine))
    return [ScopeChoice(scope=scope.value, words=SCOPE_WORDS[scope], chosen=scope.value in chosen) for scope in useful]


def token_lines(tokens: Iterable[Token], now: Nanos) -> list[TokenLine]:
    """Return tokens in lines: those that hold first, each kind in the order in which they came."""
    return sorted((_token_line(token, now) for token in tokens), key=lambda line: not line.holds)


def _token_line(token: Token, now: Nanos) -> TokenLine:
    over = now >= token.expires
    stands = "revoked" if token.revoked is not None else "expired" if over else "holds"
    return TokenLine(
        token_id=token.token_id,
        label=token.label,
        scopes=", ".join(token.scopes),
        made=instant(token.created),
        until=instant(token.expires if token.revoked is None else token.revoked),
        stands=stands,
        holds=stands == "holds",
    )


def login_lines(logins: Iterable[ListedLogin], this: str) -> list[LoginLine]:
    """Return open logins in lines; `this` is the name of the one that asks."""
    return [
        LoginLine(
            name=one.name,
            place=one.place or "not recorded",
            began=instant(one.session.began),
            seen=instant(one.session.seen),
            this=one.name == this,
        )
        for one in logins
    ]


def whole_days(text: str) -> int:
    """Return the number of days that somebody wrote, 0 for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < len("10000") else 0


def names_in(text: str) -> list[str]:
    """Return the names that somebody wrote with commas between them."""
    return [name for part in text.split(",") if (name := part.strip())]
