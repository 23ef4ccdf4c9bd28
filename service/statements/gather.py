"""Reads all that one certificate is made of from the store, in one state of it; decides nothing.

Bounded by the day: a million messages are read once for the sum and once for the numbers.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection, and_, func, or_, select

from rules.facts import Nanos
from service.fix.habits import SequenceHabits
from service.journal import RecordKind
from service.statements.day import Hours, Messages, Orders, SessionDay, Told, Unread, Whose
from service.statements.gather_days import day_offsets
from service.statements.gather_numbers import (
    declared_of,
    floor_of,
    from_a_file,
    from_the_line,
    mended_of,
    runs_of,
    seen_of,
    segment_runs_of,
)
from service.statements.gather_orders import copy_of
from service.statements.gather_own import own_orders
from service.statements.happenings import happenings
from service.statements.in_force import Standing, standing
from service.statements.numbers import Spans, countings, merged, which
from service.store import tables
from service.store.engine import Database
from service.store.export_text import day_bounds
from service.store.record import PROCESSED, read_offset

LONGER = ("gtc", "gtd")
came, became = tables.journal, tables.message_outcomes


def gathered(database: Database, whose: Whose, as_of: Nanos) -> SessionDay:
    """Return what the store holds of a session and day; raise ValueError when the day is no date."""
    day_bounds(whose.trade_date)
    with database.reading() as connection:
        first, last = day_offsets(connection, whose.trade_date)
        processed = read_offset(connection, PROCESSED)
        told = _told(connection, whose, first)
        now = standing(connection, last)
        restarts = [one.offset for one in happenings(told, whose.trade_date).resets]
        runs, declared = runs_of(connection, whose, first, last), declared_of(connection, whose, first, last)
        floor = floor_of(connection, whose, first, runs)
        apart = _counted_apart(now, whose.counterparty)
        orders = _orders(connection, whose)
        return SessionDay(
            whose=whose,
            as_of=as_of,
            upto=processed,
            hours=_hours(now, whose.trade_date),
            messages=_messages(connection, whose, first, last, processed),
            runs=runs,
            declared=declared,
            floor=floor,
            scoped=apart is not None and apart.number == "34",
            segment_runs=() if apart is None else segment_runs_of(connection, whose, first, last, apart),
            mended=mended_of(connection, whose, _wanted(told, whose, countings(runs, declared, restarts, floor))),
            told=told,
            unread=_unread(connection, whose, first, last, restarts),
            refused_seen=_refused_seen(connection, whose, first, last, told),
            orders=orders,
            copy=copy_of(connection, whose.counterparty, whose.trade_date),
            own=own_orders(connection, whose, now, orders, first),
        )


def _counted_apart(now: Standing, counterparty: str) -> SequenceHabits | None:
    """Return how the counterparty counts by segment, None when it does not."""
    dialect = now.dialects.get(counterparty)
    habits = None if dialect is None else dialect.sequence
    return habits if habits is not None and (habits.scope or habits.number != "34") else None


def _hours(now: Standing, day: str) -> Hours | None:
    hours = now.calendar.hours(day)
    if hours is None:
        return None
    return Hours(opens=hours[0], closes=hours[1], round_the_clock=now.calendar.kind == "always")


def _messages(connection: Connection, whose: Whose, first: int, last: int, processed: int) -> Messages:
    filed = or_(
        became.c.trade_date == whose.trade_date,
        and_(became.c.trade_date.is_(None), came.c.offset.between(first, last)),
    )
    wanted = or_(from_the_line(whose, first, last), and_(from_a_file(whose), came.c.offset >= first, filed))
    waiting = came.c.offset > processed
    counted = (
        select(came.c.kind, became.c.outcome, waiting.label("waiting"), func.count())
        .join_from(came, became, became.c.offset == came.c.offset, isouter=True)
        .where(wanted, came.c.offset >= first)
        .group_by(came.c.kind, became.c.outcome, waiting)
    )
    totals: dict[str, int] = {}
    outcomes: dict[str, int] = {}
    behind = 0
    for kind, outcome, waits, number in connection.execute(counted):
        totals[kind] = totals.get(kind, 0) + number
        if outcome is not None:
            outcomes[outcome] = outcomes.get(outcome, 0) + number
        behind += number if waits else 0
    return Messages(
        journalled=totals.get(RecordKind.MESSAGE.value, 0),
        backfilled=totals.get(RecordKind.BACKFILL.value, 0),
        waiting=behind,
        outcomes=outcomes,
    )


def _told(connection: Connection, whose: Whose, first: int) -> tuple[Told, ...]:
    events = tables.feed_events
    wanted = (
        select(*(events.c[name] for name in ("kind", "subject", "at", "offset", "trade_date", "detail")))
        .where(events.c.offset >= first, events.c.counterparty == whose.counterparty, events.c.session == whose.session)
        .order_by(events.c.offset, events.c.part)
    )
    return tuple(
        Told(
            kind=row.kind,
            subject=row.subject,
            at=row.at,
            offset=row.offset,
            trade_date=row.trade_date,
            detail=msgspec.json.decode(row.detail),
        )
        for row in connection.execute(wanted)
    )


def _wanted(told: tuple[Told, ...], whose: Whose, counted: Iterable[object]) -> Spans:
    """Return the numbers that a file may have made good."""
    holes = [span for one in counted for span in getattr(one, "holes", ())]
    return merged([*holes, *(gap.span for gap in happenings(told, whose.trade_date).gaps if gap.closed_at is None)])


def _unread(connection: Connection, whose: Whose, first: int, last: int, restarts: list[int]) -> tuple[Unread, ...]:
    wanted = (
        select(came.c.offset, became.c.sequence, became.c.reason)
        .join_from(came, became, became.c.offset == came.c.offset)
        .where(from_the_line(whose, first, last), became.c.outcome == "undecodable")
        .order_by(came.c.offset)
    )
    rows = connection.execute(wanted).all()
    numbers = sorted({row.sequence for row in rows if row.sequence is not None})
    read = {(which(restarts, offset), number) for offset, number in seen_of(connection, whose, first, last, numbers)}
    filed = mended_of(connection, whose, merged((number, number) for number in numbers))
    return tuple(
        Unread(
            offset=row.offset,
            sequence=row.sequence,
            reason=row.reason or "",
            mended=row.sequence is not None
            and ((which(restarts, row.offset), row.sequence) in read or _among(row.sequence, filed)),
        )
        for row in rows
    )


def _refused_seen(
    connection: Connection, whose: Whose, first: int, last: int, told: tuple[Told, ...]
) -> tuple[int, ...]:
    rejects = happenings(told, whose.trade_date).rejects
    named = {one.detail.get("refused_sequence") for one in rejects}
    numbers = sorted(number for number in named if isinstance(number, int))
    return tuple(sorted({number for _, number in seen_of(connection, whose, first, last, numbers)}))


def _among(number: int, spans: Spans) -> bool:
    index = bisect_left(spans, (number + 1,)) - 1
    return index >= 0 and spans[index][0] <= number <= spans[index][1]


def _orders(connection: Connection, whose: Whose) -> Orders:
    ended, events = tables.order_outcomes, tables.order_events
    mine = (ended.c.trade_date == whose.trade_date, ended.c.counterparty == whose.counterparty)
    count = select(func.count(), func.count().filter(ended.c.synthesised)).where(
        *mine, ended.c.session == whose.session
    )
    total, synthesised = connection.execute(count).one()
    over = select(ended.c.order_key).where(*mine, ended.c.order_key == events.c.order_key).exists()
    standing_orders = (
        select(events.c.order_key, func.max(events.c.time_in_force).label("time_in_force"))
        .where(
            events.c.trade_date == whose.trade_date,
            events.c.counterparty == whose.counterparty,
            events.c.session == whose.session,
            ~over,
        )
        .group_by(events.c.order_key)
        .order_by(events.c.order_key)
    )
    rows = connection.execute(standing_orders).all()
    return Orders(
        ended=total,
        synthesised=synthesised,
        open_day=tuple(row.order_key for row in rows if row.time_in_force not in LONGER),
        open_longer=tuple(row.order_key for row in rows if row.time_in_force in LONGER),
    )
