"""Puts what nobody has acknowledged into the outbox again, where a route says after how long. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from alerts.again import again
from alerts.alert import Alert
from alerts.plan import SECOND, Plan
from alerts.policy import Moment, due_again, shortest_repeat
from alerts.ports import Letter, Outbox

EVERY = 10 * SECOND


class Reminders:
    """The reminders of one channel; it looks every ten seconds, or as often as its shortest repeat wants."""

    def __init__(self, channel: str, plan: Plan, outbox: Outbox, market_open: Callable[[int], bool]) -> None:
        self._channel = channel
        self._plan = plan
        self._outbox = outbox
        self._market_open = market_open
        self._shortest = shortest_repeat(plan, channel)
        self._looked: int | None = None

    def are_due(self, now: int) -> bool:
        """Return whether it is time to look; a clock that was set back is no reason to wait."""
        if self._shortest is None:
            return False
        return self._looked is None or not 0 <= now - self._looked < min(EVERY, self._shortest)

    def put(self, now: int) -> None:
        """Put what is to be told again into the outbox."""
        letters = list(self._letters(now))
        if letters:
            self._outbox.tell(self._channel, letters, now)
        self._looked = now

    def _letters(self, now: int) -> Iterator[Letter]:
        assert self._shortest is not None
        moment = Moment(now, self._market_open(now))
        for sent in self._outbox.unanswered(self._channel, now - self._shortest):
            alert = msgspec.json.decode(sent.alert.body, type=Alert)
            if due_again(self._plan, self._channel, alert, sent.at, now=moment):
                yield again(alert, sent.alert, sent.told, now)
