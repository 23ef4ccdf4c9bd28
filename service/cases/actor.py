"""Who acts on a case: a person under a name, or one of the two parts of the program. Pure."""

from __future__ import annotations

from service.access.actor import Actor as Actor
from service.access.actor import Way as Way


def called(actor: Actor) -> str:
    """Return the name with the roles: "pat (desk)"."""
    return f"{actor.name} ({', '.join(actor.roles)})" if actor.roles else actor.name


CASEWORKER = "caseworker"
TIMER = "timer"
THE_CASEWORKER = Actor(name=CASEWORKER, how=Way.PROGRAM)
THE_TIMER = Actor(name=TIMER, how=Way.PROGRAM)
