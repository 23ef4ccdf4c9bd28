"""The trading day, by hand-written sessions and by the real exchange's."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import SECOND, Nanos
from service.market.calendar import ALWAYS, NEW_YORK, Session, TradingCalendar, trade_date
from service.market.exchange_calendar import calendar_named


def new_york(*when: int) -> Nanos:
    """Return the instant of a date and time in New York."""
    return Nanos(int(datetime(*when, tzinfo=ZoneInfo("America/New_York")).timestamp()) * SECOND)  # type: ignore[arg-type,misc]


FRIDAY = Session("2013-10-04", new_york(2013, 10, 4, 9, 30), new_york(2013, 10, 4, 16))
MONDAY = Session("2013-10-07", new_york(2013, 10, 7, 9, 30), new_york(2013, 10, 7, 16))
WEEKEND = TradingCalendar(name="weekend", kind="sessions", sessions=(FRIDAY, MONDAY))


@pytest.mark.parametrize(
    ("at", "is_open", "open_after"),
    [
        (new_york(2013, 10, 4, 9, 29, 59), False, FRIDAY.opens),
        (FRIDAY.opens, True, FRIDAY.opens),
        (Nanos(FRIDAY.closes - 1), True, Nanos(FRIDAY.closes - 1)),
        (FRIDAY.closes, False, MONDAY.opens),
        (MONDAY.closes, False, None),
    ],
)
def test_regular_hours_begin_with_the_open_and_end_before_the_close(
    at: Nanos, *, is_open: bool, open_after: Nanos | None
) -> None:
    """A print at 16:00:00 sharp is after the close."""
    assert WEEKEND.is_open(at) is is_open
    assert WEEKEND.open_after(at) == open_after


def test_hours_of_a_trade_date() -> None:
    """Only a day with a session has hours."""
    assert WEEKEND.hours("2013-10-07") == (MONDAY.opens, MONDAY.closes)
    assert WEEKEND.hours("2013-10-05") is None
    assert WEEKEND.hours("2013-10-03") is None


def test_the_span_is_known() -> None:
    """Outside of its span the calendar says that it knows nothing."""
    assert WEEKEND.covers(FRIDAY.closes)
    assert not WEEKEND.covers(Nanos(FRIDAY.opens - 1))
    assert not TradingCalendar(kind="sessions").covers(FRIDAY.opens)


def test_always_never_closes_and_its_day_is_new_yorks() -> None:
    """Also on the 25-hour day on which the clocks go back."""
    assert ALWAYS.is_open(Nanos(1))
    assert ALWAYS.open_after(Nanos(1)) == 1
    assert ALWAYS.covers(Nanos(1))
    assert ALWAYS.hours("2013-11-03") == (new_york(2013, 11, 3), new_york(2013, 11, 4))
    assert new_york(2013, 11, 4) - new_york(2013, 11, 3) == 25 * 3600 * SECOND


def test_the_close_of_an_instant_is_that_of_its_own_hours() -> None:
    """Before the opening, from the close on, and where nothing closes there is none."""
    opens, closes = WEEKEND.sessions[0].opens, WEEKEND.sessions[0].closes

    found = [WEEKEND.close_of(Nanos(at)) for at in (opens - 1, opens, closes - 1, closes)]

    assert found == [None, closes, closes, None]
    assert ALWAYS.close_of(opens) is None


def test_the_last_open_instant_is_the_one_itself_in_regular_hours() -> None:
    """From the close on it is the one before the close; before all sessions, and where nothing closes, itself."""
    first, opens, closes = WEEKEND.sessions[0].opens, WEEKEND.sessions[1].opens, WEEKEND.sessions[0].closes

    found = [WEEKEND.last_open(Nanos(at)) for at in (first - 1, first, closes - 1, closes, opens - 1, opens)]

    assert found == [first - 1, first, closes - 1, closes - 1, closes - 1, opens]
    assert ALWAYS.last_open(closes) == closes


@given(st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_the_trade_date_is_the_date_in_new_york(at: datetime) -> None:
    """Whatever the instant and the season."""
    nanos = Nanos(int(at.timestamp()) * SECOND)

    assert WEEKEND.trade_date(nanos) == trade_date(nanos) == at.astimezone(NEW_YORK).date().isoformat()


@pytest.mark.parametrize(("at", "expected"), [(-(10**30), "1969-12-31"), (10**30, "9998-12-30")])
def test_an_instant_that_no_date_can_say_gets_the_nearest(at: int, expected: str) -> None:
    """A nonsense stamp never stops the watch."""
    assert trade_date(Nanos(at)) == expected


def test_the_calendar_travels_as_json() -> None:
    """It is a journal record's text, and comes out as it went in."""
    text = msgspec.json.encode(WEEKEND)

    assert msgspec.json.decode(text, type=TradingCalendar) == WEEKEND


@pytest.fixture(scope="module")
def xnys() -> TradingCalendar:
    """Give the real calendar of 2024."""
    return calendar_named("XNYS", first=date(2024, 1, 2), last=date(2024, 12, 31))


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        ("2024-07-03", (new_york(2024, 7, 3, 9, 30), new_york(2024, 7, 3, 13))),
        ("2024-07-04", None),
        ("2024-07-05", (new_york(2024, 7, 5, 9, 30), new_york(2024, 7, 5, 16))),
        ("2024-03-08", (new_york(2024, 3, 8, 9, 30), new_york(2024, 3, 8, 16))),
        ("2024-03-11", (new_york(2024, 3, 11, 9, 30), new_york(2024, 3, 11, 16))),
        ("2024-11-29", (new_york(2024, 11, 29, 9, 30), new_york(2024, 11, 29, 13))),
    ],
)
def test_the_exchange_knows_early_closes_holidays_and_the_clocks(
    xnys: TradingCalendar, day: str, hours: tuple[Nanos, Nanos] | None
) -> None:
    """13:00 before Independence Day and after Thanksgiving, 09:30 on both sides of the change of the clocks."""
    assert xnys.hours(day) == hours


def test_always_is_a_name_too() -> None:
    """It needs no exchange and no span."""
    assert calendar_named("always", last=date(2024, 12, 31)) is ALWAYS
