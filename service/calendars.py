"""Which span of the exchange calendar the daemon and a replay put in force: whole years, so that it seldom changes."""

from __future__ import annotations

from datetime import date

from service.market.calendar import TradingCalendar
from service.market.exchange_calendar import calendar_named


def live_calendar(name: str, today: date) -> TradingCalendar:
    """Return the calendar for a daemon that starts today: from last year to the end of next year."""
    return calendar_named(name, first=date(today.year - 1, 1, 1), last=date(today.year + 1, 12, 31))


def log_calendar(name: str, year: int) -> TradingCalendar:
    """Return the calendar for a log whose first message is of that year."""
    return calendar_named(name, first=date(year - 1, 12, 1), last=date(year + 1, 12, 31))
