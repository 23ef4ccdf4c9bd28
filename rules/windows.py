"""Rolling counts and quantiles in event time: bounded, never across the trade date, the same in any order of arrival.

Refuses floats: Wilson's interval is in integers, its lower bound rounded down and its upper bound up.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from hashlib import blake2b
from math import isqrt
from typing import NamedTuple, Self

import msgspec

from rules.facts import Nanos

LARGEST_WINDOW = 4096
"""Observations one window keeps at most: the newest."""
MOST_GROUPS = 4096
"""Windows (keys) one rule keeps at most for one trade date."""
MOST_DATES = 4
"""Trade dates one rule keeps at most: those used last, so that one wild date cannot push today out."""

Z_THOUSANDTHS = {950_000: 1960, 990_000: 2576, 999_000: 3291}
"""Two-sided confidence in ppm → the normal quantile in thousandths."""

_MILLION = 1_000_000
_SUMS = (0, 0, 0)


class Row(NamedTuple):
    """One observation as a window keeps it: event time, digest of its identity, two summands, category."""

    at: int
    identity: int
    value: int
    other: int = 0
    label: str = ""


def digested(identity: str) -> int:
    """Return eight bytes that stand for an identity, as a signed integer; two of a window never share them in practice.

    Among a full window's 4,096 the chance of any two the same is below one in two million million.
    """
    text = identity.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big", signed=True)


def wilson(hits: int, count: int, confidence_ppm: int) -> tuple[int, int]:
    """Return the Wilson score interval of hits / count in ppm, rounded outwards.

    Both bounds are (2k + z² ± √(z²·(z² + 4k(n − k)/n))) / 2(n + z²) with z² in millionths.
    """
    z_squared = Z_THOUSANDTHS[confidence_ppm] ** 2
    centre = (2 * hits * _MILLION + z_squared) * _MILLION
    under_root = z_squared * (z_squared * count + 4 * _MILLION * hits * (count - hits)) * _MILLION**2
    root = isqrt(under_root // count)
    width = 2 * (count * _MILLION + z_squared)
    lower = (centre - root - 1) // width
    upper = -((-centre - root - 1) // width)
    return max(0, lower), min(_MILLION, upper)


class WindowState(msgspec.Struct, frozen=True, kw_only=True):
    """One window as it is kept in a checkpoint."""

    trade_date: str
    key: tuple[str, ...]
    rows: list[Row]
    floor: tuple[int, int]
    since: int
    raised_at: int | None


class Window:
    """The observations of one key and trade date that lie within a span of the newest, in event-time order.

    What it holds is a function of the set of observations, not of their order: the newest at most
    `LARGEST_WINDOW`, each later than newest − span. It also knows when it last raised a finding.
    """

    __slots__ = ("_by_label", "_floor", "_raised_at", "_rows", "_since", "total", "total_other")

    def __init__(
        self,
        rows: Iterable[Row] = (),
        floor: tuple[int, int] = (-1, 0),
        since: int = 0,
        raised_at: int | None = None,
    ) -> None:
        self._rows = list(rows)
        self._floor = floor
        self._since = since
        self._raised_at = raised_at
        self._by_label: dict[str, tuple[int, int, int]] = {}
        self.total = 0
        self.total_other = 0
        for row in self._rows:
            self._count(row, 1)

    def add(self, row: Row, span: int) -> bool:
        """Take an observation in; return False when it is a repetition or older than the window reaches."""
        rows, key = self._rows, row[:2]
        place = bisect_left(rows, key)
        if place < len(rows) and rows[place][:2] == key:
            return False
        if key <= self._floor or (rows and row.at <= rows[-1].at - span):
            return False
        rows.insert(place, row)
        self._count(row, 1)
        self._since += 1
        self._prune(rows[-1].at - span)
        return True

    def amend(self, row: Row) -> bool:
        """Let an observation say something else; return False when the window does not hold it."""
        place = self._place(row)
        if place is None:
            return False
        self._count(self._rows[place], -1)
        self._count(row, 1)
        self._rows[place] = row
        return True

    def drop(self, row: Row) -> bool:
        """Take an observation out again; return False when the window does not hold it."""
        place = self._place(row)
        if place is None:
            return False
        self._count(self._rows.pop(place), -1)
        return True

    def _count(self, row: Row, sign: int) -> None:
        """Let the sums follow a row that comes (1) or goes (−1)."""
        self.total += sign * row.value
        self.total_other += sign * row.other
        if row.label:
            count, total, other = self._by_label.get(row.label, _SUMS)
            if count + sign:
                self._by_label[row.label] = (count + sign, total + sign * row.value, other + sign * row.other)
            else:
                del self._by_label[row.label]

    def _place(self, row: Row) -> int | None:
        place = bisect_left(self._rows, row[:2])
        return place if place < len(self._rows) and self._rows[place][:2] == row[:2] else None

    def _prune(self, horizon: int) -> None:
        """Drop what lies at or before the horizon, and the oldest beyond the bound."""
        rows = self._rows
        stale = bisect_left(rows, (horizon + 1,))
        cut = max(stale, len(rows) - LARGEST_WINDOW)
        if cut:
            for row in rows[:cut]:
                self._count(row, -1)
            self._floor = max(self._floor, rows[cut - 1][:2])
            del rows[:cut]

    @property
    def by_label(self) -> dict[str, tuple[int, int, int]]:
        """Return count, total and total_other of each category among what it holds; unlabelled ones have none."""
        return dict(sorted(self._by_label.items()))

    @property
    def count(self) -> int:
        """Return how many observations it holds."""
        return len(self._rows)

    @property
    def first_at(self) -> Nanos:
        """Return the event time of the oldest observation."""
        return Nanos(self._rows[0][0])

    @property
    def last_at(self) -> Nanos:
        """Return the event time of the newest observation."""
        return Nanos(self._rows[-1][0])

    def quantile(self, ppm: int) -> int:
        """Return the value at that rank (nearest rank: the least value that at least ppm of all do not exceed)."""
        values = sorted(row.value for row in self._rows)
        return values[max(0, -(-ppm * len(values) // _MILLION) - 1)]

    def may_raise(self, repeat: int) -> bool:
        """Return whether a breach now is a new finding: the first, or `repeat` observations after the last one.

        Never twice at one event time: rule, subject and time are a finding's identity.
        """
        if self._raised_at is None:
            return True
        return self._since >= repeat and self.last_at > self._raised_at

    def raised(self) -> None:
        """Note that a finding was raised on what the window holds now."""
        self._since = 0
        self._raised_at = self.last_at

    def state(self, trade_date: str, key: tuple[str, ...]) -> WindowState:
        """Return all there is to know, for a checkpoint."""
        return WindowState(
            trade_date=trade_date,
            key=key,
            rows=list(self._rows),
            floor=self._floor,
            since=self._since,
            raised_at=self._raised_at,
        )

    @property
    def rows(self) -> list[Row]:
        """Return a copy of what it holds, in order of event time."""
        return list(self._rows)

    @classmethod
    def over(cls, rows: list[Row]) -> Self:
        """Return a window that holds these rows, of which it takes a copy."""
        return cls(rows)

    @classmethod
    def of(cls, state: WindowState) -> Self:
        """Return the window that `state` was taken from."""
        return cls(state.rows, state.floor, state.since, state.raised_at)


class Windows:
    """All windows of one rule, by trade date and key; the dates used last are kept."""

    __slots__ = ("_dates",)

    def __init__(self) -> None:
        self._dates: dict[str, dict[tuple[str, ...], Window]] = {}

    def at(self, trade_date: str, key: tuple[str, ...]) -> Window | None:
        """Return the window of that key, a new one at need, None when the date already has too many."""
        groups = self._dates.pop(trade_date, None)
        if groups is None:
            groups = {}
            if len(self._dates) >= MOST_DATES:
                del self._dates[next(iter(self._dates))]
        self._dates[trade_date] = groups
        window = groups.get(key)
        if window is None and len(groups) < MOST_GROUPS:
            window = groups[key] = Window()
        return window

    def find(self, trade_date: str, key: tuple[str, ...]) -> Window | None:
        """Return the window of that key if there is one."""
        return self._dates.get(trade_date, {}).get(key)

    def snapshot(self) -> list[WindowState]:
        """Return every window, the date used last at the end."""
        return [w.state(date, key) for date, groups in self._dates.items() for key, w in groups.items()]

    @classmethod
    def of(cls, states: list[WindowState]) -> Windows:
        """Return the windows that a snapshot was taken from."""
        windows = cls()
        for state in states:
            windows._dates.setdefault(state.trade_date, {})[state.key] = Window.of(state)
        return windows
