"""The FIX counterparties as they are configured: who connects, what is read, how missed reports come back. Pure."""

from __future__ import annotations

import msgspec

from service.statements.feeds import Party

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


def party_line(party: Party) -> PartyLine:
    """Return one counterparty."""
    return PartyLine(
        name=party.name,
        role=ROLES.get(party.role, party.role),
        connection=CONNECTIONS[party.connection],
        version=party.begin_string,
        sessions=", ".join(party.sessions),
        recovery=party.recovery,
        venues="not in force yet" if party.venues is None else f"{party.venues:,}",
        dialect="not in force yet" if party.dialect is None else party.dialect[:12],
    )
