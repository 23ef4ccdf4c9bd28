"""Who acts on a case: a person under a name, or one of the two parts of the program. Pure."""

from __future__ import annotations

import unicodedata

from service.access.actor import Actor as Actor
from service.access.actor import Way as Way


def called(actor: Actor) -> str:
    """Return the name with the roles: "pat (desk)"."""
    return f"{actor.name} ({', '.join(actor.roles)})" if actor.roles else actor.name


CASEWORKER = "caseworker"
TIMER = "timer"
THE_CASEWORKER = Actor(name=CASEWORKER, how=Way.PROGRAM)
THE_TIMER = Actor(name=TIMER, how=Way.PROGRAM)


def plain(name: str) -> str:
    """Return a name as names are compared: case, space and ways of writing a letter make no other person."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def same(one: str, other: str) -> bool:
    """Return whether two names are one person's."""
    return plain(one) == plain(other)


PROGRAMS = (plain(CASEWORKER), plain(TIMER), plain("sorwatch"))
"""Names that nobody acts under."""
