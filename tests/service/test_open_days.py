"""Trade dates that are open: when they close, and what is never waited for."""

from __future__ import annotations

import pytest

from rules.facts import Nanos
from service.market.calendar import ALWAYS, Session, TradingCalendar
from service.open_days import LATE_AFTER_CLOSE, MOST_KNOWN, OpenDays
from tests.factories import NOON, TRADE_DATE, length

CLOSE = Nanos(NOON + length("4 h"))
NEXT_CLOSE = Nanos(CLOSE + length("72 h"))
OPEN = Session(TRADE_DATE, Nanos(NOON - length("2.5 h")), CLOSE)
MONDAY = Session("2026-11-23", Nanos(OPEN.opens + length("72 h")), NEXT_CLOSE)
CALENDAR = TradingCalendar(name="XNYS", kind="sessions", sessions=(OPEN, MONDAY))


def days_of(*days: str) -> OpenDays:
    """Return the open days after something happened on each of these, at noon."""
    opened = OpenDays()
    opened.follow(CALENDAR)
    for day in days:
        opened.see(day, NOON)
    return opened


def test_a_day_closes_a_while_after_the_market() -> None:
    """The vendor may still end its orders himself."""
    days = days_of(TRADE_DATE)

    closed = [days.pop_closed(Nanos(CLOSE + late)) for late in (0, LATE_AFTER_CLOSE, LATE_AFTER_CLOSE)]

    assert closed == [None, TRADE_DATE, None]
    assert days.due is None


def test_days_close_in_order_and_the_next_one_is_due() -> None:
    """A gap over a weekend closes both."""
    days = days_of("2026-11-23", TRADE_DATE)

    due, last = days.due, days.last_close()

    assert (due, last) == (CLOSE + LATE_AFTER_CLOSE, NEXT_CLOSE + LATE_AFTER_CLOSE)
    assert [days.pop_closed(Nanos(NEXT_CLOSE * 2)) for _ in range(3)] == [TRADE_DATE, "2026-11-23", None]
    assert days.last_close() is None


def test_a_day_that_is_over_does_not_open_again() -> None:
    """A late message about it is no reason to close it twice."""
    days = days_of()

    days.see(TRADE_DATE, Nanos(CLOSE + LATE_AFTER_CLOSE))

    assert days.due is None


@pytest.mark.parametrize("day", ["2026-11-22", "0001-01-01", "9999-12-31", "2027-03-01", ""])
def test_a_date_that_nobody_can_trade_on_is_not_waited_for(day: str) -> None:
    """A Sunday, a year of the wrong millennium, a day months ahead."""
    days = OpenDays()
    days.follow(CALENDAR if day == "2026-11-22" else ALWAYS)

    days.see(day, NOON)

    assert days.due is None


def test_another_calendar_says_anew_when_the_open_days_close() -> None:
    """A day that it does not have is open no longer."""
    days = days_of(TRADE_DATE, "2026-11-23")
    early = TradingCalendar(
        name="XNYS", kind="sessions", sessions=(Session(TRADE_DATE, OPEN.opens, Nanos(NOON + length("1 h"))),)
    )

    days.follow(early)

    assert days.snapshot() == [TRADE_DATE]
    assert days.due == NOON + length("1 h") + LATE_AFTER_CLOSE


def test_a_snapshot_brings_the_days_back() -> None:
    """What was open is open."""
    days = days_of(TRADE_DATE)
    again = days_of()

    again.restore(days.snapshot())

    assert (again.due, again.snapshot()) == (days.due, [TRADE_DATE])


def test_any_number_of_wild_dates_takes_no_memory() -> None:
    """What is known of closes is kept for a few dates only."""
    days = OpenDays()

    for number in range(MOST_KNOWN + 10):
        days.see(f"1{number:03d}-01-01", NOON)

    assert len(days._known) <= MOST_KNOWN
