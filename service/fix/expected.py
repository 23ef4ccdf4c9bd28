"""Whether a session should be logged on, by the schedule in its session.cfg. Pure: the instant comes in."""

from __future__ import annotations

from datetime import UTC, datetime

from rules.facts import SECOND, Nanos
from service.fix.schedule import Schedule, Window, schedule_of, windows


class Expected:
    """One session's hours on trading days; a session that never stops is expected while the market is open.

    An engine opens a session by its schedule on Saturdays and holidays too, where nobody is at the other end.
    The opening that was found last is kept: it is asked at every scrape, and changes twice a day.
    """

    def __init__(self, values: dict[str, str]) -> None:
        self._schedule: Schedule | None = schedule_of(values)
        self._next: Window | None = None

    def at(self, now: Nanos, *, market_open: bool, trading_day: bool) -> bool:
        """Return whether the session should be logged on now; `trading_day`: the market opens on this day at all."""
        if self._schedule is None:
            return market_open
        if not trading_day:
            return False
        moment = datetime.fromtimestamp(now // SECOND, UTC)
        if self._next is None or self._next.end <= moment:
            self._next = min(windows(self._schedule, moment), key=lambda window: window.start)
        return self._next.start <= moment
