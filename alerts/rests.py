"""When a channel is tried: after trouble it rests, one alert is tried at a time, and at last it gives up. Pure."""

from __future__ import annotations

from collections.abc import Callable

from alerts.plan import SECOND

PATIENCE = 300 * SECOND
"""What is older than its `give_up` is tried for as long at least: a watch that was away did not try it meanwhile."""


class Rests:
    """The rests of one channel, all in UTC nanoseconds; a clock that is set back ends them.

    `backoff` is how long it rests after so many troubles.
    """

    def __init__(self, give_up: int | None, backoff: Callable[[int], int]) -> None:
        self._give_up = give_up
        self._backoff = backoff
        self._from = 0
        self._until = 0
        self._troubles = 0
        self._troubled_since: int | None = None
        self._failing: dict[int, int] = {}

    def is_resting(self, now: int) -> bool:
        """Return whether nothing is to be tried now."""
        return self._from <= now < self._until

    @property
    def is_troubled(self) -> bool:
        """Return whether nothing was taken when it was last tried."""
        return self._troubled_since is not None

    def taken(self) -> None:
        """Take it that the other side takes what it is given."""
        self._troubles, self._troubled_since = 0, None

    def nothing_taken(self, now: int) -> None:
        """Rest, for longer each time, because nothing of a round was taken."""
        self._troubled_since = now if self._troubled_since is None else self._troubled_since
        self.pause(now, self._backoff(self._troubles))
        self._troubles += 1

    def pause(self, now: int, length: int) -> None:
        """Rest for as long at least, as the other side asks."""
        left = self._until if self.is_resting(now) else now
        self._from, self._until = now, max(left, now + length)

    def failed(self, outbox_id: int, now: int) -> None:
        """Remember since when one alert is not taken."""
        self._failing.setdefault(outbox_id, now)

    def ended(self, outbox_id: int) -> None:
        """Forget an alert that is done or dead."""
        self._failing.pop(outbox_id, None)

    def gives_up(self, outbox_id: int, since: int, now: int) -> bool:
        """Return whether an alert made at `since` is old enough, and it or its channel was tried for long enough."""
        if self._give_up is None or now - since < self._give_up:
            return False
        own = self._failing.get(outbox_id, now)
        tried_since = own if self._troubled_since is None else min(own, self._troubled_since)
        return now - tried_since >= min(self._give_up, PATIENCE)
