"""The pages about people, each for those who may look at it. Pure."""

from __future__ import annotations

from collections.abc import Collection

from service.access.permissions import May

TABS: tuple[tuple[str, str, May], ...] = (
    ("/people/accounts", "Accounts", May.MANAGE_PEOPLE),
    ("/people/principal", "Principal of the day", May.READ),
    ("/people/shelvings", "Shelvings", May.READ),
    ("/people/log", "Access log", May.READ_TRAIL),
)
"""Path, words, and what it takes."""
OWN = ("/me", "My account")


def tabs(mine: Collection[May]) -> list[tuple[str, str]]:
    """Return path and words of each page about people that somebody may look at; one's own is the last."""
    return [*((path, words) for path, words, may in TABS if may in mine), OWN]
