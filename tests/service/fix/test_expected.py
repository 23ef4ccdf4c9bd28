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
    """Whatever the market does; asked again and again, over several days."""
    session = Expected(DAILY)
    times = ("2026-11-20T11:59:59", "2026-11-20T12:00", "2026-11-20T20:59:59", "2026-11-20T21:00", "2026-11-21T15:00")

    assert [session.at(at(time), market_open=False) for time in times] == [False, True, True, False, True]


def test_a_session_that_never_stops_is_expected_while_the_market_is_open() -> None:
    """At night nobody is called for it."""
    session = Expected({"NonStopSession": "Y"})

    assert session.at(at("2026-11-20T15:00"), market_open=True)
    assert not session.at(at("2026-11-20T03:00"), market_open=False)
