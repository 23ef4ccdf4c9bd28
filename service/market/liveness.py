"""Whether a quote source lives: live, gapped, lagging or dead.

Gapped: live, but it lost something just now. Lagging: heard, but its time stands far behind ours. Dead: silent.
Pure: our clock comes in as an argument. Staleness comes from here and never from the age of one quote (domain.md §3).
"""

from __future__ import annotations

from enum import StrEnum

from rules.facts import MILLISECOND, Nanos


class SourceState(StrEnum):
    """What can be expected of a source; the words of a QUOTE_SOURCE record."""

    LIVE = "live"
    GAPPED = "gapped"
    LAGGING = "lagging"
    DEAD = "dead"

    @property
    def current(self) -> bool:
        """Return whether its quotes are those of now; which ones a gap put in doubt, the tape knows by symbol."""
        return self in (SourceState.LIVE, SourceState.GAPPED)


class Liveness:
    """Judges a source by when it was last heard and how far its mark had come; it is dead until it is awaited."""

    def __init__(self, dead_after: Nanos) -> None:
        self.state = SourceState.DEAD
        self.heard_at: Nanos | None = None
        self._gap_at: Nanos | None = None
        self._dead_after = dead_after

    @classmethod
    def of_settings(cls, dead_after_ms: int) -> Liveness:
        """Return the judge that the setting `quotes.dead_after_ms` asks for."""
        return cls(Nanos(dead_after_ms * MILLISECOND))

    def awaited(self, now: Nanos) -> None:
        """Give a source that is just being connected until the end of its silence; it counts as lagging till then."""
        self.heard_at = now
        self.state = SourceState.LAGGING

    def heard(self, mark: Nanos, now: Nanos) -> SourceState | None:
        """Take note of a quote or heartbeat that came `now`; return the new state when it changed."""
        self.heard_at = now
        return self.check(mark, now)

    def check(self, mark: Nanos, now: Nanos) -> SourceState | None:
        """Judge again; return the new state when it changed."""
        before, self.state = self.state, self._judge(mark, now)
        return None if self.state is before else self.state

    def gapped(self, now: Nanos) -> None:
        """Take note that something was lost; the source counts as gapped until nothing was lost for its silence."""
        self._gap_at = now

    def healed(self) -> None:
        """Take note that what was lost has come after all."""
        self._gap_at = None

    def lost(self) -> SourceState | None:
        """Take note that the connection is gone; return the new state when it changed."""
        self.heard_at = None
        return self.check(Nanos(0), Nanos(0))

    def _judge(self, mark: Nanos, now: Nanos) -> SourceState:
        if self.heard_at is None or now - self.heard_at >= self._dead_after:
            return SourceState.DEAD
        # by when it spoke: a source that falls silent is on its way to be dead, not lagging
        if self.heard_at - mark >= self._dead_after:
            return SourceState.LAGGING
        gapped = self._gap_at is not None and now - self._gap_at < self._dead_after
        return SourceState.GAPPED if gapped else SourceState.LIVE
