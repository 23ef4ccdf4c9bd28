"""The one table of who may do what. Page, API and command line ask it; nobody decides beside it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """What somebody is in the firm; one person may be several."""

    DESK = "desk"
    SUPERVISOR = "supervisor"
    COMPLIANCE = "compliance"
    ADMIN = "admin"
    AUDITOR = "auditor"


class May(StrEnum):
    """What can be allowed, in words that end the sentence "pat may not …"."""

    READ = "read exceptions and days"
    READINESS = "look at the start of day"
    ACT = "work on exceptions"
    SIGN = "certify and sign days"
    PROPOSE_CHANGE = "propose rulebooks and venues"
    APPROVE_CLOSING = "approve closings"
    APPROVE_CHANGE = "approve rulebooks and venues"
    SEND_AGAIN = "send alerts again or set them aside"
    EXPORT = "export"
    READ_TRAIL = "read the access log"
    MANAGE_PEOPLE = "manage people"


TABLE: dict[May, frozenset[Role]] = {
    May.READ: frozenset({Role.DESK, Role.SUPERVISOR, Role.COMPLIANCE, Role.AUDITOR}),
    May.READINESS: frozenset(Role),
    May.ACT: frozenset({Role.SUPERVISOR, Role.COMPLIANCE}),
    May.SIGN: frozenset({Role.SUPERVISOR, Role.COMPLIANCE}),
    May.PROPOSE_CHANGE: frozenset({Role.SUPERVISOR, Role.COMPLIANCE}),
    May.APPROVE_CLOSING: frozenset({Role.COMPLIANCE}),
    May.APPROVE_CHANGE: frozenset({Role.COMPLIANCE}),
    May.SEND_AGAIN: frozenset({Role.SUPERVISOR, Role.ADMIN}),
    May.EXPORT: frozenset({Role.SUPERVISOR, Role.COMPLIANCE, Role.AUDITOR}),
    May.READ_TRAIL: frozenset({Role.ADMIN, Role.AUDITOR}),
    May.MANAGE_PEOPLE: frozenset({Role.ADMIN}),
}
"""An admin looks after people and machines and reads no client's data; an auditor reads all and changes nothing."""


class Scope(StrEnum):
    """What an API token is for; it never does more than its owner may."""

    READ = "read"
    ACT = "act"
    APPROVE = "approve"
    EXPORT = "export"
    ADMIN = "admin"


SCOPES: dict[Scope, frozenset[May]] = {
    Scope.READ: frozenset({May.READ, May.READINESS}),
    Scope.ACT: frozenset({May.ACT, May.SIGN, May.PROPOSE_CHANGE, May.SEND_AGAIN}),
    Scope.APPROVE: frozenset({May.APPROVE_CLOSING, May.APPROVE_CHANGE}),
    Scope.EXPORT: frozenset({May.EXPORT, May.READ_TRAIL}),
    Scope.ADMIN: frozenset({May.MANAGE_PEOPLE}),
}


def allowed(roles: Iterable[str], scopes: Iterable[Scope] | None = None) -> frozenset[May]:
    """Return what somebody of these roles may do; through a token only what its scopes hold of that."""
    mine = set(roles)
    by_role = frozenset(may for may, whose in TABLE.items() if whose & mine)
    if scopes is None:
        return by_role
    return by_role & frozenset[May]().union(*(SCOPES[scope] for scope in scopes))


def not_allowed(name: str, roles: Iterable[str], wanted: May) -> str:
    """Return in words who may not do what, and who may."""
    mine = ", ".join(sorted(roles)) or "no role"
    others = " or ".join(sorted(role.value for role in TABLE[wanted]))
    return f"{name} ({mine}) may not {wanted.value}; that is for {others}"
