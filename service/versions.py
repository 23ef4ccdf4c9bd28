"""What is in force, as journal records: rulebook, registers, dialects, calendar, limits. Pure; texts come in.

The core starts empty and learns everything from the journal, so a replay needs nothing but the journal.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from enum import StrEnum

import msgspec

from rules.facts import Nanos
from service.journal import Entry, RecordKind


class VersionKind(StrEnum):
    """What a version record puts in force; a `venues_file` is only compared with the register, which wins."""

    DIALECT = "dialect"
    REGISTER = "register"
    CALENDAR = "calendar"
    LIMITS = "limits"
    RULEBOOK = "rulebook"
    VENUES_FILE = "venues_file"


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One text in force; `name` is the counterparty's for a dialect or register, else the kind's own.

    `actor` is the person who put it in force, empty when it was the daemon's start.
    """

    kind: VersionKind
    name: str
    text: str
    actor: str = ""

    @property
    def hash(self) -> str:
        """Return the SHA-256 of the text, in hex."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def key(self) -> tuple[str, str]:
        """Return what a later version of the same thing replaces."""
        return (self.kind.value, self.name)

    def entry(self, at: Nanos | None) -> Entry:
        """Return the record that puts it in force at `at`."""
        body = {
            "kind": self.kind.value,
            "name": self.name,
            "hash": self.hash,
            "text": self.text,
            "actor": self.actor,
        }
        return Entry(kind=RecordKind.VERSION, received_at=at, body=msgspec.json.encode(body))


def version_of(body: bytes) -> Version:
    """Return the version that a VERSION record carries."""
    return msgspec.json.decode(body, type=Version)


def changes(wanted: Iterable[Version], in_force: dict[tuple[str, str], str]) -> list[Version]:
    """Return the versions to put in force, in order: those whose hash differs from what is under the same key.

    A venue file seeds its register once; afterwards the register wins and a file that differs is only compared.
    """
    told = (_seed_or_compare(version, in_force) for version in wanted)
    return [version for version in told if in_force.get(version.key) != version.hash]


def _seed_or_compare(version: Version, in_force: dict[tuple[str, str], str]) -> Version:
    known = in_force.get(version.key)
    if version.kind is not VersionKind.REGISTER or known in (None, version.hash):
        return version
    return msgspec.structs.replace(version, kind=VersionKind.VENUES_FILE)
