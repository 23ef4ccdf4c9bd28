"""Which checkpoints of days are kept: never more than a bound, and always the newest."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from service.kept_days import DAYS, MONTHS, WEEKS, YEARS, kept_days

days = st.sets(st.dates(date(2015, 1, 1), date(2040, 1, 1)).map(date.isoformat), max_size=200)


def test_the_newest_dates_and_the_first_of_weeks_months_and_years_are_kept() -> None:
    """The farther back, the fewer."""
    every = [(date(2026, 11, 26) - timedelta(days=back)).isoformat() for back in range(800)]

    kept = sorted(kept_days(every), reverse=True)

    assert kept[:DAYS] == every[:DAYS]
    assert kept[DAYS:] == [
        "2026-11-16", "2026-11-09", "2026-11-02", "2026-11-01", "2026-10-26", "2026-10-19", "2026-10-12", "2026-10-05",
        *(f"2026-{month:02d}-01" for month in range(10, 0, -1)), "2025-12-01", "2025-01-01", "2024-09-18",
    ]  # fmt: skip


@given(days)
def test_never_more_than_a_bound_is_kept(every: set[str]) -> None:
    """Whatever dates there are."""
    kept = kept_days(every)

    assert kept <= every
    assert len(kept) <= DAYS + WEEKS + MONTHS + YEARS


@given(days, st.dates(date(2015, 1, 1), date(2040, 1, 1)).map(date.isoformat))
def test_what_was_let_go_is_never_wanted_again(every: set[str], newer: str) -> None:
    """Dates come one after the other: keeping after each leaves what keeping once at the end does."""
    before = {day for day in every if day < newer}

    assert kept_days(kept_days(before) | {newer}) == kept_days(before | {newer})
