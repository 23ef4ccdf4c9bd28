"""Follows the numbers that a source gives its batches: what is next, repeated, missing, or comes after all. Pure.

A number alone does not tell a repeated batch from the first one of a publisher that began anew: the batch's own time
does.
"""

from __future__ import annotations

from enum import Enum

import msgspec

from rules.facts import Nanos

REMEMBERED = 1024
"""Batches that are known again when they are delivered twice."""
MOST_MISSING = 10_000
"""Missing numbers that are waited for; a hole that is larger stays one."""


class Step(Enum):
    """What a number means: the next one, one that was heard, a hole before it, one that was missing, a new count."""

    NEXT = "next"
    REPEATED = "repeated"
    HOLE = "hole"
    FILLED = "filled"
    ANEW = "anew"


class SavedNumbering(msgspec.Struct, frozen=True, kw_only=True):
    """What a numbering knew when it was saved."""

    last: int | None = None
    unnumbered: bool = False
    heard: dict[int, Nanos] = {}
    holes: dict[int, Nanos] = {}


class Numbering:
    """The numbers of one source's batches; `missed` counts those that never came.

    `sure` says that every quote so far came under a number, so that the next number tells whether one was lost.
    """

    def __init__(self) -> None:
        self.missed = 0
        self.last: int | None = None
        self._unnumbered = False
        self._heard: dict[int, Nanos] = {}
        self._holes: dict[int, Nanos] = {}

    def saved(self) -> SavedNumbering:
        """Return what is to be known again after a restart."""
        return SavedNumbering(last=self.last, unnumbered=self._unnumbered, heard=self._heard, holes=self._holes)

    def restore(self, saved: SavedNumbering) -> None:
        """Know again what was saved; what was missing then is still waited for."""
        self.last, self._unnumbered = saved.last, saved.unnumbered
        self._heard, self._holes = saved.heard, saved.holes
        self.missed = len(saved.holes)

    @property
    def sure(self) -> bool:
        """Return whether the next number will tell what was lost."""
        return self.last is not None and not self._unnumbered

    def unnumbered(self) -> None:
        """Note that quotes came without a number: nothing tells any more what is missing."""
        self._unnumbered = True

    def follow(self, number: int, at: Nanos, mark: Nanos) -> Step:
        """Judge a batch by its number and its own time; `mark` is how far the source had come before it."""
        step = self._step(number, at, mark)
        if step in (Step.HOLE, Step.ANEW):
            self._open(number, mark, anew=step is Step.ANEW)
        if step is not Step.REPEATED:
            self._heard[number] = at
            if len(self._heard) > REMEMBERED:
                del self._heard[next(iter(self._heard))]
        if step not in (Step.REPEATED, Step.FILLED):
            self.last = number
        return step

    def filled(self, number: int) -> Nanos | None:
        """Return the mark of the hole that this number was the last one missing of, None while others are."""
        mark = self._holes.pop(number)
        self.missed -= 1
        return None if mark in self._holes.values() else mark

    def _step(self, number: int, at: Nanos, mark: Nanos) -> Step:
        if self.last is None or number == self.last + 1:
            return Step.NEXT
        if self._heard.get(number) == at:
            return Step.REPEATED
        if number in self._holes and at <= mark:
            return Step.FILLED
        return Step.HOLE if number > self.last else Step.ANEW

    def _open(self, number: int, mark: Nanos, *, anew: bool) -> None:
        if anew:
            self._heard.clear()
            self._holes.clear()
            return
        missing = range((self.last or 0) + 1, number)
        self.missed += len(missing)
        if len(missing) + len(self._holes) <= MOST_MISSING:
            self._holes.update(dict.fromkeys(missing, mark))
