"""Writes the days on which the market is closed into the routing of alerts: `python -m deploy.closed_days`.

Neither Alertmanager nor Grafana knows holidays. They come from the package that the daemon has its calendar from, into
the part between two lines of `prometheus/alertmanager.yml` and of `grafana/provisioning/alerting/mute_timings.yaml`;
for another market or other years: `python -m deploy.closed_days --calendar XNYS --years 2026 2031`.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from rules.facts import SECOND, Nanos
from service.market.calendar import NEW_YORK, TradingCalendar
from service.market.exchange_calendar import calendar_named

DEPLOY = Path(__file__).parent
ROUTING = DEPLOY / "prometheus/alertmanager.yml"
MUTED = DEPLOY / "grafana/provisioning/alerting/mute_timings.yaml"
BEGINS = re.compile(r"^( *)# `python -m deploy\.closed_days`: (\w+), (\d{4}) to (\d{4})$", re.MULTILINE)
LIKE = "# `python -m deploy.closed_days`: XNYS, 2026 to 2031"
ENDS = "# as far as `python -m deploy.closed_days` goes"
WEEKEND = 5
AFTER_CLOSE = timedelta(hours=1)
"""So long after the close somebody is still there: the margin of the shipped queue.yaml."""


class Span(NamedTuple):
    """A calendar by its name, from the first day of a year to the last of another."""

    calendar: str
    first: int
    last: int

    def read(self) -> TradingCalendar:
        """Return its hours."""
        return calendar_named(self.calendar, first=date(self.first, 1, 1), last=date(self.last, 12, 31))


def holidays(span: Span, calendar: TradingCalendar) -> Iterator[date]:
    """Yield the weekdays without a session."""
    day = date(span.first, 1, 1)
    while day.year <= span.last:
        if day.weekday() < WEEKEND and calendar.hours(day.isoformat()) is None:
            yield day
        day += timedelta(days=1)


def early(calendar: TradingCalendar) -> Iterator[tuple[date, str]]:
    """Yield the days on which the market closes before its usual time, with the hour by which everybody has gone."""
    closes = [(date.fromisoformat(one.trade_date), _clock(one.closes)) for one in calendar.sessions]
    usual = max(at.time() for _, at in closes)
    yield from ((day, f"{at + AFTER_CLOSE:%H:%M}") for day, at in closes if at.time() < usual)


def for_routing(span: Span, calendar: TradingCalendar, indent: str) -> str:
    """Return the holidays as Alertmanager reads them."""
    return _lines(span, indent, _intervals(holidays(span, calendar)))


def for_muting(span: Span, calendar: TradingCalendar, indent: str) -> str:
    """Return holidays and the afternoons after an early close as Grafana reads them."""
    afternoons = [
        interval
        for hour, days in groupby(sorted(early(calendar), key=lambda one: one[1]), key=lambda one: one[1])
        for interval in _intervals((day for day, _ in days), f'times: [{{start_time: "{hour}", end_time: "24:00"}}], ')
    ]
    return _lines(span, indent, [*_intervals(holidays(span, calendar)), *afternoons])


WRITTEN = {ROUTING: for_routing, MUTED: for_muting}


def named_in(path: Path) -> Span:
    """Return the calendar and the years that a file names."""
    _, found, _ = _parts(path)
    return Span(found[2], int(found[3]), int(found[4]))


def made(path: Path, span: Span, calendar: TradingCalendar) -> str:
    """Return what a file should say of these years."""
    before, found, after = _parts(path)
    return before + WRITTEN[path](span, calendar, found[1]) + after


def main() -> int:
    """Write both files."""
    asked = argparse.ArgumentParser(prog="python -m deploy.closed_days", description=__doc__)
    asked.add_argument("--calendar", help="a market by its MIC (default: the one that the files name)")
    asked.add_argument("--years", nargs=2, type=int, help="first and last year (default: those that the files name)")
    told = asked.parse_args()
    if (told.calendar is None) != (told.years is None):
        asked.error("--calendar and --years go together")
    for path in WRITTEN:
        span = named_in(path) if told.years is None else Span(told.calendar, *told.years)
        path.write_text(made(path, span, span.read()), encoding="utf-8")
    return 0


def _parts(path: Path) -> tuple[str, re.Match[str], str]:
    """Return what stands before the written part, its first line, and what stands behind it."""
    text = path.read_text(encoding="utf-8")
    found, end = BEGINS.search(text), text.find(ENDS)
    if found is None or end < found.end():
        msg = f"{path} has no line like {LIKE!r} before one that says {ENDS!r}"
        raise ValueError(msg)
    return text[: found.start()], found, text[end + len(ENDS) :]


def _lines(span: Span, indent: str, intervals: list[str]) -> str:
    begin = f"{indent}# `python -m deploy.closed_days`: {span.calendar}, {span.first} to {span.last}"
    return "\n".join([begin, *(f"{indent}- {{{one}}}" for one in intervals), f"{indent}{ENDS}"])


def _intervals(days: Iterator[date], times: str = "") -> list[str]:
    """Return an interval a month in which there are such days."""
    return [
        f'{times}years: ["{year}"], months: ["{month}"], days_of_month: [{_of_month(found)}], '
        "location: America/New_York"
        for (year, month), found in groupby(sorted(days), key=lambda day: (day.year, day.month))
    ]


def _of_month(days: Iterator[date]) -> str:
    """Return days of a month, each in quotes: both programs read a text there, which may be a range."""
    return ", ".join(f'"{day.day}"' for day in days)


def _clock(at: Nanos) -> datetime:
    return datetime.fromtimestamp(at // SECOND, UTC).astimezone(NEW_YORK)


if __name__ == "__main__":
    sys.exit(main())
