"""When a session should be logged on."""

from __future__ import annotations

from datetime import datetime

from rules.facts import SECOND, Nanos
from service.fix.expected import Expected

DAILY = {"StartTime": "12:00:00", "EndTime": "21:00:00"}


def at(text: str) -> Nanos:
    """Return an instant of UTC."""
    return Nanos(int(datetime.fromisoformat(f"{text}+00:00").timestamp()) * SECOND)


def test_a_session_with_hours_is_expected_in_them() -> None:
    """Whether the market is open just now or not; asked again and again, over several days."""
    session = Expected(DAILY)
    times = ("2026-11-19T11:59:59", "2026-11-19T12:00", "2026-11-19T20:59:59", "2026-11-19T21:00", "2026-11-20T15:00")

    found = [session.at(at(time), market_open=False, trading_day=True) for time in times]

    assert found == [False, True, True, False, True]


def test_on_a_day_without_trading_no_session_is_expected() -> None:
    """On a Saturday or a holiday the engine tries, nobody answers, and nobody is called for it."""
    session = Expected(DAILY)

    found = [session.at(at("2026-11-21T15:00"), market_open=False, trading_day=trading) for trading in (True, False)]

    assert found == [True, False]


def test_a_session_that_never_stops_is_expected_while_the_market_is_open() -> None:
    """At night nobody is called for it."""
    session = Expected({"NonStopSession": "Y"})

    assert session.at(at("2026-11-20T15:00"), market_open=True, trading_day=True)
    assert not session.at(at("2026-11-20T03:00"), market_open=False, trading_day=True)
