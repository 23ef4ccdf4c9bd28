"""Which certificates are due: pure, `now` comes in.

A day is certified twice: a while after its market closed, when late copies have come, and once more when the date in
New York is over, for what traded after hours. A daemon that was down makes up for the days it missed, as far as it
looks back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

import msgspec

from rules.facts import Nanos
from service.market.calendar import ALWAYS, TradingCalendar, trade_date
from service.statements.day import Whose

LOOK_BACK = 10
"""So many calendar days before today are made up for."""


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """One configured session, and the first trade date for which it owes a certificate."""

    counterparty: str
    session: str
    since: str


def due(
    now: Nanos, calendar: TradingCalendar, after: Nanos, watched: Iterable[Watched], issued: Mapping[Whose, Nanos]
) -> list[Whose]:
    """Return the sessions and days to certify now, oldest day first; `issued` is when each was certified last."""
    sessions = list(watched)
    return [
        whose
        for day in _days(now)
        if (reached := _reached(day, now, calendar, after)) is not None
        for one in sessions
        if one.since <= day and issued.get(whose := Whose(one.counterparty, one.session, day), Nanos(-1)) < reached
    ]


def last_trading_day(now: Nanos, calendar: TradingCalendar) -> str | None:
    """Return the newest trade date before today, None when the calendar has none in the last days."""
    days = _days(now)[:-1]
    return next((day for day in reversed(days) if calendar.hours(day) is not None), None)


def _days(now: Nanos) -> list[str]:
    today = date.fromisoformat(trade_date(now))
    return [(today - timedelta(days=back)).isoformat() for back in range(LOOK_BACK, -1, -1)]


def _reached(day: str, now: Nanos, calendar: TradingCalendar, after: Nanos) -> Nanos | None:
    """Return the last instant of the day that calls for a certificate and has passed; None before the first."""
    hours, whole = calendar.hours(day), ALWAYS.hours(day)
    if hours is None or whole is None:
        return None
    passed = [instant for instant in (hours[1], whole[1]) if instant + after <= now]
    return max(passed, default=None)
