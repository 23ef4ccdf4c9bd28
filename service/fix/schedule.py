"""When a session is open, by the schedule in its session.cfg, as the engine reads it. Pure: `now` comes in.

Three things the engine does that its words do not say: StartTime = EndTime means a whole day that begins at midnight; a
StartDay that is also the EndDay means a whole week; StartTime and EndTime are UTC unless TimeZone says otherwise.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

import msgspec

from service.fix.session_keys import DAYS

NEW_YORK = ZoneInfo("America/New_York")
AHEAD = timedelta(days=7)
_DAY = timedelta(days=1)


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """A session's times in its zone; days are counted from Sunday = 0, None for a daily session."""

    start: time
    end: time
    start_day: int | None = None
    end_day: int | None = None
    zone: str = "UTC"


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """One opening of the session: the numbers begin at 1 at `start` (both in UTC)."""

    start: datetime
    end: datetime


def schedule_of(values: dict[str, str]) -> Schedule | None:
    """Return the schedule that checked settings say, None for a session that never stops."""
    if values.get("NonStopSession") == "Y":
        return None
    return Schedule(
        start=time.fromisoformat(values["StartTime"]),
        end=time.fromisoformat(values["EndTime"]),
        start_day=_day(values.get("StartDay")),
        end_day=_day(values.get("EndDay")),
        zone=values.get("TimeZone", "UTC"),
    )


def windows(schedule: Schedule, now: datetime) -> list[Window]:
    """Return the openings of the seven days from `now` on, the one that is running included."""
    zone = ZoneInfo(schedule.zone)
    today = now.astimezone(zone).date()
    days = (today + timedelta(days=offset) for offset in range(-8, 9))
    found = [_window(schedule, day, zone) for day in days if _begins(schedule, day)]
    return [window for window in found if window.end > now and window.start < now + AHEAD]


def next_seven_days(values: dict[str, str], now: datetime) -> list[str]:
    """Return when a session with these checked settings is open, in words: a line an opening, New York and UTC."""
    schedule = schedule_of(values)
    if schedule is None:
        return ["never closes; its numbers are reset by nobody's clock"]
    return [
        f"{_words(window.start, NEW_YORK)} to {_words(window.end, NEW_YORK)} New York"
        f" = {_words(window.start, UTC)} to {_words(window.end, UTC)} UTC"
        for window in windows(schedule, now)
    ]


def _begins(schedule: Schedule, day: date) -> bool:
    return schedule.start_day is None or _weekday(day) == schedule.start_day


def _window(schedule: Schedule, day: date, zone: ZoneInfo) -> Window:
    first, last = _wall(schedule, day)
    return Window(start=first.replace(tzinfo=zone).astimezone(UTC), end=last.replace(tzinfo=zone).astimezone(UTC))


def _wall(schedule: Schedule, day: date) -> tuple[datetime, datetime]:
    """Return start and end by the clock on the wall."""
    start, end = schedule.start, schedule.end
    if schedule.start_day is None or schedule.end_day is None:
        if start == end:
            midnight = datetime.combine(day, time())
            return midnight, midnight + _DAY
        later = day if end > start else day + _DAY
        return datetime.combine(day, start), datetime.combine(later, end)
    length = (schedule.end_day - schedule.start_day) % 7
    if length == 0:
        length, end = 7, min(start, end)
    return datetime.combine(day, start), datetime.combine(day + timedelta(days=length), end)


def _day(name: str | None) -> int | None:
    return None if name is None else DAYS.index(name[:2].lower())


def _weekday(day: date) -> int:
    return (day.weekday() + 1) % 7


def _words(instant: datetime, zone: tzinfo) -> str:
    return instant.astimezone(zone).strftime("%a %Y-%m-%d %H:%M")
