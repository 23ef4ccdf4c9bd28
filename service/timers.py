"""What time alone brings about: silence, overdue orphans, the end of a trade date. Pure; the records are its clock."""

from __future__ import annotations

import msgspec

from rules.facts import Nanos
from service.facts_made import Making
from service.families import Families
from service.feed.feeds import Feeds
from service.judging import Judging
from service.market.hours import Hours
from service.open_days import OpenDays
from service.orders.ledger import Ledger
from service.orders.steps import Where
from service.processed import Decision, Processed
from service.unmatched import Unmatched

_NO_DECISION = Decision()


class Timers:
    """Everything that waits for an instant; `pass_time` with each record's clock, before the record is looked at."""

    def __init__(self, ledger: Ledger, feeds: Feeds, judging: Judging) -> None:
        self.days = OpenDays()
        self.unmatched = Unmatched()
        self.families = Families()
        self._ledger = ledger
        self._feeds = feeds
        self._judging = judging
        self._orders_due: Nanos | None = None

    def look_again(self) -> None:
        """Ask the ledger anew when the next of its orders or orphans is due: something of them changed."""
        self._orders_due = self._ledger.deadline()

    def deadline(self) -> Nanos | None:
        """Return when time alone would change something, None when nothing waits."""
        dues = [due for due in (self._feeds.deadline(), self._orders_due, self.days.due) if due is not None]
        return min(dues, default=None)

    def pass_time(self, where: Where, hours: Hours, into: Processed) -> None:
        """Fire every timer whose time has come."""
        self._judging.tell(self._feeds.tick(where.clock, where.offset), into)
        clock, orders_due, day_due = where.clock, self._orders_due, self.days.due
        if (orders_due is None or orders_due > clock) and (day_due is None or day_due > clock):
            return  # the usual record
        making = Making(where, _NO_DECISION, hours)
        if self._orders_due is not None and self._orders_due <= where.clock:
            overdue = self._ledger.tick(where.clock, self._incomplete())
            self.look_again()
            for step in overdue:
                self._judging.take(step, making, None, into)
        if self.days.due is not None and self.days.due <= where.clock:
            while (day := self.days.pop_closed(where.clock)) is not None:
                self.close(day, making, into)

    def close(self, day: str, making: Making, into: Processed) -> None:
        """End what cannot outlive the day, and let go of the days before it."""
        regular = making.hours.calendar.hours(day)
        at = making.where.clock if regular is None else regular[1]
        everybody = msgspec.structs.replace(making.where, counterparty="")
        for step in self._ledger.close(day, at, everybody, self._incomplete()):
            self._judging.take(step, making, None, into)
        self._ledger.forget(day)
        self.unmatched.forget(day)
        self.families.forget(day)
        self.look_again()

    def _incomplete(self) -> set[str]:
        """Return the counterparties of whom reports are known to be missing, or may be coming from before."""
        return {counterparty for counterparty, _ in (*self._feeds.open_gaps(), *self._feeds.recoveries())}
