"""When a session is open: daily, weekly, over midnight, across both changes of the clocks, and never."""

from __future__ import annotations

from datetime import UTC, datetime

from service.fix.schedule import next_seven_days, schedule_of, windows


def at(text: str) -> datetime:
    """Return an instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def openings(now: str, **values: str) -> list[tuple[str, str]]:
    """Return the openings as UTC texts."""
    schedule = schedule_of(values)
    assert schedule is not None
    return [(f"{w.start:%m-%d %H:%M}", f"{w.end:%m-%d %H:%M}") for w in windows(schedule, at(now))]


def test_a_daily_session_opens_seven_times() -> None:
    """From now on, the running one included and the one that begins after seven days left out."""
    found = openings("2026-11-22T09:00", StartTime="08:00:00", EndTime="17:00:00")

    assert len(found) == 8
    assert (found[0], found[-1]) == (("11-22 08:00", "11-22 17:00"), ("11-29 08:00", "11-29 17:00"))


def test_a_session_over_midnight_ends_on_the_next_day() -> None:
    """It may have begun yesterday and still be running."""
    found = openings("2026-11-22T01:00", StartTime="22:00:00", EndTime="04:00:00")

    assert found[0] == ("11-21 22:00", "11-22 04:00")


def test_start_equal_to_end_is_a_day_that_begins_at_midnight() -> None:
    """So the engine resets at 00:00 of the zone, whatever the time says."""
    found = openings("2026-11-22T09:00", StartTime="17:00:00", EndTime="17:00:00")

    assert found[0] == ("11-22 00:00", "11-23 00:00")


def test_new_york_times_move_in_utc_when_the_clocks_change() -> None:
    """Spring forward on 8 March 2026, fall back on 1 November 2026: the wall stays, UTC moves."""
    spring = openings("2026-03-07T09:00", StartTime="08:00:00", EndTime="17:00:00", TimeZone="America/New_York")
    autumn = openings("2026-10-31T09:00", StartTime="08:00:00", EndTime="17:00:00", TimeZone="America/New_York")

    assert spring[:2] == [("03-07 13:00", "03-07 22:00"), ("03-08 12:00", "03-08 21:00")]
    assert autumn[:2] == [("10-31 12:00", "10-31 21:00"), ("11-01 13:00", "11-01 22:00")]


def test_a_week_has_one_opening() -> None:
    """Sunday evening to Friday evening; the running one and the next."""
    days = {"StartDay": "sunday", "EndDay": "Fri"}
    found = openings("2026-11-22T09:00", StartTime="18:00:00", EndTime="17:00:00", **days)

    assert found == [("11-22 18:00", "11-27 17:00")]


def test_a_session_from_a_day_to_the_same_day_is_the_whole_week() -> None:
    """The engine lets it run to the same hour of the next week, or to the earlier EndTime."""
    days = {"StartDay": "monday", "EndDay": "monday"}

    whole = openings("2026-11-22T09:00", StartTime="06:00:00", EndTime="20:00:00", **days)
    paused = openings("2026-11-22T09:00", StartTime="06:00:00", EndTime="04:00:00", **days)

    assert whole == [("11-16 06:00", "11-23 06:00"), ("11-23 06:00", "11-30 06:00")]
    assert paused == [("11-16 06:00", "11-23 04:00"), ("11-23 06:00", "11-30 04:00")]


def test_the_words_are_in_new_york_and_in_utc() -> None:
    """One line an opening."""
    lines = next_seven_days({"StartTime": "13:00:00", "EndTime": "22:00:00"}, at("2026-11-22T23:00"))

    assert (
        lines[0]
        == "Mon 2026-11-23 08:00 to Mon 2026-11-23 17:00 New York = Mon 2026-11-23 13:00 to Mon 2026-11-23 22:00 UTC"
    )  # one line, as printed


def test_a_non_stop_session_says_so() -> None:
    """It has no openings to list."""
    assert next_seven_days({"NonStopSession": "Y"}, at("2026-11-22T23:00")) == [
        "never closes; its numbers are reset by nobody's clock"
    ]
