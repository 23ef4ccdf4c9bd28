"""Who acts: a name, the roles and the desks that it has, and by which way it came in. Pure."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Way(StrEnum):
    """By which way in somebody came."""

    PAGE = "page"
    API = "api"
    COMMAND = "command"
    PROGRAM = "program"


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who acts: a name with the roles and the desks that it has, and how it came in."""

    name: str
    roles: tuple[str, ...] = ()
    desks: tuple[str, ...] = ()
    how: Way = Way.PAGE
