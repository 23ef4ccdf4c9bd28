"""The FIX counterparties as they are configured: who connects, what is read, how missed reports come back. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from service.fix.dialect import parse_dialect

ROLES = {"drop_copy": "the router's drop copy", "own_orders": "our own orders"}

CONNECTIONS = {"initiator": "we connect", "acceptor": "they connect"}


class PartyLine(msgspec.Struct, frozen=True, kw_only=True):
    """One counterparty in a line."""

    name: str
    role: str
    connection: str
    version: str
    sessions: str
    recovery: str
    venues: str
    dialect: str


def party_line(
    name: str, connection: str, sessions: Iterable[str], dialect: str, venues: int | None, hash_: str
) -> PartyLine:
    """Return one counterparty; `hash_` is that of the dialect in force, "" before it is."""
    read = parse_dialect(dialect)
    return PartyLine(
        name=name,
        role=ROLES.get(read.role.value, read.role.value),
        connection=CONNECTIONS[connection],
        version=read.begin_string,
        sessions=", ".join(sessions),
        recovery=read.recovery.method.value,
        venues="not in force yet" if venues is None else f"{venues:,}",
        dialect=hash_[:12] or "not in force yet",
    )
