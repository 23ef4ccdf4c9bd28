"""People, logins and entries of the trail for tests: each names only what matters."""

from __future__ import annotations

from rules.facts import Nanos
from service.access.permissions import Role
from service.access.trail import Deed, Draft
from service.access.users import User
from tests.factories import NOON

PASSWORD = "four grey geese at 9:40"


def a_user(name: str = "pat", *roles: Role, password: str | None = None, locked: bool = False) -> User:
    """Return an account; without a role it is a supervisor's."""
    return User(name=name, roles=roles or (Role.SUPERVISOR,), password=password, locked=locked)


def a_draft(deed: Deed = Deed.ADDED, at: int = NOON, subject: str = "pat", place: str = "127.0.0.1") -> Draft:
    """Return an entry for the trail."""
    return Draft(at=Nanos(at), actor="root", deed=deed, subject=subject, place=place)
