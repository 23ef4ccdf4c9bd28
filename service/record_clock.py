"""The journal's own clock: what drives the timers, from the records alone. It never runs back. Pure.

A live record carries our clock. A log without receive stamps has only each message's own SendingTime (52): one that
leaps further than any market is closed is believed when the next stamp agrees, so that a broken one ends no day.
"""

from __future__ import annotations

import msgspec

from rules.facts import SECOND, Nanos

LEAP = Nanos(10 * 24 * 3600 * SECOND)


class RecordClock(msgspec.Struct, gc=False):
    """Where the records have come to; `leapt` is the last SendingTime that nothing has confirmed yet."""

    now: Nanos = Nanos(0)
    leapt: Nanos | None = None

    def advance(self, received_at: Nanos | None, sent_at: Nanos | None) -> Nanos:
        """Take in the stamps of the next record; return the clock after them."""
        if received_at is not None:
            self.now = max(self.now, received_at)
        elif sent_at is not None and sent_at > self.now and self._credible(sent_at):
            self.now = sent_at
        return self.now

    def _credible(self, sent_at: Nanos) -> bool:
        if not self.now or sent_at - self.now <= LEAP:
            self.leapt = None
            return True
        confirmed = self.leapt is not None and abs(sent_at - self.leapt) <= LEAP
        self.leapt = None if confirmed else sent_at
        return confirmed
