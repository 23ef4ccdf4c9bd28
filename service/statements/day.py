"""What is known of one session and trade date before anything is certified: plain values, as the store holds them.

Pure. The day of a message is the date in New York on which it came (a session's day); the day of an execution, an order
or a finding is its own trade date. Where both are shown beside each other the certificate says which is meant.
"""

from __future__ import annotations

import msgspec

from rules.facts import Nanos
from service.statements.numbers import Declared, Run, SegmentRun, Spans


class Whose(msgspec.Struct, frozen=True, order=True):
    """One session of one counterparty on one trade date."""

    counterparty: str
    session: str
    trade_date: str


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the feed's own events."""

    kind: str
    subject: str
    at: Nanos
    offset: int
    trade_date: str
    detail: dict[str, str | int | None] = {}


class Messages(msgspec.Struct, frozen=True, kw_only=True):
    """The day's messages counted twice: in the journal, and by what became of them.

    `journalled` and `backfilled` count journal records (from the line, from a file); `outcomes` what became of them;
    `waiting` those that stand behind the last processed offset.
    """

    journalled: int = 0
    backfilled: int = 0
    waiting: int = 0
    outcomes: dict[str, int] = {}


class Unread(msgspec.Struct, frozen=True, kw_only=True):
    """A message that could not be read; `mended` when another message of the same number could be."""

    offset: int
    sequence: int | None
    reason: str
    mended: bool


class Orders(msgspec.Struct, frozen=True, kw_only=True):
    """The day's orders of the session by how they ended.

    `open_day` are orders for the day without an end, `open_longer` those that may work for several days.
    """

    ended: int = 0
    synthesised: int = 0
    open_day: tuple[str, ...] = ()
    open_longer: tuple[str, ...] = ()


class Copy(msgspec.Struct, frozen=True, kw_only=True):
    """What a counterparty's copy of a day shows, over all its sessions.

    `shows_orders` when any report was about an order rather than a fill; `own_orders` when the firm's own orders of the
    day to this counterparty are here.
    """

    executions: int = 0
    shows_orders: bool = True
    own_orders: bool = False

    @property
    def fills_only(self) -> bool:
        """Return whether it tells of fills and of nothing that was not filled."""
        return bool(self.executions) and not self.shows_orders


class OwnOrders(msgspec.Struct, frozen=True, kw_only=True):
    """The firm's own orders beside the copy: whether a source of them is in force, and what matches nothing.

    `sources` are the counterparties whose dialect says that they carry own orders for this vendor; `count` the own
    orders of the day, `reported` the orders in the vendor's copy. `incomplete` are sessions of the sources that miss
    something themselves. `is_source` says that this session carries own orders itself.
    """

    is_source: bool = False
    sources: tuple[str, ...] = ()
    count: int = 0
    reported: int = 0
    unreported: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    incomplete: tuple[str, ...] = ()


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """The trading hours of the day, None on a day without trading; `round_the_clock` when nothing ever closes."""

    opens: Nanos
    closes: Nanos
    round_the_clock: bool = False


class SessionDay(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a certificate is made of, read in one state of the store.

    `scoped` says that MsgSeqNum itself is counted by segment, so that runs of it prove nothing; `segment_runs` are the
    numbers of the segments.
    """

    whose: Whose
    as_of: Nanos
    upto: int
    hours: Hours | None
    messages: Messages = Messages()
    runs: tuple[Run, ...] = ()
    declared: tuple[Declared, ...] = ()
    floor: int = 0
    scoped: bool = False
    segment_runs: tuple[SegmentRun, ...] = ()
    mended: Spans = ()
    told: tuple[Told, ...] = ()
    unread: tuple[Unread, ...] = ()
    refused_seen: tuple[int, ...] = ()
    orders: Orders = Orders()
    copy: Copy = Copy()
    own: OwnOrders = OwnOrders()
