"""What a verification came to, in lines for a person or as JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from service.audit.broken import Broken

SHOWN = 1_000
"""So many places that do not hold are named; the rest is counted."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What was recomputed and against what, and every first place that does not hold."""

    cases: int
    events: int
    links: dict[str, int]
    seals: int
    upto: str
    against: str
    broken: tuple[Broken, ...]
    more: int = 0
    notes: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Return whether everything holds."""
        return not self.broken

    @property
    def json(self) -> str:
        """Return it as JSON in one line."""
        return msgspec.json.encode({"whole": self.whole, **msgspec.to_builtins(self)}).decode()

    @property
    def lines(self) -> Iterator[str]:
        """Yield it in lines: what is wrong first, then what was looked at."""
        for one in self.broken:
            yield f"BROKEN  {one.line}"
        if self.more:
            yield f"BROKEN  and {self.more:,} exceptions more"
        others = "".join(f", {number:,} links of {name}" for name, number in self.links.items())
        yield f"recomputed: {self.events:,} events of {self.cases:,} exceptions{others}"
        upto = f", up to {self.upto}" if self.upto else ""
        yield f"compared with {self.seals:,} seals{upto}; {self.against}" if self.seals else f"no seal; {self.against}"
        yield from (f"note: {note}" for note in self.notes)
        yield "everything holds" if self.whole else "the record is not what it was"


class Found:
    """Gathers what does not hold; of exceptions only so many are kept."""

    def __init__(self) -> None:
        self.kept: list[Broken] = []
        self.more = 0

    def add(self, *broken: Broken | None) -> None:
        """Keep what is wrong, or count it."""
        for one in broken:
            if one is not None and len(self.kept) < SHOWN:
                self.kept.append(one)
            else:
                self.more += one is not None
