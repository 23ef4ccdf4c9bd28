"""The holidays that Alertmanager and Grafana are told are those of the calendar that the daemon goes by."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy import closed_days
from deploy.closed_days import MUTED, ROUTING, WRITTEN, Span, early, holidays, made, named_in

WEEKDAYS = {"monday", "tuesday", "wednesday", "thursday", "friday"}


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_what_is_kept_is_current(path: Path) -> None:
    """For the years that the file names: a holiday that the calendar learns of later is seen when it is updated."""
    span = named_in(path)

    assert made(path, span, span.read()) == path.read_text(encoding="utf-8"), "run `python -m deploy.closed_days`"


def test_both_files_are_of_the_same_years() -> None:
    """Who has the one and the other is told the same."""
    assert named_in(ROUTING) == named_in(MUTED)


def test_alertmanager_is_silent_on_every_holiday_and_on_no_other_weekday() -> None:
    """Every day of the years that it was told of."""
    span = named_in(ROUTING)
    market = span.read()
    routing = yaml.safe_load(ROUTING.read_text(encoding="utf-8"))
    (intervals,) = (one["time_intervals"] for one in routing["time_intervals"] if one["name"] == "holidays")
    silent = [day for one in intervals for day in days_of(one)]

    days = (date(span.first, 1, 1) + timedelta(days=count) for count in range(366 * (span.last - span.first)))
    closed = [day for day in days if f"{day:%A}".lower() in WEEKDAYS and market.hours(day.isoformat()) is None]

    assert silent[: len(closed)] == closed
    assert {day.year for day in silent} == {*range(span.first, span.last + 1)}


def test_what_can_wait_is_not_told_on_a_holiday() -> None:
    """As at night and at weekends."""
    routes = yaml.safe_load(ROUTING.read_text(encoding="utf-8"))["route"]["routes"]
    (muted,) = (route["mute_time_intervals"] for route in routes if "mute_time_intervals" in route)

    assert muted == ["nights", "weekends", "holidays"]


def test_thanksgiving_is_a_holiday_and_the_day_after_ends_early() -> None:
    """By the calendar of New York, and an hour after the close everybody has gone."""
    span = Span("XNYS", 2026, 2026)
    market = span.read()

    assert date(2026, 11, 26) in list(holidays(span, market))
    assert dict(early(market)) == {date(2026, 11, 27): "14:00", date(2026, 12, 24): "14:00"}


def test_other_years_take_the_place_of_those_that_were_there() -> None:
    """What stands before and behind them stays as it is."""
    span = Span("XNYS", 2024, 2024)

    text = made(MUTED, span, span.read())

    assert "XNYS, 2024 to 2024" in text
    assert "2026" not in text
    assert text.startswith(MUTED.read_text(encoding="utf-8").partition("# `")[0])


def test_a_file_that_lost_its_lines_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather than written over."""
    lost = tmp_path / "alertmanager.yml"
    lost.write_text("route: {}\n", encoding="utf-8")
    monkeypatch.setitem(closed_days.WRITTEN, lost, closed_days.for_routing)

    with pytest.raises(ValueError, match="has no line like"):
        named_in(lost)


def days_of(interval: dict[str, Any]) -> list[date]:
    """Return the days that an interval of Alertmanager covers."""
    (year,), (month,) = interval["years"], interval["months"]
    return [date(int(year), int(month), int(day)) for day in interval["days_of_month"]]
