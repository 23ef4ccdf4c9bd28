"""What became of alerts, and how a channel stands, as the outbox knows it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import StrEnum

import msgspec

SECOND = 1_000_000_000
STUCK_AFTER = 120 * SECOND
"""An alert that may go out and waits for longer than this: its channel is stuck."""


class Fate(StrEnum):
    """What became of an alert."""

    WAITING = "waiting"
    HELD = "held"
    DEAD = "dead"
    SENT = "sent"
    WITHHELD = "withheld"
    SET_ASIDE = "set_aside"


class Delivered(msgspec.Struct, frozen=True, kw_only=True):
    """One alert on one channel, without what it says.

    `about` is why it was made, `reason` why it was decided so, by the route `route`; `by` who sent it again or set it
    aside; `error` that of the last attempt. Times are UTC nanoseconds; `settled_at` is when it was sent, withheld or
    set aside, `rests_until` before when it is not tried.
    """

    alert: int
    channel: str
    exception: int | None
    key: str
    about: str
    rule: str
    severity: str
    topic: str | None
    fate: Fate
    reason: str | None
    route: str | None
    by: str | None
    attempts: int
    error: str | None
    made_at: int
    rests_until: int | None
    dead_at: int | None
    settled_at: int | None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How one channel stands: how many alerts wait and since when the oldest does, and how many are dead.

    `held` is how many of those that wait are held until later by a route, `due_since` when the oldest was made that is
    not; `configured` says whether anybody sends what waits here.
    """

    channel: str
    configured: bool
    waiting: int = 0
    held: int = 0
    oldest: int | None = None
    due_since: int | None = None
    last_sent: int | None = None
    last_error: str | None = None
    dead: int = 0
    dead_since: int | None = None

    def is_stuck(self, now: int) -> bool:
        """Return whether something that may go out has waited for too long."""
        return self.due_since is not None and now - self.due_since > STUCK_AFTER

    def is_troubled(self, now: int) -> bool:
        """Return whether somebody has to look at it."""
        return self.dead > 0 or self.is_stuck(now)


def fate_of(decision: str | None, settled_at: int | None, dead_at: int | None) -> Fate:
    """Return what became of an alert by what its row says."""
    if settled_at is not None:
        return Fate(decision or Fate.SENT)
    if dead_at is not None:
        return Fate.DEAD
    return Fate.HELD if decision == Fate.HELD else Fate.WAITING


def troubled(standings: Iterable[Standing], now: int) -> list[Standing]:
    """Return the channels that somebody has to look at, those with dead letters first."""
    found = [one for one in standings if one.is_troubled(now)]
    return sorted(found, key=lambda one: (-one.dead, one.channel))


def all_names(configured: Collection[str], kept: Collection[str]) -> list[str]:
    """Return the channels of the configuration in its order, then those of which only alerts are left."""
    return [*configured, *sorted(set(kept) - set(configured))]
