"""Trade dates that somebody traded on and that have not closed: when the next one closes, and which are over. Pure.

A day closes a while after the market does, for a vendor may still end its orders himself. A date that no calendar has,
or that lies weeks ahead, is never waited for: a mistyped date holds nothing open.
"""

from __future__ import annotations

from rules.facts import SECOND, Nanos
from service.market.calendar import ALWAYS, TradingCalendar

LATE_AFTER_CLOSE = Nanos(15 * 60 * SECOND)
"""How long after the close a DAY order may still be ended by the vendor before its end is synthesised."""
FURTHEST = Nanos(14 * 24 * 3600 * SECOND)
FIRST_DATE, LAST_DATE = "1971-01-01", "2261-12-31"
"""What 64 bits of nanoseconds can hold, a day to spare."""
MOST_KNOWN = 256


class OpenDays:
    """The open trade dates under one calendar."""

    def __init__(self) -> None:
        self.due: Nanos | None = None
        self._calendar: TradingCalendar = ALWAYS
        self._open: dict[str, Nanos] = {}
        self._known: dict[str, Nanos | None] = {}

    def follow(self, calendar: TradingCalendar) -> None:
        """Let another calendar say when days close; those that it does not have are open no longer."""
        self._calendar = calendar
        self._known.clear()
        self.restore(list(self._open))

    def see(self, day: str, clock: Nanos) -> None:
        """Take note that something happened on this trade date."""
        if day in self._open:
            return
        closes = self._closes(day)
        if closes is not None and clock < closes <= clock + FURTHEST:
            self._open[day] = closes
            self._settle()

    def pop_closed(self, clock: Nanos) -> str | None:
        """Return the first day that is over at this clock, and wait for it no more; None when none is."""
        day = min((day for day, closes in self._open.items() if closes <= clock), default=None)
        if day is not None:
            del self._open[day]
            self._settle()
        return day

    def last_close(self) -> Nanos | None:
        """Return when the last open day closes, None when none is open."""
        return max(self._open.values(), default=None)

    def snapshot(self) -> list[str]:
        """Return the open days."""
        return sorted(self._open)

    def restore(self, days: list[str]) -> None:
        """Be open on these days."""
        known = ((day, self._closes(day)) for day in days)
        self._open = {day: closes for day, closes in known if closes is not None}
        self._settle()

    def _settle(self) -> None:
        self.due = min(self._open.values(), default=None)

    def _closes(self, day: str) -> Nanos | None:
        if day not in self._known:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            hours = self._calendar.hours(day) if FIRST_DATE <= day <= LAST_DATE else None
            self._known[day] = None if hours is None else Nanos(hours[1] + LATE_AFTER_CLOSE)
        return self._known[day]
