"""What was in force at each offset of the journal: rulebooks and registers, as its VERSION records say. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping

import msgspec

from rules.register import VenueRegister, parse_register
from rules.rulebook import Rulebook, parse_rulebook
from service.versions import Version, VersionKind


class Change(msgspec.Struct, frozen=True):
    """What one record put in force; `name` is the counterparty's for a register. Facts behind its offset go by it."""

    offset: int
    name: str
    content: Rulebook | VenueRegister


class Stood(msgspec.Struct, frozen=True):
    """What is in force."""

    rulebook: Rulebook
    registers: Mapping[str, VenueRegister]

    def then(self, change: Change) -> Stood:
        """Return what is in force after a change."""
        if isinstance(change.content, Rulebook):
            return Stood(change.content, self.registers)
        return Stood(self.rulebook, {**self.registers, change.name: change.content})


class Timeline:
    """Every change of rulebook and registers, in order."""

    def __init__(self, changes: Iterable[Change]) -> None:
        self.changes = tuple(changes)
        self._offsets = [change.offset for change in self.changes]

    @classmethod
    def of(cls, versions: Iterable[tuple[int, Version]]) -> Timeline:
        """Return the timeline of these versions with their offsets; raise ReadingError when one cannot be read."""
        return cls(
            Change(offset, version.name, _READ[version.kind](version.text))
            for offset, version in versions
            if version.kind in _READ
        )

    def before(self, offset: int) -> Stood:
        """Return what a fact at that offset goes by; nothing but the catalogue where nothing was put in force yet."""
        stood = Stood(parse_rulebook(""), {})
        for change in self.changes[: bisect_left(self._offsets, offset)]:
            stood = stood.then(change)
        return stood

    def after(self, offset: int) -> tuple[Change, ...]:
        """Return the changes from that offset on."""
        return self.changes[bisect_left(self._offsets, offset) :]

    def rulebooks(self, first: int, last: int) -> list[Rulebook]:
        """Return every rulebook that a fact between two offsets goes by."""
        within = [change for change in self.after(first) if change.offset < last]
        later = [change.content for change in within if isinstance(change.content, Rulebook)]
        return [self.before(first).rulebook, *later]


def named(versions: Iterable[tuple[int, Version]], start: str) -> list[Rulebook]:
    """Return the rulebooks whose hash, of the text or of what can change a finding, begins so; each once."""
    found: dict[str, Rulebook] = {}
    for _, version in versions:
        if version.kind is VersionKind.RULEBOOK:
            rulebook = parse_rulebook(version.text)
            if version.hash.startswith(start) or rulebook.hash.startswith(start):
                found[rulebook.hash] = rulebook
    return list(found.values())


_READ: dict[VersionKind, Callable[[str], Rulebook | VenueRegister]] = {
    VersionKind.RULEBOOK: parse_rulebook,
    VersionKind.REGISTER: parse_register,
}
