"""The calendar in force with the session of day of any instant, by lengths that follow from its opens and closes. Pure.

In New York: early from 04:00, pre from 08:00, opening until 09:45, regular, closing from 15:45, post until 20:00, then
closed until the next early. Of a day that closes at 13:00, closing begins at 12:45 and post ends at 17:00.
"""

from __future__ import annotations

from collections.abc import Iterator

from rules.facts import SECOND, Nanos
from rules.session_of_day import SessionOfDay
from service.market.calendar import ALWAYS, Session, TradingCalendar

_MINUTE = 60 * SECOND
EARLY_BEFORE_OPEN = 330 * _MINUTE
PRE_BEFORE_OPEN = 90 * _MINUTE
OPENING_LASTS = 15 * _MINUTE
CLOSING_LASTS = 15 * _MINUTE
POST_LASTS = 240 * _MINUTE
_FIRST, _LAST = -(2**63), 2**63


class Hours:
    """A trading calendar that tells the session of day; quick where an instant lies in the same one as the last."""

    __slots__ = ("_after", "_first", "_word", "calendar")

    def __init__(self, calendar: TradingCalendar = ALWAYS) -> None:
        self.calendar = calendar
        self._first, self._after, self._word = 0, 0, SessionOfDay.CLOSED

    def session_of_day(self, at: Nanos) -> SessionOfDay:
        """Return the session of day that `at` lies in; a calendar that never closes knows regular hours alone."""
        if not self._first <= at < self._after:
            self._first, self._after, self._word = spell(self.calendar, at)
        return self._word


def spell(calendar: TradingCalendar, at: Nanos) -> tuple[int, int, SessionOfDay]:
    """Return from when until before when the session of day is the one of `at`, and which it is."""
    if calendar.kind == "always":
        return _FIRST, _LAST, SessionOfDay.REGULAR
    first, word = _FIRST, SessionOfDay.CLOSED
    for begins, which in _marks(*calendar.around(at)):
        if begins > at:
            return first, begins, word
        first, word = begins, which
    return first, _LAST, word


def _marks(last: Session | None, following: Session | None) -> Iterator[tuple[int, SessionOfDay]]:
    """Yield what begins when from the last opening to the following one, in order; of two at once the later holds."""
    shut = _FIRST if last is None else last.closes
    early = _LAST if following is None else max(shut, following.opens - EARLY_BEFORE_OPEN)
    if last is not None:
        closing = max(last.opens, last.closes - CLOSING_LASTS)
        yield last.opens, SessionOfDay.OPENING
        yield min(last.opens + OPENING_LASTS, closing), SessionOfDay.REGULAR
        yield closing, SessionOfDay.CLOSING
        yield last.closes, SessionOfDay.POST
        yield min(last.closes + POST_LASTS, early), SessionOfDay.CLOSED
    if following is not None:
        yield early, SessionOfDay.EARLY
        yield max(shut, following.opens - PRE_BEFORE_OPEN), SessionOfDay.PRE
        yield following.opens, SessionOfDay.OPENING
