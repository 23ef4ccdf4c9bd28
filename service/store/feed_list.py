"""What the daemon wrote down about its feeds: sessions, gaps, sources, files, what waits. Bounded reads."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from sqlalchemy import Connection, func, select

from rules.facts import FeedEventKind, Nanos
from service.backfill.plan import FileNote
from service.cases.case import Case
from service.journal import RecordKind
from service.statements.day import Told
from service.statements.feeds import Backfill, FeedStore, Point, Session
from service.statements.gather_days import day_offsets
from service.store import tables
from service.store.case_rows import case_of
from service.store.case_search import OPEN
from service.store.engine import Database
from service.store.outbox import SqlOutbox
from service.store.record import PROCESSED, read_offset

NEAR = 50_000
"""So many of the newest journal records are looked through for the last message of a session."""
MOST_TOLD = 5_000
MOST_FILES = 20
MOST_CASES = 50
LINE = (
    FeedEventKind.GAP_OPENED,
    FeedEventKind.GAP_CLOSED,
    FeedEventKind.GAP_OVERDUE,
    FeedEventKind.GAP_REFUSED,
    FeedEventKind.EPOCH_CHANGED,
    FeedEventKind.NUMBERS_WENT_ON,
    FeedEventKind.SESSION_UP,
    FeedEventKind.SESSION_DOWN,
    FeedEventKind.QUOTES_DOWN,
    FeedEventKind.QUOTES_UP,
)
cases = tables.cases


def feed_store(database: Database, since: str) -> FeedStore:
    """Return what the store says of the feeds; events since the beginning of a date in New York."""
    depth = SqlOutbox(database).depth()
    with database.reading() as connection:
        newest = connection.execute(select(func.coalesce(func.max(tables.journal.c.offset), 0))).scalar_one()
        return FeedStore(
            points=_points(connection),
            told=_told(connection, day_offsets(connection, since)[0]),
            last=_last(connection, newest),
            files=_files(connection),
            newest=newest,
            processed=read_offset(connection, PROCESSED),
            heard=_heard(connection),
            outbox=depth.waiting,
            outbox_since=None if depth.oldest is None else Nanos(depth.oldest),
        )


def open_cases(database: Database, rules: Collection[str], most: int = MOST_CASES) -> list[Case]:
    """Return the open exceptions of these rules, the gravest first."""
    wanted = select(cases).where(OPEN, cases.c.rule.in_(sorted(rules)))
    wanted = wanted.order_by(cases.c.gravity.desc(), cases.c.last_at.desc(), cases.c.case_id.desc())
    with database.reading() as connection:
        return [case_of(row) for row in connection.execute(wanted.limit(most))]


def _points(connection: Connection) -> dict[Session, Point]:
    points = tables.session_points
    rows = connection.execute(select(points).order_by(points.c.turn))
    return {(row.counterparty, row.session): Point(epoch=row.epoch, expected=row.expected) for row in rows}


def _told(connection: Connection, first: int) -> dict[Session, tuple[Told, ...]]:
    events = tables.feed_events
    of_the_line = events.c.kind.in_([kind.value for kind in LINE])
    newest = (
        select(events)
        .where(events.c.offset >= first, of_the_line)
        .order_by(events.c.offset.desc(), events.c.part.desc())
        .limit(MOST_TOLD)
    )
    found: dict[Session, list[Told]] = {}
    for row in reversed(connection.execute(newest).all()):
        told = Told(
            kind=row.kind,
            subject=row.subject,
            at=row.at,
            offset=row.offset,
            trade_date=row.trade_date,
            detail=msgspec.json.decode(row.detail),
        )
        found.setdefault((row.counterparty, row.session), []).append(told)
    return {whose: tuple(events) for whose, events in found.items()}


def _last(connection: Connection, newest: int) -> dict[Session, Nanos]:
    came = tables.journal
    near = came.c.offset > newest - NEAR, came.c.kind == RecordKind.MESSAGE.value, came.c.received_at.is_not(None)
    each = (came.c.counterparty, came.c.session)
    wanted = select(*each, func.max(came.c.received_at)).where(*near).group_by(*each)
    return {(party, session): Nanos(at) for party, session, at in connection.execute(wanted)}


def _files(connection: Connection) -> tuple[Backfill, ...]:
    came = tables.journal
    wanted = select(came).where(came.c.kind == RecordKind.FILE.value).order_by(came.c.offset.desc()).limit(MOST_FILES)
    return tuple(
        Backfill(counterparty=row.counterparty, at=row.received_at, note=msgspec.json.decode(row.body, type=FileNote))
        for row in connection.execute(wanted)
    )


def _heard(connection: Connection) -> Nanos | None:
    came = tables.journal
    newest = select(came.c.received_at).where(came.c.received_at.is_not(None)).order_by(came.c.offset.desc()).limit(1)
    found = connection.execute(newest).scalar_one_or_none()
    return None if found is None else Nanos(found)
