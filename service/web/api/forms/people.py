"""People on the wire: who is in, accounts, tokens, the access log. Pure."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from service.access.permissions import Role, Scope
from service.access.tokens import Token
from service.access.trail import Entry
from service.access.users import LONGEST_NAME, User
from service.access.visit import Visit
from service.web.api.forms.common import LINE, Asked, Digest, Instant, Text, Told, Word, instant, instant_of

Account = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME, pattern=LINE)]


class Me(Told):
    """Who you are here, and what you may do."""

    name: str
    roles: list[str]
    desks: list[str]
    way: str = Field(description="`api` by a token, `page` by a login.")
    may: list[str] = Field(examples=[["work on exceptions"]])


class UserTold(Told):
    """An account."""

    name: str
    roles: list[Role]
    desks: list[str]
    locked: bool
    must_change: bool = Field(description="Whether another password has to be chosen before anything else.")


class Users(Told):
    """Every account, by name."""

    users: list[UserTold]


class RolesAsked(Asked):
    """The roles and desks of an account, these and no others."""

    roles: list[Role] = Field(max_length=len(Role))
    desks: list[Word] = Field(default=[], max_length=100)


class UserAsked(RolesAsked):
    """An account to make."""

    name: Account


class Invited(UserTold):
    """An account with a password that was drawn; it is told once, not kept, and changed at the first login."""

    drawn_password: str


class LockAsked(Asked):
    """Why somebody is let in no more, or again."""

    why: Text = ""


class TokenTold(Told):
    """A token as it is kept: never its secret."""

    token_id: str
    user: str
    label: str
    scopes: list[Scope]
    created: Instant
    expires: Instant
    revoked: Instant | None


class Tokens(Told):
    """Every token, the newest first."""

    tokens: list[TokenTold]


class LogEntry(Told):
    """One entry of the access log, a link of its chain."""

    seq: int
    at: Instant
    actor: str
    deed: str
    subject: str
    place: str
    words: str
    previous: Digest
    hash: Digest


class AccessLog(Told):
    """A page of the access log, the newest first."""

    entries: list[LogEntry]
    next: int | None = Field(description="Give it as `after` for the following page; null: this was the last.")


def me(visit: Visit) -> Me:
    """Return who is in."""
    actor = visit.actor
    may = sorted(one.value for one in visit.may)
    return Me(name=actor.name, roles=list(actor.roles), desks=list(actor.desks), way=actor.how.value, may=may)


def user_told(user: User) -> UserTold:
    """Return an account, without what opens it."""
    return UserTold(
        name=user.name,
        roles=list(user.roles),
        desks=list(user.desks),
        locked=user.locked,
        must_change=user.must_change,
    )


def invited(user: User, password: str) -> Invited:
    """Return an account with the password that was drawn for it."""
    return Invited(**dict(user_told(user)), drawn_password=password)


def token_told(token: Token) -> TokenTold:
    """Return a token, without what proves it."""
    return TokenTold(
        token_id=token.token_id,
        user=token.user,
        label=token.label,
        scopes=list(token.scopes),
        created=instant(token.created),
        expires=instant(token.expires),
        revoked=instant_of(token.revoked),
    )


def access_log(entries: list[Entry], limit: int) -> AccessLog:
    """Return a page of the access log; `entries` may be one more than the page holds."""
    shown = [_entry(one) for one in entries[:limit]]
    return AccessLog(entries=shown, next=shown[-1].seq if len(entries) > limit else None)


def _entry(one: Entry) -> LogEntry:
    return LogEntry(
        seq=one.seq,
        at=instant(one.at),
        actor=one.actor,
        deed=one.deed.value,
        subject=one.subject,
        place=one.place,
        words=one.words,
        previous=one.prev_hash.hex(),
        hash=one.hash.hex(),
    )
