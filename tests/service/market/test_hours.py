"""The session of day: by the clock in New York, and the same whether or not an instant was asked for before."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import SECOND, Nanos
from rules.session_of_day import SessionOfDay
from service.market.calendar import Session, TradingCalendar
from service.market.exchange_calendar import calendar_named
from service.market.hours import Hours, spell
from tests.service.market.test_calendar import FRIDAY, MONDAY, WEEKEND, new_york

MINUTE = 60 * SECOND


@pytest.fixture(scope="module")
def xnys() -> TradingCalendar:
    """Give the real calendar of a week that holds an early close, a holiday and a weekend."""
    return calendar_named("XNYS", first=date(2024, 7, 1), last=date(2024, 7, 12))


@pytest.mark.parametrize(
    ("when", "word"),
    [
        ((2024, 7, 2, 3, 59, 59), "closed"),
        ((2024, 7, 2, 4, 0), "early"),
        ((2024, 7, 2, 8, 0), "pre"),
        ((2024, 7, 2, 9, 29, 59), "pre"),
        ((2024, 7, 2, 9, 30), "opening"),
        ((2024, 7, 2, 9, 45), "regular"),
        ((2024, 7, 2, 15, 44, 59), "regular"),
        ((2024, 7, 2, 15, 45), "closing"),
        ((2024, 7, 2, 16, 0), "post"),
        ((2024, 7, 2, 19, 59, 59), "post"),
        ((2024, 7, 2, 20, 0), "closed"),
        ((2024, 7, 3, 12, 44, 59), "regular"),
        ((2024, 7, 3, 12, 45), "closing"),
        ((2024, 7, 3, 13, 0), "post"),
        ((2024, 7, 3, 17, 0), "closed"),
        ((2024, 7, 4, 11, 0), "closed"),
        ((2024, 7, 6, 11, 0), "closed"),
        ((2024, 7, 12, 18, 0), "post"),
        ((2024, 7, 13, 4, 0), "closed"),
    ],
)
def test_the_parts_of_the_day_follow_from_the_open_and_the_close(
    xnys: TradingCalendar, when: tuple[int, ...], word: str
) -> None:
    """Also on the third of July, when the close is at one, and on days without hours."""
    found = Hours(xnys).session_of_day(new_york(*when))

    assert found == word


def test_a_calendar_that_never_closes_knows_regular_hours_alone() -> None:
    """And one that knows no session is closed."""
    always, never = Hours(), Hours(TradingCalendar(kind="sessions"))

    assert always.session_of_day(FRIDAY.opens) is SessionOfDay.REGULAR
    assert never.session_of_day(FRIDAY.opens) is SessionOfDay.CLOSED


def test_hours_that_are_close_together_or_short_leave_no_part_before_its_time() -> None:
    """A session of twenty minutes closes from its fifth on; an hour between two sessions is pre."""
    short = Session("2024-07-02", Nanos(0), Nanos(20 * MINUTE))
    shortest = Session("2024-07-03", Nanos(80 * MINUTE), Nanos(90 * MINUTE))
    calendar = TradingCalendar(name="short", kind="sessions", sessions=(short, shortest))

    told = [spell(calendar, Nanos(minute * MINUTE)) for minute in (0, 5, 20, 80, 90)]

    assert [(first // MINUTE, word.value) for first, _, word in told] == [
        (0, "opening"),
        (5, "closing"),
        (20, "pre"),
        (80, "closing"),
        (90, "post"),
    ]


@given(st.lists(st.integers(FRIDAY.opens - 40 * 3600 * SECOND, MONDAY.closes + 40 * 3600 * SECOND), max_size=20))
def test_what_was_asked_before_changes_no_answer(instants: list[int]) -> None:
    """It remembers the last part of the day only to be quick; regular hours are those of the calendar."""
    hours = Hours(WEEKEND)

    told = [hours.session_of_day(Nanos(at)) for at in instants]

    assert told == [Hours(WEEKEND).session_of_day(Nanos(at)) for at in instants]
    assert [word.in_regular_hours for word in told] == [WEEKEND.is_open(Nanos(at)) for at in instants]


def test_one_part_of_the_day_ends_where_the_next_begins() -> None:
    """From the ends of time on, without a gap and without an overlap."""
    spells = [spell(WEEKEND, Nanos(-(2**63)))]
    while spells[-1][1] < 2**63:
        spells.append(spell(WEEKEND, Nanos(spells[-1][1])))

    words = [word.value for _, _, word in spells]
    day = ["early", "pre", "opening", "regular", "closing", "post", "closed"]
    assert words == ["closed", *day, *day]
    assert all(one[1] == other[0] for one, other in pairwise(spells))
    assert WEEKEND.hours(MONDAY.trade_date) == (spells[10][0], spells[13][0])
