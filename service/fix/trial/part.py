"""What the parts of a trial share: a message taken apart, a guess with its evidence, bounded counting. Pure.

Memory is bounded by the caps here, not by the length of the log; whoever hits a cap says so in its report.
"""

from __future__ import annotations

from typing import Any, Protocol

import msgspec

from rules.facts import Nanos
from service.fix.events import Decoded
from service.fix.message import SECRETS
from service.fix.tags import named

MOST_SHOWN = 20
_LONGEST = 24
_SAMPLES = 3


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """One message whose frame holds: its line, its fields and groups (`places`), and what it was decoded to."""

    number: int
    received_at: Nanos | None
    body: bytes
    pairs: list[tuple[str, str]]
    fields: dict[str, str]
    decoded: Decoded

    @property
    def report(self) -> bool:
        """Return whether it is an execution report."""
        return self.fields.get("35") == "8"

    @property
    def first_copy(self) -> bool:
        """Return whether nothing marks it as sent before."""
        return self.fields.get("43") != "Y" and self.fields.get("97") != "Y"


class Guess(msgspec.Struct, frozen=True):
    """What a key of the dialect should hold, and why: lists and tables are added to what is there.

    `replaces` says that the value stands alone.
    """

    path: tuple[str, ...]
    value: str | list[str] | dict[str, str]
    evidence: str
    replaces: bool = False


class Part(Protocol):
    """One thing that a trial looks at; it takes every message once, and remembers no more than its caps."""

    title: str

    def take(self, one: Taken) -> None:
        """Look at one message."""
        ...

    def found(self) -> dict[str, Any]:
        """Return what it saw, as plain values for JSON."""
        ...

    def lines(self) -> list[str]:
        """Return what it saw, in words; nothing when there was nothing to see."""
        ...

    def problems(self) -> list[tuple[str, int]]:
        """Return what the dialect in force leaves open: words and how often."""
        ...

    def guesses(self) -> list[Guess]:
        """Return what the draft should say."""
        ...


class Tally:
    """Counts by key, for so many keys at most; what came later is counted together in `others`."""

    def __init__(self, most: int = 1_000) -> None:
        self.counts: dict[str, int] = {}
        self.others = 0
        self._most = most

    def add(self, key: str, by: int = 1) -> bool:
        """Count the key; return False when there is no room for another one."""
        if key not in self.counts and len(self.counts) >= self._most:
            self.others += by
            return False
        self.counts[key] = self.counts.get(key, 0) + by
        return True

    def ordered(self) -> dict[str, int]:
        """Return the counts, largest first."""
        return dict(sorted(self.counts.items(), key=lambda item: (-item[1], item[0])))

    def words(self, most: int = MOST_SHOWN) -> str:
        """Return the counts as `IBM 12, MSFT 3`."""
        counts = list(self.ordered().items())
        words = [f"{key} {count:,}" for key, count in counts[:most]]
        hidden = len(counts) - most
        if hidden > 0:
            words.append(f"and {hidden:,} more")
        if self.others:
            words.append(f"{self.others:,} of kinds past the first {self._most:,}")
        return ", ".join(words)


class Distinct:
    """A set of values, so many at most; `full` when a value found no room."""

    def __init__(self, most: int) -> None:
        self.values: set[str] = set()
        self.full = False
        self._most = most

    def add(self, value: str) -> None:
        """Remember the value when there is room."""
        if len(self.values) < self._most:
            self.values.add(value)
        elif value not in self.values:
            self.full = True

    @property
    def words(self) -> str:
        """Return how many there are."""
        return f"over {len(self.values):,}" if self.full else f"{len(self.values):,}"


class Samples:
    """The first few different values of one tag, safe to show."""

    def __init__(self) -> None:
        self.values: list[str] = []

    def add(self, tag: str, value: str) -> None:
        """Keep the value when it is new and there is room."""
        if len(self.values) < _SAMPLES and (shown := safe(tag, value)) not in self.values:
            self.values.append(shown)


def safe(tag: str, value: str) -> str:
    """Return the value as it may be shown: no secrets, nothing long, nothing unprintable."""
    if tag in SECRETS:
        return "***"
    shown = value if value.isprintable() else ascii(value)[1:-1]
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 4]}… ({len(value)} characters)"


def place_name(place: str) -> str:
    """Return a place as a person reads it: `LastMkt (30)`, `party 17`."""
    return named(place) if place.isdigit() else place


def plural(count: int, one: str, many: str = "") -> str:
    """Return the count with its noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
