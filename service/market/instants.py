"""The instants for which a symbol's quote was decided, kept to notice when a late quote would have changed one.

Pure and bounded: the newest are kept, and a quote that is late by more than they reach is of no amendment.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left

from rules.facts import Nanos

KEPT = 4096
"""Instants of one symbol; between one and two times as many are kept."""

_NONE = array("q")
"""The instants of a symbol for which nothing was decided, as of most."""


class Instants:
    """Instants in order, each once; `last` is the latest of all."""

    __slots__ = ("_at", "last")

    def __init__(self) -> None:
        self._at = _NONE
        self.last = Nanos(-1)

    def __len__(self) -> int:
        return len(self._at)

    def note(self, at: Nanos) -> None:
        """Keep an instant; to note it again changes nothing."""
        if self._at is _NONE:
            self._at = array("q")
        if at > self.last:
            self._at.append(at)
            self.last = at
        elif at != self.last:
            place = bisect_left(self._at, at)
            if place == len(self._at) or self._at[place] != at:
                self._at.insert(place, at)
        if len(self._at) >= 2 * KEPT:
            del self._at[:KEPT]

    def between(self, begin: Nanos, end: Nanos | None) -> tuple[Nanos, ...]:
        """Return those in [begin, end), or from `begin` on when there is no end."""
        first = bisect_left(self._at, begin)
        last = len(self._at) if end is None else bisect_left(self._at, end)
        return tuple(Nanos(at) for at in self._at[first:last])
