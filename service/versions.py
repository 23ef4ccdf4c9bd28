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
    """What a version record puts in force."""

    DIALECT = "dialect"
    REGISTER = "register"
    CALENDAR = "calendar"
    LIMITS = "limits"
    RULEBOOK = "rulebook"


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One text in force; `name` is the counterparty's for a dialect or register, else the kind's own."""

    kind: VersionKind
    name: str
    text: str

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
        body = {"kind": self.kind.value, "name": self.name, "hash": self.hash, "text": self.text}
        return Entry(kind=RecordKind.VERSION, received_at=at, body=msgspec.json.encode(body))


def version_of(body: bytes) -> Version:
    """Return the version that a VERSION record carries."""
    return msgspec.json.decode(body, type=Version)


def changes(wanted: Iterable[Version], in_force: dict[tuple[str, str], str]) -> list[Version]:
    """Return the versions whose hash differs from the one in force under the same key, in order."""
    return [version for version in wanted if in_force.get(version.key) != version.hash]
