"""Which checkpoints of days are kept: many of late, few of long ago, never more than a bound. Pure.

A day is run again from the newest checkpoint before it; the farther back, the longer the way may be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

DAYS, WEEKS, MONTHS, YEARS = 10, 8, 12, 7
"""So many of each are kept: the newest dates, and the first date of the newest weeks, months and years."""


def _week(day: str) -> str:
    year, week, _ = date.fromisoformat(day).isocalendar()
    return f"{year}-{week:02d}"


_SPANS: tuple[tuple[Callable[[str], str], int], ...] = (
    (str, DAYS),
    (_week, WEEKS),
    (lambda day: day[:7], MONTHS),
    (lambda day: day[:4], YEARS),
)


def kept_days(days: Iterable[str]) -> set[str]:
    """Return which of these dates (YYYY-MM-DD) keep their checkpoint."""
    newest_first = sorted(set(days), reverse=True)
    kept: set[str] = set()
    for span_of, most in _SPANS:
        first = {span_of(day): day for day in newest_first}  # the last one set is the first date of its span
        kept.update(list(first.values())[:most])
    return kept
