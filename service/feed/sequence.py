"""Which sequence numbers of one epoch have come and which are missing; a number seen twice is no gap.

Pure. It refuses to know why a number is missing, and to trust the highest number seen (messages queue behind a gap).
"""

from __future__ import annotations

import msgspec

from rules.facts import Nanos

MOST_REFUSALS = 3
"""After so many refusals in a row no resend of a gap is waited for any more."""


class Gap(msgspec.Struct, gc=False, kw_only=True):
    """A run of numbers that were jumped over, and the part of it that is still missing (inclusive ranges).

    `arrived` were delivered after all; `filled` the counterparty declared to be nothing worth sending (GapFill,
    Reset), `backfilled` came from a file. `refusals` counts how often in a row it was refused.
    `after` and `before` are the SendingTimes (52) of the messages on both sides of it, as far as they are known;
    `segment` names the part of the session whose numbers are counted apart.
    """

    first: int
    last: int
    opened_at: Nanos
    opened_by: int
    missing: tuple[tuple[int, int], ...]
    arrived: int = 0
    filled: int = 0
    backfilled: int = 0
    refusals: int = 0
    overdue: bool = False
    after: Nanos | None = None
    before: Nanos | None = None
    segment: str | None = None

    @property
    def subject(self) -> str:
        """Return the whole run in digits: "5-6", or "5"; with its segment, where numbers are counted apart."""
        run = spans(((self.first, self.last),))
        return run if not self.segment else f"{self.segment} {run}"

    @property
    def given_up(self) -> bool:
        """Return whether nobody waits for a resend of it any more: only a file can fill it."""
        return self.refusals >= MOST_REFUSALS

    def cover(self, first: int, last: int, *, arrived: bool, backfilled: bool = False) -> int:
        """Take these numbers from what is missing, delivered or declared to be nothing; return how many it were."""
        left = without(self.missing, first, last)
        came = count(self.missing) - count(left)
        self.missing = left
        if came:
            self.refusals = 0
        if arrived and backfilled:
            self.backfilled += came
        elif arrived:
            self.arrived += came
        else:
            self.filled += came
        return came


class Seen(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What one number did: opened a gap, closed others, or repeated what was there."""

    opened: Gap | None = None
    closed: tuple[Gap, ...] = ()
    repeated: bool = False


IN_ORDER = Seen()


class Sequence(msgspec.Struct, gc=False, kw_only=True):
    """The numbers of one epoch: `next` is the one expected now, None before the first was seen."""

    next: int | None = None
    gaps: list[Gap] = []

    def take(self, number: int, clock: Nanos, offset: int) -> Seen:
        """Note that a message with this number came."""
        if number == self.next or self.next is None:
            self.next = number + 1
            return IN_ORDER
        if number > self.next:
            opened = self._open(number - 1, clock, offset)
            self.next = number + 1
            return Seen(opened=opened)
        closed, was_missing = self._fill(number, number, arrived=True)
        return Seen(closed=closed, repeated=not was_missing)

    def fill(self, number: int, upto: int, clock: Nanos, offset: int) -> Seen:
        """Note a GapFill that came as `number` and declares everything before `upto`."""
        if self.next is None:
            self.next = max(upto, number + 1)
            return IN_ORDER
        opened = self._open(number - 1, clock, offset) if number > self.next else None
        closed, was_missing = self._fill(number, max(upto - 1, number), arrived=False)
        repeated = not was_missing and upto <= self.next and number < self.next
        self.next = max(self.next, upto, number + 1)
        return Seen(opened=opened, closed=closed, repeated=repeated)

    def restart(self, at: int) -> tuple[Gap, ...]:
        """Note that the counting goes on at this number whatever came before; return the gaps that this covers."""
        covered = tuple(self.gaps)
        for gap in covered:
            gap.filled += count(gap.missing)
            gap.missing = ()
        self.gaps.clear()
        self.next = at
        return covered

    def missing(self) -> tuple[tuple[int, int], ...]:
        """Return all that is missing now."""
        return tuple(span for gap in self.gaps for span in gap.missing)

    def known(self, ranges: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
        """Return those of these numbers that came or were declared to be nothing; only when counted from 1."""
        for first, last in self.missing():
            ranges = without(ranges, first, last)
        beyond = max((last for _, last in ranges), default=0)
        return without(ranges, self.next or 1, beyond)

    def drop_closed(self) -> tuple[Gap, ...]:
        """Let go of the gaps in which nothing is missing any more; return them."""
        closed = tuple(gap for gap in self.gaps if not gap.missing)
        if closed:
            self.gaps = [gap for gap in self.gaps if gap.missing]
        return closed

    def _open(self, last: int, clock: Nanos, offset: int) -> Gap:
        assert self.next is not None
        gap = Gap(first=self.next, last=last, opened_at=clock, opened_by=offset, missing=((self.next, last),))
        self.gaps.append(gap)
        return gap

    def _fill(self, first: int, last: int, *, arrived: bool) -> tuple[tuple[Gap, ...], bool]:
        was_missing = False
        for gap in self.gaps:
            was_missing = gap.cover(first, last, arrived=arrived) > 0 or was_missing
        return self.drop_closed(), was_missing


def spans(ranges: tuple[tuple[int, int], ...]) -> str:
    """Return ranges in digits: "5-6, 9"."""
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)


def count(ranges: tuple[tuple[int, int], ...]) -> int:
    """Return how many numbers the ranges hold."""
    return sum(last - first + 1 for first, last in ranges)


def holds(ranges: tuple[tuple[int, int], ...], number: int) -> bool:
    """Return whether the number is in one of the ranges."""
    return any(first <= number <= last for first, last in ranges)


def without(ranges: tuple[tuple[int, int], ...], first: int, last: int) -> tuple[tuple[int, int], ...]:
    """Return the numbers of the ranges that are not from `first` to `last`."""
    left: list[tuple[int, int]] = []
    for low, high in ranges:
        if last < low or high < first:
            left.append((low, high))
            continue
        if low < first:
            left.append((low, first - 1))
        if last < high:
            left.append((last + 1, high))
    return tuple(left)
