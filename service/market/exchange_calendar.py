"""Builds a TradingCalendar from the package exchange-calendars: the only place that imports it (it takes seconds)."""

from __future__ import annotations

import warnings
from datetime import date
from typing import Any

from rules.facts import Nanos
from service.market.calendar import ALWAYS, Session, TradingCalendar

FIRST_DATE = date(2005, 1, 3)
"""Default start of the span: before Regulation NMS, so that every log with an NBBO is covered."""


def calendar_named(name: str, *, last: date, first: date = FIRST_DATE) -> TradingCalendar:
    """Return the calendar that a setting names: "always", or an exchange such as "XNYS" from `first` to `last`.

    Early closes are included. A name that exchange-calendars does not know raises its own error.
    """
    if name == ALWAYS.name:
        return ALWAYS
    schedule = _schedule(name, first, last)
    sessions = tuple(
        Session(day.date().isoformat(), Nanos(int(opens)), Nanos(int(closes)))
        for day, opens, closes in zip(
            schedule.index, schedule["open"].astype("int64"), schedule["close"].astype("int64"), strict=True
        )
    )
    return TradingCalendar(name=name, kind="sessions", sessions=sessions)


def _schedule(name: str, first: date, last: date) -> Any:
    import exchange_calendars  # noqa: PLC0415  # takes about three seconds, and "always" does without

    with warnings.catch_warnings():
        # exchange-calendars 4.13 uses what pandas 3.1 deprecates: its affair, not the operator's
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.filterwarnings("ignore", message="Series.values returning")
        return exchange_calendars.get_calendar(name, start=first.isoformat(), end=last.isoformat()).schedule
