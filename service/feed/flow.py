"""When a flow of application messages has stopped: nothing for much longer than the last half hour makes likely. Pure.

The line may well be alive. How long is much: `factor` times the gap in which a random instant of the last half hour (in
hours) fell, which is the sum of the squared gaps over the time that they took. Bursts are of no account to it, for
their short gaps weigh next to nothing; for bursts that come at random it is twice their mean distance, so ten times
that is twenty mean distances: a chance of e^-20 a gap were the mean known, about one in a million with the ten to
thirty gaps that it is taken from. It says nothing before it has watched for as long as it would wait. Integers only.
"""

from __future__ import annotations

import msgspec

from rules.facts import MILLISECOND, SECOND, Nanos
from service.feed.silence import DAY, Hours
from service.market.calendar import trade_date

FLOW_FLOOR = Nanos(300 * SECOND)
FLOW_MINIMUM = 50
GRAIN = Nanos(SECOND)
"""Messages closer than this are one burst: they are counted, their gaps are not measured."""
AT_ONCE = 256
"""Messages of one burst after which they are written down all the same."""
STRETCH = Nanos(600 * SECOND)
STRETCHES = 4
"""The present ten minutes and the three before them."""
LOOK_BACK = Nanos(7 * DAY)


class FlowLimits(msgspec.Struct, frozen=True, gc=False):
    """What makes a stop: `factor` 0 switches it off; never before `floor`; `minimum` messages must have been seen."""

    factor: int
    floor: Nanos
    minimum: int


class Stretch(msgspec.Struct, gc=False, kw_only=True):
    """What came in ten minutes of hours: messages, the time watched in ms, and the sum of the squared gaps in ms²."""

    began: Nanos
    messages: int = 0
    watched: int = 0
    squares: int = 0


class Flow(msgspec.Struct, gc=False, kw_only=True):
    """The flow of one session; `since` is its last message, or when the session came up again.

    `raised` is when a stop was said that has not ended; `heard` and `noted_at` are of messages not written down yet.
    """

    since: Nanos | None = None
    raised: Nanos | None = None
    heard: int = 0
    noted_at: Nanos = Nanos(0)
    stretches: list[Stretch] = []

    def hear(self, clock: Nanos, limits: FlowLimits, hours: Hours) -> bool:
        """Note a message; return whether the next stop may be due earlier than before, or one has ended."""
        since, self.since = self.since, clock
        self.heard += 1
        if since is None:
            self.noted_at = clock
            return False
        if clock - since < GRAIN and self.heard < AT_ONCE and self.raised is None:
            return False
        self._note(since, clock, self.wait(limits), hours)
        return True

    def resume(self) -> Nanos | None:
        """Forget the stop that was said; return when it was said, None when there is none."""
        raised, self.raised = self.raised, None
        return raised

    def wait_anew(self, clock: Nanos) -> None:
        """Wait from here on: before this, the session could not bring anything."""
        if self.since is not None:
            self.since = clock

    @property
    def messages(self) -> int:
        """Return how many messages the last half hour in hours brought."""
        return sum(stretch.messages for stretch in self.stretches)

    @property
    def usual(self) -> Nanos:
        """Return the gap in which a random instant of the last half hour fell."""
        watched = sum(stretch.watched for stretch in self.stretches)
        squares = sum(stretch.squares for stretch in self.stretches)
        return Nanos(squares // watched * MILLISECOND if watched else 0)

    def wait(self, limits: FlowLimits) -> Nanos | None:
        """Return how long a gap must be to be a stop, None while that cannot be told."""
        if not limits.factor or self.messages < limits.minimum:
            return None
        wait = max(limits.floor, limits.factor * self.usual)
        watched = sum(stretch.watched for stretch in self.stretches) * MILLISECOND
        return Nanos(wait) if watched >= wait else None

    def due(self, limits: FlowLimits, hours: Hours) -> Nanos | None:
        """Return when the flow will have stopped if nothing comes, None when that cannot be told; as for silence."""
        wait = self.wait(limits)
        if wait is None or self.since is None:
            return None
        begins = hours(self.since if self.raised is None else Nanos(self.raised + DAY))
        if begins is None:
            return None
        ends = Nanos(begins + wait)
        reopens = hours(ends)
        if reopens is None:
            return None
        return ends if reopens == ends else Nanos(reopens + wait)

    def say(self, due: Nanos, now: Nanos) -> None:
        """Note that the stop was raised; it is raised again when it still lasts a day later."""
        self.raised = max(due, Nanos(now - LOOK_BACK))

    def _note(self, since: Nanos, clock: Nanos, wait: Nanos | None, hours: Hours) -> None:
        """Write the gap down, as far as it lies in the hours of one day; one that was a stop counts as its limit."""
        messages, self.heard = self.heard, 0
        noted, self.noted_at = hours(self.noted_at), clock
        began = hours(since)
        if hours(clock) != clock or began is None or noted is None:
            return
        stretch = self._stretch(clock)
        stretch.messages += messages
        today = trade_date(clock)
        if trade_date(began) != today:
            return
        gap = clock - began
        surplus = 0 if wait is None else max(0, gap - wait)
        watched = clock - (noted if trade_date(noted) == today else began)
        stretch.watched += (watched - surplus) // MILLISECOND
        stretch.squares += ((gap - surplus) // MILLISECOND) ** 2

    def _stretch(self, clock: Nanos) -> Stretch:
        if not self.stretches or clock - self.stretches[-1].began >= STRETCH:
            self.stretches = [*self.stretches[1 - STRETCHES :], Stretch(began=clock)]
        return self.stretches[-1]
