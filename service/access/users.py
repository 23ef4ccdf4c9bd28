"""A person with an account, and what can be wrong with one. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from service.access.actor import Actor, Way
from service.access.permissions import Role
from service.people import named, plain

LONGEST_NAME = 80


class User(msgspec.Struct, frozen=True, kw_only=True):
    """One account; `password` is its argon2 hash, None where no password opens it; `locked` by an admin.

    `must_change` says that somebody else knows the password: with it nothing is done but choosing another.
    `identity` is who it is to the firm's OpenID provider, whose groups then say the roles; None for an account of ours.
    """

    name: str
    roles: tuple[Role, ...] = ()
    desks: tuple[str, ...] = ()
    password: str | None = None
    locked: bool = False
    must_change: bool = False
    identity: str | None = None

    @property
    def key(self) -> str:
        """Return the name as names are compared: no second account by a blank or a capital letter."""
        return plain(self.name)

    def acting(self, how: Way) -> Actor:
        """Return the person as somebody who acts."""
        return Actor(name=self.name, roles=self.roles, desks=self.desks, how=how)


def identity_key(issuer: str, subject: str) -> str:
    """Return how an account names somebody of a provider: never by a name, which may change hands there."""
    return f"{issuer} {subject}"


def name_problems(name: str) -> Iterator[str]:
    """Yield what is wrong with the name of an account."""
    if not plain(name):
        yield "an account needs a name"
        return
    yield from named(name)
    if len(name) > LONGEST_NAME or not name.isprintable() or name != name.strip():
        yield f"a name has at most {LONGEST_NAME} printable characters and no blank at either end"
