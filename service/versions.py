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
    """What a version record puts in force; the two files are only compared with what is in force, which wins."""

    DIALECT = "dialect"
    REGISTER = "register"
    CALENDAR = "calendar"
    LIMITS = "limits"
    RULEBOOK = "rulebook"
    VENUES_FILE = "venues_file"
    RULEBOOK_FILE = "rulebook_file"


COMPARED = {VersionKind.REGISTER: VersionKind.VENUES_FILE, VersionKind.RULEBOOK: VersionKind.RULEBOOK_FILE}
"""What a file seeds once and is only compared with ever after, and as what it is then journalled."""
SEED = "seed"
"""Who put in force what the files said at the first start."""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One text in force; `name` is the counterparty's for a dialect or register, else the kind's own.

    `actor` is the person who put it in force (the second of two: the approver), "seed" for the files of the first
    start, empty when it was the daemon's start. `proposal` is the number of the proposal that it comes from,
    `effective` from when it was to be in force. `against` is the hash of what a file was compared with.
    """

    kind: VersionKind
    name: str
    text: str
    actor: str = ""
    proposer: str = ""
    approver: str = ""
    proposal: int | None = None
    effective: Nanos | None = None
    why: str = ""
    against: str = ""

    @property
    def hash(self) -> str:
        """Return the SHA-256 of the text (and of what it was compared with), in hex."""
        return hashlib.sha256((self.text + self.against).encode()).hexdigest()

    @property
    def key(self) -> tuple[str, str]:
        """Return what a later version of the same thing replaces."""
        return (self.kind.value, self.name)

    def entry(self, at: Nanos | None) -> Entry:
        """Return the record that puts it in force at `at`."""
        told = {name: value for name, value in msgspec.structs.asdict(self).items() if value not in ("", None)}
        whole = {"text": self.text, "actor": self.actor, **told, "hash": self.hash}
        return Entry(kind=RecordKind.VERSION, received_at=at, body=msgspec.json.encode(whole))


def version_of(body: bytes) -> Version:
    """Return the version that a VERSION record carries."""
    return msgspec.json.decode(body, type=Version)


def changes(wanted: Iterable[Version], in_force: dict[tuple[str, str], str]) -> list[Version]:
    """Return the versions to put in force, in order: those whose hash differs from what is under the same key.

    The files of rulebook and venues seed them once; afterwards what is in force wins and they are only compared.
    """
    told = (_seeded_or_compared(version, in_force) for version in wanted)
    return [version for version in told if version is not None and in_force.get(version.key) != version.hash]


def _seeded_or_compared(version: Version, in_force: dict[tuple[str, str], str]) -> Version | None:
    compared = COMPARED.get(version.kind)
    if compared is None:
        return version
    known = in_force.get(version.key)
    if known is None:
        return msgspec.structs.replace(version, actor=SEED)
    if known == version.hash and (compared.value, version.name) not in in_force:
        return None  # nothing was ever otherwise
    return msgspec.structs.replace(version, kind=compared, against=known)
