"""To whom work can be given: the people whose accounts may work on exceptions. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from service.access.permissions import May, allowed
from service.access.users import User


def assignable(users: Iterable[User]) -> tuple[str, ...]:
    """Return the names of those who may work on exceptions and are not locked, in order."""
    names = (user.name for user in users if not user.locked and May.ACT in allowed(user.roles))
    return tuple(sorted(names, key=str.casefold))
