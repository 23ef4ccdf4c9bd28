"""Somebody who is in: as whom, what is allowed, and by which secret. Pure."""

from __future__ import annotations

import msgspec

from service.access.actor import Actor, Way
from service.access.permissions import May, Role, allowed
from service.access.sessions import form_token

NO_LOGIN = frozenset(May) - {May.MANAGE_PEOPLE}


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """One question's asker; `secret` is that of the login, None where there is none (a token, or a page without).

    `must_change`: nothing else is open before another password is chosen.
    """

    actor: Actor
    may: frozenset[May]
    secret: str | None = None
    must_change: bool = False

    @property
    def is_read_by_an_auditor(self) -> bool:
        """Return whether what is read is to be written down."""
        return Role.AUDITOR in self.actor.roles

    @property
    def form(self) -> str:
        """Return what a form of this visit carries."""
        return form_token(self.secret) if self.secret else ""

    @property
    def can(self) -> dict[str, bool]:
        """Return by name what is allowed, for a page that offers only that."""
        return {may.name.lower(): may in self.may for may in May}


def visit(actor: Actor, secret: str | None, *, must_change: bool = False) -> Visit:
    """Return the visit of somebody who logged in."""
    return Visit(actor=actor, may=allowed(actor.roles), secret=secret, must_change=must_change)


def named_visit(name: str) -> Visit:
    """Return the visit of whoever opens a page without a login: a demo, under the one name that was set."""
    return Visit(actor=Actor(name=name, roles=(Role.SUPERVISOR, Role.COMPLIANCE), how=Way.PAGE), may=NO_LOGIN)
