"""The part of the trading day that an instant lies in: a closed set of words, for facts, scopes and registers.

The calendar in force says which it is; nothing here knows an hour.
"""

from __future__ import annotations

from enum import StrEnum


class SessionOfDay(StrEnum):
    """Early, pre, the three parts of regular hours (opening, regular, closing), post; `closed` is everything else."""

    EARLY = "early"
    PRE = "pre"
    OPENING = "opening"
    REGULAR = "regular"
    CLOSING = "closing"
    POST = "post"
    CLOSED = "closed"

    @property
    def in_regular_hours(self) -> bool:
        """Return whether it is a part of the regular hours."""
        return self in _REGULAR_HOURS


_REGULAR_HOURS = frozenset((SessionOfDay.OPENING, SessionOfDay.REGULAR, SessionOfDay.CLOSING))
