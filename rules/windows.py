"""All windows of one rule, by trade date and key: bounded, never across the trade date, the same in every replay.

A window that was not used for twice its span is let go of, by the journal's clock, so that every run lets go of the
same. What is full refuses and is counted: nothing that counts is pushed out.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Self

from rules.observed import Row as Row
from rules.observed import digested as digested
from rules.rule import NotEvaluated
from rules.wilson import wilson as wilson
from rules.window import LARGEST_WINDOW as LARGEST_WINDOW
from rules.window import Window as Window
from rules.window import WindowState as WindowState

MOST_GROUPS = 400_000
"""Windows (keys) one rule keeps at most: 10,000 symbols at 30 venues, and room."""
MOST_ROWS = 4_000_000
"""Observations one rule keeps at most in all its windows: 32 bytes each."""
MOST_DATES = 4
"""Trade dates one rule keeps at most: those used last, so that one wild date cannot push today out."""

TOO_MANY = NotEvaluated("too many groups")
TOO_LATE = NotEvaluated("repeated or too late for its window")
_AT_ONCE = 2

Place = tuple[str, tuple[str, ...]]
"""Which window an observation belongs to: trade date and key."""

_Day = OrderedDict[tuple[str, ...], Window]


class Windows:
    """All windows of one rule; the dates used last are kept, and in each the window used last is at the end."""

    __slots__ = ("_count", "_date", "_days", "_latest", "_rows", "_words")

    def __init__(self) -> None:
        self._days: dict[str, _Day] = {}
        self._date: str | None = None
        self._latest: _Day = OrderedDict()
        self._count = 0
        self._rows = 0
        self._words: dict[str, str] = {}

    def add(self, place: Place, row: Row, span: int, clock: int) -> Window | NotEvaluated:
        """Take an observation into its window, a new one at need; return the window, or why it was not taken.

        `clock` is the journal's, which never runs backwards.
        """
        date, key = place
        day = self._latest if date == self._date else self._day(date)
        if day and day[next(iter(day))].touched <= clock - 2 * span:
            self._let_go(day, clock - 2 * span)
        window = day.get(key)
        if (self._rows >= MOST_ROWS or window is None) and not self._room(new=window is None):
            return TOO_MANY
        if window is None:
            window = day[self._shared(key)] = Window()
            self._count += 1
        else:
            day.move_to_end(key)
        window.touched = clock
        self._rows -= window.count
        taken = window.add(row, span)
        self._rows += window.count
        return window if taken else TOO_LATE

    def amend(self, place: Place, row: Row) -> bool:
        """Let an observation say something else; return False when nothing holds it."""
        window = self.find(*place)
        return window is not None and window.amend(row)

    def drop(self, place: Place, row: Row) -> bool:
        """Take an observation out again; return False when nothing holds it."""
        window = self.find(*place)
        if window is None or not window.drop(row):
            return False
        self._rows -= 1
        return True

    def holding(self, row: Row, since: int) -> list[Place]:
        """Return every window that holds an observation, whatever it says, and was used at or after this time.

        It looks into all of them: for what is rare.
        """
        found: list[Place] = []
        for date, day in self._days.items():
            for key in reversed(day):
                if day[key].touched < since:
                    break
                if day[key].holds(row):
                    found.append((date, key))
        return found

    def find(self, trade_date: str, key: tuple[str, ...]) -> Window | None:
        """Return the window of that key if there is one."""
        day = self._days.get(trade_date)
        return None if day is None else day.get(key)

    def snapshot(self) -> list[WindowState]:
        """Return every window, the date used last at the end."""
        return [window.state(date, key) for date, day in self._days.items() for key, window in day.items()]

    @classmethod
    def of(cls, states: list[WindowState]) -> Self:
        """Return the windows that a snapshot was taken from."""
        windows = cls()
        for state in states:
            windows.restore(state)
        return windows

    def restore(self, state: WindowState) -> None:
        """Take up one window of a snapshot."""
        window = Window.of(state)
        self._days.setdefault(state.trade_date, OrderedDict())[self._shared(state.key)] = window
        self._count += 1
        self._rows += window.count

    def _shared(self, key: tuple[str, ...]) -> tuple[str, ...]:
        """Return the key with each part the one that other keys have: a symbol at thirty venues is kept once."""
        if len(self._words) >= MOST_GROUPS:
            self._words.clear()
        return tuple([self._words.setdefault(part, part) for part in key])

    def _day(self, trade_date: str) -> _Day:
        """Return the windows of a date, as the one used last."""
        day = self._days.pop(trade_date, None)
        if day is None:
            day = OrderedDict()
            if len(self._days) >= MOST_DATES:
                self._forget()
        self._days[trade_date] = self._latest = day
        self._date = trade_date
        return day

    def _room(self, *, new: bool) -> bool:
        """Return whether one more observation fits in; for the date used last, those before it make room."""
        while self._rows >= MOST_ROWS or (new and self._count >= MOST_GROUPS):
            if len(self._days) == 1:
                return False
            self._forget()
        return True

    def _forget(self) -> None:
        """Let go of the date used longest ago."""
        day = self._days.pop(next(iter(self._days)))
        self._count -= len(day)
        self._rows -= sum(window.count for window in day.values())

    def _let_go(self, day: _Day, before: int) -> None:
        """Let go of windows of a date that were last used at or before this time, a few at once."""
        for _ in range(_AT_ONCE):
            key = next(iter(day), None)
            if key is None or day[key].touched > before:
                return
            self._rows -= day.pop(key).count
            self._count -= 1
