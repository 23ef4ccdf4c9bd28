"""When certificates are due: after the close, once more after the date, and for days that were missed."""

from __future__ import annotations

from rules.facts import SECOND, Nanos
from service.market.calendar import ALWAYS, TradingCalendar
from service.statements.day import Whose
from service.statements.due import Watched, due, last_trading_day
from tests.factories_statements import CLOSES, DAY, OPENS, XNYS

AFTER = Nanos(1_800 * SECOND)
SESSION = "FIX.4.4:FIRM->SOR"
HOUR = 3_600 * SECOND
THURSDAY = Whose("demo", SESSION, "2026-11-19")
FRIDAY = Whose("demo", SESSION, DAY)


def watched(since: str = DAY) -> list[Watched]:
    """Return the one session."""
    return [Watched(counterparty="demo", session=SESSION, since=since)]


def at(hours: float) -> Nanos:
    """Return so many hours after Friday's close."""
    return Nanos(CLOSES + int(hours * HOUR))


def test_a_day_is_due_the_while_after_its_close_and_not_before() -> None:
    """Late copies have come by then."""
    assert due(Nanos(CLOSES + AFTER - 1), XNYS, AFTER, watched(), {}) == []
    assert due(Nanos(CLOSES + AFTER), XNYS, AFTER, watched(), {}) == [FRIDAY]


def test_what_was_certified_after_the_close_is_not_due_again_that_evening() -> None:
    """What was certified before the close is."""
    assert due(at(2), XNYS, AFTER, watched(), {FRIDAY: CLOSES}) == []
    assert due(at(2), XNYS, AFTER, watched(), {FRIDAY: Nanos(CLOSES - 1)}) == [FRIDAY]


def test_a_day_is_certified_once_more_when_its_date_is_over() -> None:
    """What traded after hours belongs to it."""
    issued = {FRIDAY: at(0.5)}

    assert due(at(8.4), XNYS, AFTER, watched(), issued) == []
    assert due(at(8.5), XNYS, AFTER, watched(), issued) == [FRIDAY]
    assert due(at(8.5), XNYS, AFTER, watched(), {FRIDAY: at(8.5)}) == []


def test_days_that_were_missed_are_made_up_for_oldest_first_and_none_twice() -> None:
    """As far back as the session is watched; a weekend owes nothing."""
    monday = Nanos(OPENS + 3 * 24 * HOUR)

    assert due(monday, XNYS, AFTER, watched("2026-11-19"), {}) == [THURSDAY, FRIDAY]
    assert due(monday, XNYS, AFTER, watched("2026-11-20"), {}) == [FRIDAY]
    assert due(Nanos(monday + 12 * 24 * HOUR), XNYS, AFTER, watched("2026-11-19"), {}) == []


def test_where_nothing_closes_a_day_is_due_after_midnight() -> None:
    """Once."""
    midnight = Nanos(CLOSES + 8 * HOUR)

    assert due(Nanos(midnight + AFTER), ALWAYS, AFTER, watched(), {}) == [FRIDAY]
    assert due(Nanos(midnight + AFTER), ALWAYS, AFTER, watched(), {FRIDAY: midnight}) == []


def test_the_last_trading_day_is_the_newest_before_today() -> None:
    """On a Monday that is Friday; a calendar without days has none."""
    assert last_trading_day(Nanos(OPENS + 3 * 24 * HOUR), XNYS) == DAY
    assert last_trading_day(CLOSES, XNYS) == "2026-11-19"
    assert last_trading_day(CLOSES, TradingCalendar(name="XNYS", kind="sessions")) is None
