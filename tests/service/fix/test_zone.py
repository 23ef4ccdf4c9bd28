"""Time zones as the rules that the C library takes in TZ."""

from __future__ import annotations

from service.fix.zone import zone_rule


def test_new_york_changes_its_clocks_by_rule() -> None:
    """Second Sunday of March, first of November."""
    assert zone_rule("America/New_York") == "EST5EDT,M3.2.0,M11.1.0"


def test_utc_is_utc_whatever_the_machine_says() -> None:
    """The engine reads StartTime in UTC unless told otherwise."""
    assert zone_rule("UTC") == "UTC0"
