"""Sequence numbers as they stand in the journal: runs, the ranges they add up to, and the holes between. Pure.

The feed says of a gap that it opened and closed; this counts again from the messages themselves, so that a certificate
does not merely repeat what it was told.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

import msgspec

Span = tuple[int, int]
Spans = tuple[Span, ...]


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """Messages of one session that stand one behind the other with rising numbers; `offset` is the first one's."""

    offset: int
    epoch: str
    first: int
    last: int


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers that a SequenceReset (35=4) at this offset declared to be nothing worth sending, its own included.

    Without `gap_fill` (123) it is a reset that gives up what is missing rather than a word about every number.
    """

    offset: int
    first: int
    last: int
    gap_fill: bool = True


class Counting(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers between two resets: what came, what was declared empty, and what is left between 1 (or `floor`).

    `floor` is the highest number of this counting that came before the day; `holes` are above it.
    """

    epoch: str
    received: Spans = ()
    declared: Spans = ()
    floor: int = 0
    holes: Spans = ()


class SegmentRun(msgspec.Struct, frozen=True, kw_only=True):
    """Messages of one market segment with numbers that rise by one; `offset` is the first one's."""

    offset: int
    epoch: str
    segment: str
    first: int
    last: int


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of one segment between two resets: what came, and what is left above the first that came."""

    name: str
    epoch: str
    received: Spans = ()
    holes: Spans = ()


def merged(spans: Iterable[Span]) -> Spans:
    """Return the same numbers in as few ranges as can be, in order."""
    kept: list[Span] = []
    for first, last in sorted(spans):
        if kept and first <= kept[-1][1] + 1:
            kept[-1] = (kept[-1][0], max(kept[-1][1], last))
        elif last >= first:
            kept.append((first, last))
    return tuple(kept)


def without(spans: Iterable[Span], taken: Iterable[Span]) -> Spans:
    """Return the numbers of `spans` that are not in `taken`."""
    left: list[Span] = []
    away = merged(taken)
    for first, last in merged(spans):
        at = first
        for low, high in away[max(0, bisect_right(away, (first, first)) - 1) :]:
            if low > last:
                break
            if low > at:
                left.append((at, low - 1))
            at = max(at, high + 1)
        if at <= last:
            left.append((at, last))
    return tuple(left)


def count(spans: Iterable[Span]) -> int:
    """Return how many numbers the ranges hold."""
    return sum(last - first + 1 for first, last in spans)


def spans_of(text: str) -> Spans:
    """Return the ranges that digits say: "5-6, 9"; what is no range is left out."""
    parts = (part.strip().partition("-") for part in text.split(","))
    found = ((first, last or first) for first, _, last in parts)
    return tuple((int(first), int(last)) for first, last in found if first.isdecimal() and last.isdecimal())


def which(restarts: Sequence[int], offset: int) -> int:
    """Return in which counting an offset stands: 0 before the first restart of the day."""
    return bisect_right(restarts, offset)


def countings(
    runs: Sequence[Run], declared: Sequence[Declared], restarts: Sequence[int], floor: int
) -> tuple[Counting, ...]:
    """Return what each counting of a day holds; `restarts` are the offsets, in order, at which counting began anew."""
    found: list[Counting] = []
    for index in range(len(restarts) + 1):
        mine = [run for run in runs if which(restarts, run.offset) == index]
        empty = [(one.first, one.last) for one in declared if which(restarts, one.offset) == index]
        if mine or empty or restarts:
            found.append(_counting(mine, empty, floor if index == 0 else 0))
    return tuple(found)


def _counting(runs: Sequence[Run], declared: Sequence[Span], floor: int) -> Counting:
    received, empty = merged((run.first, run.last) for run in runs), merged(declared)
    highest = max((last for _, last in (*received, *empty)), default=floor)
    everything: Spans = ((floor + 1, highest),) if highest > floor else ()
    return Counting(
        epoch=runs[-1].epoch if runs else "",
        received=received,
        declared=empty,
        floor=floor,
        holes=without(everything, (*received, *empty)),
    )


def segments(runs: Sequence[SegmentRun], restarts: Sequence[int]) -> tuple[Segment, ...]:
    """Return what each segment holds in each counting of a day, in order of the countings."""
    found: dict[tuple[int, str], list[SegmentRun]] = {}
    for run in runs:
        found.setdefault((which(restarts, run.offset), run.segment), []).append(run)
    return tuple(_segment(name, mine) for (_, name), mine in sorted(found.items()))


def _segment(name: str, runs: Sequence[SegmentRun]) -> Segment:
    begins = min(runs, key=_offset)
    received = merged((run.first, run.last) for run in runs)
    return Segment(
        name=name,
        epoch=begins.epoch,
        received=received,
        holes=without(((begins.first, received[-1][1]),), received),
    )


def _offset(run: SegmentRun) -> int:
    return run.offset
