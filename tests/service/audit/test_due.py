"""When a day is sealed: a while after its close, once; days that were missed are named in the next seal."""

from __future__ import annotations

from datetime import UTC, datetime

from rules.facts import SECOND, Nanos
from service.audit.due import Due, due
from service.market.calendar import ALWAYS, Session, TradingCalendar

HOUR = 3_600 * SECOND


def at(day: str, hour: float) -> Nanos:
    """Return an instant of November in New York, by its hour there."""
    return Nanos(int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() + (hour + 5) * 3_600) * SECOND)


WEEK = TradingCalendar(
    name="week",
    kind="sessions",
    sessions=tuple(
        Session(trade_date=day, opens=at(day, 9.5), closes=at(day, 16))
        for day in ("2026-11-19", "2026-11-20", "2026-11-23", "2026-11-24")
    ),
)


def asked(now: Nanos, newest: Nanos | None = None, began: Nanos | None = None) -> Due | None:
    """Return what is due an hour after the close of a day of the week, in a store that began on the first at noon."""
    return due(now, WEEK, Nanos(HOUR), newest, began or at("2026-11-19", 12))


def test_a_day_is_due_once_its_delay_is_over_and_not_before() -> None:
    """To the nanosecond; once it is sealed nothing is due."""
    over = at("2026-11-19", 17)

    assert asked(Nanos(over - 1)) is None
    assert asked(over) == Due("2026-11-19")
    assert asked(Nanos(over + 1), newest=over) is None


def test_a_day_without_trading_is_not_sealed() -> None:
    """What is done on a Saturday is in Monday's seal."""
    assert asked(at("2026-11-22", 20), newest=at("2026-11-20", 17)) is None


def test_days_that_were_missed_are_named_in_the_next_seal() -> None:
    """One seal, as of now; it does not pretend that there was one on those days."""
    made = asked(at("2026-11-24", 18), newest=at("2026-11-19", 17))

    assert made == Due("2026-11-24", ("2026-11-20", "2026-11-23"))


def test_a_seal_made_during_the_day_does_not_stand_for_its_close() -> None:
    """Somebody may seal by command at noon."""
    assert asked(at("2026-11-20", 17), newest=at("2026-11-20", 12)) == Due("2026-11-20")


def test_the_first_seal_of_a_store_is_for_the_last_day_that_it_saw_the_close_of() -> None:
    """A store that begins in the morning has nothing to seal of yesterday; one of long ago names no days."""
    assert asked(at("2026-11-20", 10), began=at("2026-11-20", 9)) is None
    assert asked(at("2026-11-24", 10), began=at("2026-01-02", 9)) == Due("2026-11-23")


def test_where_nothing_ever_closes_a_day_ends_at_midnight() -> None:
    """The calendar of demos and tests."""
    made = due(at("2026-11-21", 1), ALWAYS, Nanos(HOUR), None, at("2026-11-20", 12))

    assert made == Due("2026-11-20")
