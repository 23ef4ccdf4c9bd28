"""The days beside a day. Pure."""

from __future__ import annotations

from datetime import date, timedelta

ONE = timedelta(days=1)
SATURDAY = 5


def neighbours(day: str) -> tuple[str, str]:
    """Return the weekday before and the weekday after a date."""
    moment = date.fromisoformat(day)
    before, after = moment - ONE, moment + ONE
    while before.weekday() >= SATURDAY:
        before -= ONE
    while after.weekday() >= SATURDAY:
        after += ONE
    return before.isoformat(), after.isoformat()
