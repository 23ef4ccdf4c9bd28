"""The trading day: regular hours of each trade date, and the date in New York of any instant.

Pure: a frozen value that travels in a journal record. It refuses to know where the hours come from.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from rules.facts import SECOND, Nanos

NEW_YORK = ZoneInfo("America/New_York")
_opens = attrgetter("opens")
_HOUR = 3600 * SECOND
_LAST_HOUR = int(datetime(9998, 12, 31, tzinfo=UTC).timestamp()) // 3600


class Session(msgspec.Struct, frozen=True, gc=False):
    """Regular hours of one trade date (YYYY-MM-DD): open from `opens` until just before `closes`."""

    trade_date: str
    opens: Nanos
    closes: Nanos


class TradingCalendar(msgspec.Struct, frozen=True, kw_only=True):
    """When the market is in regular hours; `kind` "always" never closes, and a trade date ends at midnight.

    `sessions` are in order of time. Outside of the span that they cover nothing is open: `covers` tells.
    """

    name: str = "always"
    kind: Literal["sessions", "always"] = "always"
    sessions: tuple[Session, ...] = ()

    def is_open(self, at: Nanos) -> bool:
        """Return whether `at` lies in regular hours."""
        if self.kind == "always":
            return True
        session = self._begun(at)
        return session is not None and at < session.closes

    def close_of(self, at: Nanos) -> Nanos | None:
        """Return when the regular hours that `at` lies in end; None where it lies in none, or they never end."""
        session = None if self.kind == "always" else self._begun(at)
        return session.closes if session is not None and at < session.closes else None

    def last_open(self, at: Nanos) -> Nanos:
        """Return `at` itself in regular hours, else the last instant of those before it; `at` where there are none."""
        session = None if self.kind == "always" else self._begun(at)
        return at if session is None or at < session.closes else Nanos(session.closes - 1)

    def open_after(self, at: Nanos) -> Nanos | None:
        """Return `at` itself in regular hours, else the next opening; None when the span ends before it."""
        if self.is_open(at):
            return at
        index = bisect_right(self.sessions, at, key=_opens)
        return self.sessions[index].opens if index < len(self.sessions) else None

    def hours(self, trade_date: str) -> tuple[Nanos, Nanos] | None:
        """Return (open, close) of a trade date; None when it has no session."""
        if self.kind == "always":
            day = date.fromisoformat(trade_date)
            return _midnight(day), _midnight(day + timedelta(days=1))
        session = self._begun(Nanos(_midnight(date.fromisoformat(trade_date)) + 24 * _HOUR - 1))
        if session is None or session.trade_date != trade_date:
            return None
        return session.opens, session.closes

    def trade_date(self, at: Nanos) -> str:
        """Return the date in New York of an instant, as YYYY-MM-DD."""
        return trade_date(at)

    def covers(self, at: Nanos) -> bool:
        """Return whether the calendar knows anything about `at`."""
        if self.kind == "always":
            return True
        return bool(self.sessions) and self.sessions[0].opens <= at < self.sessions[-1].closes

    def around(self, at: Nanos) -> tuple[Session | None, Session | None]:
        """Return the regular hours that began last at `at`, and those that begin next; None where there are none."""
        index = bisect_right(self.sessions, at, key=_opens)
        last = self.sessions[index - 1] if index else None
        return last, self.sessions[index] if index < len(self.sessions) else None

    def _begun(self, at: Nanos) -> Session | None:
        index = bisect_right(self.sessions, at, key=_opens)
        return self.sessions[index - 1] if index else None


ALWAYS = TradingCalendar()
"""The calendar of demos and tests, at any hour of any day."""


def trade_date(at: Nanos) -> str:
    """Return the date in New York of an instant, as YYYY-MM-DD (out of datetime's range: the nearest it can say)."""
    return _date_of_hour(at // _HOUR)


@lru_cache(maxsize=4096)
def _date_of_hour(hour: int) -> str:
    # New York is a whole number of hours from UTC since 1883, so an hour never spans two dates
    seconds = min(max(hour, 0), _LAST_HOUR) * 3600
    return datetime.fromtimestamp(seconds, NEW_YORK).date().isoformat()


def _midnight(day: date) -> Nanos:
    local = datetime(day.year, day.month, day.day, tzinfo=NEW_YORK)
    return Nanos(int(local.timestamp()) * SECOND)
