"""What the feed remembers of each session and quote source, as one value that can be written down."""

from __future__ import annotations

import msgspec

from rules.facts import MILLISECOND, SECOND, Nanos
from service.feed.clock_offset import ClockOffset
from service.feed.flow import FLOW_FLOOR, FLOW_MINIMUM, Flow, FlowLimits
from service.feed.sequence import Gap, Sequence
from service.feed.silence import Quiet
from service.recovery import Missed

RECENT = 4096
"""How many of the last messages can be found again by sequence number, for a reject that names one."""

MOST_LOST = 256
"""How many gaps of old epochs a file can still fill, per session."""


class FeedLimits(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """How long a feed may be silent in hours, and a gap open, before it is said; what is a stop and a wrong clock."""

    silence_after: Nanos = Nanos(60 * SECOND)
    gap_overdue_after: Nanos = Nanos(30_000 * MILLISECOND)
    flow: FlowLimits = FlowLimits(0, FLOW_FLOOR, FLOW_MINIMUM)
    clock_tolerance: Nanos = Nanos(0)


class Landmark(msgspec.Struct, frozen=True, kw_only=True):
    """The newest application message of an epoch that was no copy: what a resend must repeat under the same number."""

    number: int
    body: bytes


class Lost(msgspec.Struct, kw_only=True):
    """A gap that was open when its epoch ended: a file can still fill it.

    So can a resend, once it repeats the `landmark` of that epoch: then the counterparty's numbers `went_on`. `came` are
    numbers of the gap that came in the new epoch before that was known.
    """

    epoch: str
    gap: Gap
    landmark: Landmark | None = None
    went_on: bool = False
    came: set[int] = set()


class SessionState(msgspec.Struct, gc=False, kw_only=True):
    """One session: its epoch and numbers, whether it is up (None: never said), how quiet it is.

    `anew` marks a reset by Logon whose new epoch has not been announced yet. `recent` leads from sequence numbers to
    journal offsets; `undecodable` holds the numbers that were said to be so in this epoch. `sent_at` is the SendingTime
    of the newest message that was no copy; `lost` what old epochs left open. `missed` is there where reports come
    back by another way than a resend; `segments` hold the numbers that are counted apart (sequence.scope).
    `landmark` is this epoch's own; `may_go_on` says that in an epoch which our side began the counterparty's numbers
    may be the old ones; `let_go` are epochs of which not every lost gap could be kept. `logon_at` is there while it is
    up, `refused` says that this connection's resend was refused, `kept_out` that a logon was.
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
    sent_at: Nanos | None = None
    lost: list[Lost] = []
    flow: Flow = msgspec.field(default_factory=Flow)
    clock: ClockOffset = msgspec.field(default_factory=ClockOffset)
    missed: Missed | None = None
    segments: dict[str, Sequence] = {}
    landmark: Landmark | None = None
    may_go_on: bool = False
    let_go: list[str] = []
    logon_at: Nanos | None = None
    refused: bool = False
    kept_out: bool = False

    def remember(self, number: int, offset: int) -> None:
        """Keep where the message with this number stands in the journal."""
        recent = self.recent
        recent[number] = offset
        if len(recent) > RECENT:
            del recent[next(iter(recent))]

    def gaps(self) -> list[Gap]:
        """Return what is missing now, of the session and of its segments."""
        if not self.segments:
            return self.sequence.gaps
        return [*self.sequence.gaps, *(gap for one in self.segments.values() for gap in one.gaps)]

    def lose(self, epoch: str) -> None:
        """Keep what is still missing as lost with this epoch."""
        for lost in self.lost:
            lost.went_on, lost.came = False, set()
        every = [*self.lost, *(Lost(epoch=epoch, gap=gap, landmark=self.landmark) for gap in self.gaps())]
        gone, self.lost = every[:-MOST_LOST], every[-MOST_LOST:]
        self.let_go = [*self.let_go, *dict.fromkeys(lost.epoch for lost in gone)][-MOST_LOST:]

    def awaits(self) -> bool:
        """Return whether nothing has been heard yet of an epoch in which lost numbers may come."""
        return self.may_go_on and self.sequence.next == 1

    def start(self, at: int | None) -> None:
        """Begin counting anew; `at` is the first number, None when the next one seen shall be it."""
        self.sequence = Sequence(next=at)
        self.segments = {}
        self.recent = {}
        self.undecodable = set()
        self.sent_at = None
        self.landmark = None
        self.may_go_on = False


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """How far a session's numbers go without a hole; with `lost`, a hole there is will stay."""

    counterparty: str
    session: str
    epoch: str
    next: int
    lost: bool


class FeedsState(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Everything that `Feeds` knows."""

    now: Nanos
    sessions: list[SessionState]
    sources: dict[str, str]
