"""One backtest of a proposal as it stands: who asked, over which days, how far it is, what came of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from rules.facts import SECOND, Nanos

STALE = Nanos(30 * SECOND)
"""Whoever watches over one gives a sign every second or two; after so long without one nobody watches any more."""


class State(StrEnum):
    """Where a backtest stands."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
    BROKEN_OFF = "broken off"


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A backtest of a proposal; `done` of its days are judged, `why` says what failed, `body` is what came of it."""

    seq: int
    proposal: int
    asked_by: str
    days: tuple[str, ...]
    state: State
    begun_at: Nanos
    beat_at: Nanos
    done: int = 0
    ended_at: Nanos | None = None
    ended_by: str | None = None
    why: str | None = None
    digest: str | None = None
    body: bytes | None = None

    def as_of(self, now: Nanos) -> Kept:
        """Return how it stands at an instant: broken off when nobody watches over it any more."""
        if self.state is State.RUNNING and now - self.beat_at > STALE:
            return msgspec.structs.replace(self, state=State.BROKEN_OFF, ended_at=self.beat_at)
        return self


def newest_done(kept: Sequence[Kept]) -> Kept | None:
    """Return the newest that ran to its end of some that are newest first, None when none did."""
    return next((one for one in kept if one.state is State.DONE), None)
