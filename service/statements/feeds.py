"""How the feeds stand, by what the store says and what the daemon says of itself: the same for page and API. Pure."""

from __future__ import annotations

import msgspec

from rules.facts import FeedEventKind as Kind
from rules.facts import Nanos
from service.backfill.plan import FileNote
from service.statements.day import Told
from service.statements.happenings import Gap, happenings
from service.statements.readiness import Found, Heard, SessionFound

SECOND = 1_000_000_000
MOST_GAPS = 40
Session = tuple[str, str]
"""Counterparty and session."""


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """Where the counting of a session stands: its newest epoch, and the number that is expected next."""

    epoch: str
    expected: int


class Backfill(msgspec.Struct, frozen=True, kw_only=True):
    """One file that was read in place of the line."""

    counterparty: str
    at: Nanos | None
    note: FileNote


class FeedStore(msgspec.Struct, frozen=True, kw_only=True):
    """All of it, read in one state of the store.

    `told` are events of the line and the sources since `since`, by session, in journal order; `last` is when each
    session's newest message came; `heard` when anything was journalled last; `outbox` are the alerts that wait.
    """

    points: dict[Session, Point]
    told: dict[Session, tuple[Told, ...]]
    last: dict[Session, Nanos]
    files: tuple[Backfill, ...]
    newest: int
    processed: int
    heard: Nanos | None
    outbox: int
    outbox_since: Nanos | None

    @property
    def waiting(self) -> int:
        """Return how many records of the journal are not judged yet."""
        return max(0, self.newest - self.processed)


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """One counterparty as it is configured: who connects, what is read, how missed reports come back.

    `venues` is how many its register holds, None before one is in force; `dialect` the hash of the one in force.
    """

    name: str
    role: str
    connection: str
    begin_string: str
    sessions: tuple[str, ...]
    recovery: str
    venues: int | None
    dialect: str | None


class Feeds(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was found of the feeds at one instant.

    `sources` are the configured quote sources with what each is there for; `certificates` the states of the newest
    certificates by day, the newest day first; `days` how many days back `kept` tells of.
    """

    found: Found
    heard: Heard
    kept: FeedStore
    sources: dict[str, str]
    parties: tuple[Party, ...]
    certificates: dict[str, dict[Session, str]]
    days: int

    @property
    def at(self) -> Nanos:
        """Return when it was looked at."""
        return self.found.at


class SessionGap(msgspec.Struct, frozen=True, kw_only=True):
    """One gap of a session, and the trade date that it belongs to."""

    counterparty: str
    session: str
    day: str
    gap: Gap


def gateway_restarts(heard: Heard) -> int | None:
    """Return how often gateways were started again, None where the daemon does not answer."""
    return None if heard.state is None else int(sum(heard.gauges.get("sorwatch_gateway_restarts", {}).values()))


def clock_offset(heard: Heard, session: Session) -> float | None:
    """Return by how many seconds the session's clock is behind ours, None where it is not known."""
    return heard.gauge("sorwatch_session_clock_offset_seconds", *session)


def is_missing(heard: Heard, session: Session) -> bool | None:
    """Return whether messages of the session are missing, None where it is not known."""
    found = heard.gauge("sorwatch_gap_open", *session)
    return None if found is None else bool(found)


def since(one: SessionFound, kept: FeedStore) -> Nanos | None:
    """Return since when it is as it is, None where that was not in the last days, or is not known."""
    if one.logged_on is None:
        return None
    kind = Kind.SESSION_UP if one.logged_on else Kind.SESSION_DOWN
    found = [told.at for told in kept.told.get((one.counterparty, one.session), ()) if told.kind == kind]
    return found[-1] if found else None


def gaps(kept: FeedStore) -> list[SessionGap]:
    """Return the gaps of the last days: those that are open first, then the newest."""
    found = [
        SessionGap(counterparty=whose[0], session=whose[1], day=day, gap=gap)
        for whose, told in kept.told.items()
        for day in sorted({one.trade_date for one in told if one.kind == Kind.GAP_OPENED})
        for gap in happenings([one for one in told if one.trade_date >= day], day).gaps
    ]
    newest = sorted(found, key=lambda one: one.gap.opened_at, reverse=True)
    return sorted(newest, key=lambda one: one.gap.closed_at is not None)[:MOST_GAPS]


def lag(heard: Heard, source: str) -> float | None:
    """Return how many seconds a quote source is behind our clock, None where nothing is known of it."""
    return heard.gauge("sorwatch_quote_source_lag_seconds", source)


def last_change(kept: FeedStore, source: str) -> Told | None:
    """Return when a quote source went up or down last, None where it did neither in the last days."""
    kinds = (Kind.QUOTES_UP, Kind.QUOTES_DOWN)
    told = [one for events in kept.told.values() for one in events if one.kind in kinds and one.subject == source]
    return max(told, key=lambda one: one.offset, default=None)


def nanos(seconds: float) -> int:
    """Return a length of time in nanoseconds."""
    return int(seconds * SECOND)
