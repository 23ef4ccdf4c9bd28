"""One rolling window in event time: what it holds is a function of the observations, not of the order they came in.

Packed: eight bytes each for time, identity and the two summands, in one array. A number that needs more than eight
bytes (a sum of money can) makes it a list from then on, which is as exact and only larger. Refuses floats.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort
from collections.abc import Iterable, MutableSequence, Sequence
from typing import Self

import msgspec

from rules.amounts import Nanos
from rules.observed import Row

LARGEST_WINDOW = 4096
"""Observations one window keeps at most: the newest."""

_MILLION = 1_000_000
_WIDTH = 4
_NOTHING = (0, 0, 0)
_NO_FLOOR = (-1, 0)


class WindowState(msgspec.Struct, frozen=True, kw_only=True):
    """One window as it is kept in a checkpoint: its cells packed, or `wide` where one needs more than eight bytes."""

    trade_date: str
    key: tuple[str, ...]
    packed: bytes
    wide: list[int] | None
    labels: list[str] | None
    floor: tuple[int, int]
    since: int
    raised_at: int | None
    touched: int

    @property
    def rows(self) -> list[Row]:
        """Return what the window holds, in order of event time."""
        return Window.of(self).rows


class Window:
    """The observations of one key and trade date that lie within a span of the newest, in event-time order.

    It holds the newest at most `LARGEST_WINDOW`, each later than newest − span; `count` is how many. It also knows when
    it last raised a finding, and in `touched` when it was last used by the journal's clock. What was let go of lies
    before `_start`, until there is enough of it to be cut away. It is made of rows in order of event time.
    """

    __slots__ = (
        "_cells",
        "_floor",
        "_labels",
        "_raised_at",
        "_ranked",
        "_since",
        "_start",
        "_sums",
        "count",
        "total",
        "total_other",
        "touched",
    )

    def __init__(
        self,
        rows: Iterable[Row] = (),
        floor: tuple[int, int] = _NO_FLOOR,
        since: int = 0,
        raised_at: int | None = None,
    ) -> None:
        self._cells: MutableSequence[int] = array("q")
        self._start = 0
        self._labels: list[str] | None = None
        self._sums: dict[str, tuple[int, int, int]] | None = None
        self._ranked: MutableSequence[int] | None = None
        self._floor = floor
        self._since = since
        self._raised_at = raised_at
        self.count = 0
        self.total = 0
        self.total_other = 0
        self.touched = 0
        for row in rows:
            self._insert(len(self._cells), row)

    def add(self, row: Row, span: int) -> bool:
        """Take an observation in; return False when it is a repetition or older than the window reaches."""
        cells, start = self._cells, self._start
        if len(cells) == start or row.at > cells[-_WIDTH]:
            self._append(row)  # simply the next one
        elif not self._take_late(row, span):
            return False
        self._since += 1
        horizon = self._cells[-_WIDTH] - span
        if cells[start] <= horizon or self.count > LARGEST_WINDOW:
            self._prune(horizon)
        return True

    def _take_late(self, row: Row, span: int) -> bool:
        place = self._place(row)
        if self._stands(place, row) or (row.at, row.identity) <= self._floor or row.at <= self._cells[-_WIDTH] - span:
            return False
        self._insert(place, row)
        return True

    def amend(self, row: Row) -> bool:
        """Let an observation say something else; return False when the window does not hold it."""
        if not self.drop(row):
            return False
        self._insert(self._place(row), row)
        return True

    def drop(self, row: Row) -> bool:
        """Take an observation out again, whatever it says; return False when the window does not hold it."""
        place = self._place(row)
        if not self._stands(place, row):
            return False
        gone = self._row(place)
        self._count(gone.value, gone.other, gone.label, -1)
        del self._cells[place : place + _WIDTH]
        if self._labels is not None:
            del self._labels[place // _WIDTH]
        return True

    def holds(self, row: Row) -> bool:
        """Return whether it holds an observation of that time and identity, whatever it says."""
        cells, start = self._cells, self._start
        if len(cells) == start or not cells[start] <= row.at <= cells[-_WIDTH]:
            return False
        return self._stands(self._place(row), row)

    def _place(self, row: Row) -> int:
        """Return the cell at which an observation begins, or would begin."""
        cells, low, high = self._cells, self._start, len(self._cells)
        if high == low or cells[-_WIDTH] < row.at:
            return high
        key = row.at, row.identity
        while low < high:
            middle = (low + high) // (2 * _WIDTH) * _WIDTH
            if (cells[middle], cells[middle + 1]) < key:
                low = middle + _WIDTH
            else:
                high = middle
        return low

    def _stands(self, place: int, row: Row) -> bool:
        cells = self._cells
        return place < len(cells) and cells[place] == row.at and cells[place + 1] == row.identity

    def _insert(self, place: int, row: Row) -> None:
        """Put an observation in at a cell, and let the sums follow."""
        self._append(row)
        cells, labels = self._cells, self._labels
        newest = cells[-_WIDTH:]
        del cells[-_WIDTH:]
        cells[place:place] = newest
        if labels is not None:
            labels.insert(place // _WIDTH, labels.pop())

    def _append(self, row: Row) -> None:
        """Put an observation in behind all others, and let the sums follow."""
        try:
            self._cells.extend((row.at, row.identity, row.value, row.other))
        except OverflowError:
            self._widen()
            self._cells.extend((row.at, row.identity, row.value, row.other))
        if self._labels is not None:
            self._labels.append(row.label)
        elif row.label:
            self._labels = [""] * (len(self._cells) // _WIDTH - 1) + [row.label]
        self._count(row.value, row.other, row.label, 1)

    def _widen(self) -> None:
        """Become wide, without what fitted of the observation that does not."""
        whole = len(self._cells) // _WIDTH * _WIDTH
        self._cells = list(self._cells[:whole])
        self._ranked = None if self._ranked is None else list(self._ranked)

    def _count(self, value: int, other: int, label: str, sign: int) -> None:
        """Let the sums follow an observation that comes (1) or goes (−1)."""
        self.count += sign
        self.total += sign * value
        self.total_other += sign * other
        if label:
            sums = self._sums = {} if self._sums is None else self._sums
            count, total, total_other = sums.get(label, _NOTHING)
            sums[label] = (count + sign, total + sign * value, total_other + sign * other)
            if not count + sign:
                del sums[label]
        if self._ranked is None:
            return
        if sign > 0:
            insort(self._ranked, value)
        else:
            del self._ranked[bisect_left(self._ranked, value)]

    def _prune(self, horizon: int) -> None:
        """Let go of what lies at or before the horizon, and of the oldest beyond the bound."""
        cells, labels, cut = self._cells, self._labels, self._start
        while cells[cut] <= horizon or self.count > LARGEST_WINDOW:
            self._count(cells[cut + 2], cells[cut + 3], labels[cut // _WIDTH] if labels else "", -1)
            cut += _WIDTH
        self._floor = max(self._floor, (cells[cut - _WIDTH], cells[cut - _WIDTH + 1]))
        self._start = cut
        if cut * 2 > len(cells):
            del cells[:cut]
            if labels is not None:
                del labels[: cut // _WIDTH]
            self._start = 0

    def _row(self, place: int) -> Row:
        at, identity, value, other = self._cells[place : place + _WIDTH]
        return Row(at, identity, value, other, "" if self._labels is None else self._labels[place // _WIDTH])

    @property
    def first_at(self) -> Nanos:
        """Return the event time of the oldest observation."""
        return Nanos(self._cells[self._start])

    @property
    def last_at(self) -> Nanos:
        """Return the event time of the newest observation."""
        return Nanos(self._cells[-_WIDTH])

    @property
    def by_label(self) -> dict[str, tuple[int, int, int]]:
        """Return count, total and total_other of each category among what it holds; what has none is left out."""
        return dict(sorted(self._sums.items())) if self._sums else {}

    def of_label(self, label: str) -> tuple[int, int, int]:
        """Return count, total and total_other of one category: nothing where it holds none of it."""
        return self._sums.get(label, _NOTHING) if self._sums else _NOTHING

    @property
    def rows(self) -> list[Row]:
        """Return a copy of what it holds, in order of event time."""
        return [self._row(place) for place in range(self._start, len(self._cells), _WIDTH)]

    def quantile(self, ppm: int) -> int:
        """Return the value at that rank (nearest rank: the least value that at least ppm of all do not exceed).

        The first time it ranks the values; from then on they are kept in order.
        """
        if self._ranked is None:
            values = sorted(self._cells[self._start + 2 :: _WIDTH])
            self._ranked = array("q", values) if isinstance(self._cells, array) else values
        return self._ranked[max(0, -(-ppm * len(self._ranked) // _MILLION) - 1)]

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
        cells = _packed(self._cells[self._start :])
        return WindowState(
            trade_date=trade_date,
            key=key,
            packed=cells.tobytes() if isinstance(cells, array) else b"",
            wide=cells if isinstance(cells, list) else None,
            labels=self._labels[self._start // _WIDTH :] if self._labels is not None and self._sums else None,
            floor=self._floor,
            since=self._since,
            raised_at=self._raised_at,
            touched=self.touched,
        )

    @classmethod
    def of(cls, state: WindowState) -> Self:
        """Return the window that `state` was taken from."""
        cells = array("q", state.packed) if state.wide is None else state.wide
        labels = state.labels or [""] * (len(cells) // _WIDTH)
        rows = zip(*(cells[cell::_WIDTH] for cell in range(_WIDTH)), labels, strict=True)
        window = cls((Row(*row) for row in rows), state.floor, state.since, state.raised_at)
        window.touched = state.touched
        return window


def _packed(cells: Sequence[int]) -> array[int] | list[int]:
    """Return the cells as an array where all of them fit into eight bytes, else as a list."""
    try:
        return array("q", cells)
    except OverflowError:
        return list(cells)
