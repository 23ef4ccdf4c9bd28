"""What the feed remembers of each session and quote source, as one value that can be written down."""

from __future__ import annotations

import msgspec

from rules.facts import MILLISECOND, SECOND, Nanos
from service.sequence import Sequence
from service.silence import Quiet

RECENT = 4096
"""How many of the last messages can be found again by sequence number, for a reject that names one."""


class FeedLimits(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """How long a feed may be silent in hours, and a gap open, before it is said."""

    silence_after: Nanos = Nanos(60 * SECOND)
    gap_overdue_after: Nanos = Nanos(30_000 * MILLISECOND)


class SessionState(msgspec.Struct, gc=False, kw_only=True):
    """One session: its epoch and numbers, whether it is up (None: never said), how quiet it is.

    `anew` marks a reset by Logon whose new epoch has not been announced yet. `recent` leads from sequence numbers to
    journal offsets; `undecodable` holds the numbers that were said to be so in this epoch.
    """

    counterparty: str
    session: str
    quiet: Quiet
    epoch: str = ""
    sequence: Sequence = msgspec.field(default_factory=Sequence)
    up: bool | None = None
    anew: bool = False
    recent: dict[int, int] = {}
    undecodable: set[int] = set()

    def remember(self, number: int, offset: int) -> None:
        """Keep where the message with this number stands in the journal."""
        recent = self.recent
        recent[number] = offset
        if len(recent) > RECENT:
            del recent[next(iter(recent))]

    def start(self, at: int | None) -> None:
        """Begin counting anew; `at` is the first number, None when the next one seen shall be it."""
        self.sequence = Sequence(next=at)
        self.recent = {}
        self.undecodable = set()


class FeedsState(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Everything that `Feeds` knows."""

    now: Nanos
    sessions: list[SessionState]
    sources: dict[str, str]
