"""When a day is to be sealed: a while after its close, once, and after a pause for all days that got none. Pure."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from rules.facts import Nanos
from service.market.calendar import TradingCalendar, trade_date

LOOK_BACK = 10
"""So many calendar days back the first seal of a store looks for a day that is over."""
AT_MOST = 400
"""So many calendar days back a seal names those that were missed."""


class Due(msgspec.Struct, frozen=True):
    """A seal that is due: the day that it closes, and the trading days before it that got none."""

    day: str
    missed: tuple[str, ...] = ()


def due(now: Nanos, calendar: TradingCalendar, after: Nanos, newest: Nanos | None, began: Nanos) -> Due | None:
    """Return the seal that is due; `newest` is when the last was made, `began` when the store was.

    What was sealed is as of the seal, whatever day it closes: a day that was missed gets no seal of its own.
    """
    since = began if newest is None else newest
    back = LOOK_BACK if newest is None else AT_MOST
    over = [day for day in _days(since, now, back) if since < _over(day, calendar, after, now) <= now]
    return Due(over[-1], () if newest is None else tuple(over[:-1])) if over else None


def _days(since: Nanos, now: Nanos, back: int) -> list[str]:
    first, last = (date.fromisoformat(trade_date(at)) for at in (since, now))
    count = min((last - first).days + 1, back)
    return [(last - timedelta(days=ago)).isoformat() for ago in range(count, -1, -1)]


def _over(day: str, calendar: TradingCalendar, after: Nanos, now: Nanos) -> Nanos:
    hours = calendar.hours(day)
    return Nanos(now + 1) if hours is None else Nanos(hours[1] + after)
