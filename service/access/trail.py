"""The access log: who came in, was refused or changed whom, what an auditor read. One chain, only appended. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from rules.facts import Nanos
from service.cases.case import GENESIS
from service.cases.chain import link


class Deed(StrEnum):
    """What happened, in a word that follows the actor's name."""

    LOGGED_IN = "logged in"
    LOGIN_REFUSED = "login refused"
    LOGIN_PAUSED = "login paused"
    PROVIDER_REFUSED = "login by provider refused"
    LOGGED_OUT = "logged out"
    REFUSED = "refused"
    READ = "read"
    EXPORTED = "exported"
    ADDED = "added"
    ROLES_SET = "roles set"
    PASSWORD_SET = "password set"  # noqa: S105 - the name of a deed
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    LINKED = "linked to provider"
    UNLINKED = "unlinked from provider"
    TOKEN_MADE = "token made"  # noqa: S105 - the name of a deed
    TOKEN_REVOKED = "token revoked"  # noqa: S105 - the name of a deed
    SENT_AGAIN = "sent alerts again"
    SET_ASIDE = "set alerts aside"


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """An entry before the chain has given it a place.

    `subject` is whom it is about, as names are compared; `place` the address that it came from, "" for the command
    line; `words` what was asked for, changed or read.
    """

    at: Nanos
    actor: str
    deed: Deed
    subject: str = ""
    place: str = ""
    words: str = ""


class Entry(Draft, frozen=True, kw_only=True):
    """One link of the chain: `seq` is 1, 2, 3 … without holes."""

    seq: int
    prev_hash: bytes
    hash: bytes


def linked(draft: Draft, seq: int, previous: bytes) -> Entry:
    """Return the draft as the link that follows `previous`."""
    told = {name: getattr(draft, name) for name in Draft.__struct_fields__}
    return Entry(**told, seq=seq, prev_hash=previous, hash=_hash(draft, seq, previous))


def first_broken(entries: Iterable[Entry]) -> int | None:
    """Return the place (from 1) of the first link that does not hold, None when the chain is whole."""
    before = None
    for expected, one in enumerate(entries, start=1):
        if not holds(one, before):
            return expected
        before = one
    return None


def holds(one: Entry, before: Entry | None) -> bool:
    """Return whether a link holds: its own hash and that of the entry before it, None for the first of all."""
    seq, previous = (1, GENESIS) if before is None else (before.seq + 1, before.hash)
    return (one.seq, one.prev_hash, one.hash) == (seq, previous, _hash(one, seq, previous))


def _hash(draft: Draft, seq: int, previous: bytes) -> bytes:
    body = msgspec.json.encode([draft.subject, draft.place, draft.words])
    return link(previous, 0, seq, draft.at, draft.actor, draft.deed.value, body)
