"""The firm's supervisory hours: in which stretches of time the clocks of cases run. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate

import msgspec

from rules.facts import Nanos
from service.market.calendar import TradingCalendar


class Hours(msgspec.Struct, frozen=True):
    """Stretches in which clocks run, in order and apart; none at all: always.

    `totals` is how much has run by the end of each. After the last the clocks run on: whoever forgot to carry the
    calendar forward must not lose sight of what is overdue.
    """

    begins: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()
    totals: tuple[int, ...] = ()

    def run(self, since: Nanos, until: Nanos) -> int:
        """Return how long the clocks run between two instants."""
        return max(0, self._by(until) - self._by(since))

    def after(self, since: Nanos, length: int) -> Nanos:
        """Return when a clock that starts at `since` has run for `length`: the first such instant."""
        target = self._by(since) + length
        if not self.begins:
            return Nanos(target)
        place = bisect_left(self.totals, target)
        if place == len(self.totals):
            return Nanos(self.ends[-1] + target - self.totals[-1])
        return Nanos(self.ends[place] - (self.totals[place] - target))

    def _by(self, at: int) -> int:
        """Return how long the clocks have run since the beginning of time."""
        if not self.begins:
            return at
        place = bisect_right(self.begins, at)
        if place == 0:
            return 0
        last = place - 1
        if at < self.ends[last]:
            return self.totals[last] - (self.ends[last] - at)
        beyond = at - self.ends[last] if place == len(self.begins) else 0
        return self.totals[last] + beyond


ALWAYS_ON = Hours()


def hours_of(calendar: TradingCalendar, lead: int, tail: int) -> Hours:
    """Return the hours of a calendar's trading days, from `lead` before the open to `tail` after the close."""
    begins: list[int] = []
    ends: list[int] = []
    for day in calendar.sessions:
        begin, end = day.opens - lead, day.closes + tail
        if ends and begin <= ends[-1]:
            ends[-1] = end
        else:
            begins.append(begin)
            ends.append(end)
    lengths = (end - begin for begin, end in zip(begins, ends, strict=True))
    return Hours(tuple(begins), tuple(ends), tuple(accumulate(lengths)))
