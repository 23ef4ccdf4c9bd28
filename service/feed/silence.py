"""When silence becomes a finding: nothing inbound for a while, in hours, whether the session is up or down.

Pure: the hours come in as a function, the time as an argument.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from rules.facts import Nanos

Hours = Callable[[Nanos], Nanos | None]
"""From an instant to itself when the feed should be heard then, else to when it should next; None when never."""

DAY = Nanos(24 * 3600 * 1_000_000_000)


def always(at: Nanos) -> Nanos | None:
    """Expect the feed to be heard at every hour."""
    return at


class Quiet(msgspec.Struct, gc=False, kw_only=True):
    """Since when a feed has been quiet; `said` while its silence has been raised and it has not been heard again."""

    since: Nanos
    heard_at: Nanos | None = None
    said: bool = False

    def hear(self, clock: Nanos) -> bool:
        """Note inbound traffic; return whether that ends a silence that was raised."""
        was_silent = self.said
        self.since = self.heard_at = clock
        self.said = False
        return was_silent

    def due(self, limit: Nanos, hours: Hours) -> Nanos | None:
        """Return when the silence will have lasted for `limit` within hours, None when it never will.

        Time out of hours does not count: what was quiet at the close counts anew from the next opening.
        """
        begins = hours(self.since)
        if begins is None:
            return None
        ends = Nanos(begins + limit)
        reopens = hours(ends)
        if reopens is None:
            return None
        return ends if reopens == ends else Nanos(reopens + limit)

    def say(self, due: Nanos) -> None:
        """Note that the silence was raised; it is raised again when it still lasts a day later."""
        self.said = True
        self.since = Nanos(due + DAY)
