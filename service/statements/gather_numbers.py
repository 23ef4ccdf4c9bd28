"""Reads the sequence numbers of one session and day: runs, what was declared empty, what a file made good.

The database goes over the messages of a day once and gives back only the places where a run ends.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, or_, select

from service.fix.decode import segment_of
from service.fix.habits import SequenceHabits
from service.fix.message import Message, split
from service.journal import RecordKind
from service.statements.day import Whose
from service.statements.numbers import Declared, Run, SegmentRun, Spans, merged
from service.store import tables
from service.store.export_text import sending_day

BEFORE = 50_000
"""So many messages before the day are asked how far the counting had come."""
CHUNK = 500
PAGE = 2_000
RESET = b"\x0135=4\x01"
came, became = tables.journal, tables.message_outcomes


def runs_of(connection: Connection, whose: Whose, first: int, last: int) -> tuple[Run, ...]:
    """Return the runs of the day: the database gives only the places where one ends and the next begins."""
    number, order = became.c.sequence, came.c.offset
    counted = (
        select(
            came.c.offset,
            came.c.epoch,
            number,
            func.lag(number).over(order_by=order).label("before"),
            func.lag(came.c.epoch).over(order_by=order).label("epoch_before"),
        )
        .join_from(came, became, became.c.offset == came.c.offset)
        .where(from_the_line(whose, first, last), number.is_not(None))
    )
    rows = counted.subquery()
    breaks = or_(rows.c.before.is_(None), rows.c.sequence - 1 != rows.c.before, rows.c.epoch != rows.c.epoch_before)
    starts = connection.execute(select(rows).where(breaks).order_by(rows.c.offset)).all()
    end = connection.execute(
        select(number)
        .join_from(came, became, became.c.offset == came.c.offset)
        .where(from_the_line(whose, first, last), number.is_not(None))
        .order_by(came.c.offset.desc())
        .limit(1)
    ).scalar_one_or_none()
    ends = [row.before for row in starts[1:]] + [end]
    return tuple(
        Run(offset=row.offset, epoch=row.epoch, first=row.sequence, last=last_number)
        for row, last_number in zip(starts, ends, strict=False)
    )


def segment_runs_of(
    connection: Connection, whose: Whose, first: int, last: int, habits: SequenceHabits
) -> tuple[SegmentRun, ...]:
    """Return the runs of each segment: their numbers stand in the messages alone, so every one is read."""
    wanted = (
        select(came.c.offset, came.c.epoch, came.c.body)
        .join_from(came, became, became.c.offset == came.c.offset)
        .where(from_the_line(whose, first, last), became.c.outcome.not_in(("admin", "undecodable")))
        .order_by(came.c.offset)
    )
    found: list[SegmentRun] = []
    growing: dict[str, SegmentRun] = {}
    for offset, epoch, body in connection.execution_options(yield_per=PAGE).execute(wanted):
        place = segment_of(body, habits)
        if place is None:
            continue
        segment, number = place
        run = growing.get(segment)
        if run is not None and run.epoch == epoch and run.last + 1 == number:
            growing[segment] = msgspec.structs.replace(run, last=number)
            continue
        if run is not None:
            found.append(run)
        growing[segment] = SegmentRun(offset=offset, epoch=epoch, segment=segment, first=number, last=number)
    return (*found, *growing.values())


def declared_of(connection: Connection, whose: Whose, first: int, last: int) -> tuple[Declared, ...]:
    """Return what SequenceResets declared; among the admin messages of a day they are few."""
    admin = (
        select(came.c.offset, came.c.body)
        .join_from(came, became, became.c.offset == came.c.offset)
        .where(from_the_line(whose, first, last), became.c.outcome == "admin")
        .order_by(came.c.offset)
    )
    found = []
    for offset, body in connection.execute(admin):
        message = split(body) if RESET in body else None
        if isinstance(message, Message):
            number, new = message.fields.get("34", ""), message.fields.get("36", "")
            if number.isdecimal() and new.isdecimal() and int(new) > int(number):
                filling = message.fields.get("123") == "Y"
                found.append(Declared(offset=offset, first=int(number), last=int(new) - 1, gap_fill=filling))
    return tuple(found)


def floor_of(connection: Connection, whose: Whose, first: int, runs: tuple[Run, ...]) -> int:
    """Return how far the counting had come before the day, where it goes on in the same epoch."""
    if not runs:
        return 0
    before = (
        select(became.c.sequence, came.c.epoch)
        .join_from(came, became, became.c.offset == came.c.offset)
        .where(from_the_line(whose, 0, first - 1), became.c.sequence.is_not(None))
        .order_by(came.c.offset.desc())
        .limit(BEFORE)
        .subquery()
    )
    highest = select(func.max(before.c.sequence)).where(before.c.epoch == runs[0].epoch)
    found = connection.execute(highest).scalar_one()
    # of what came before there is no trace: whether the first numbers are missing is the feed's to say
    return int(runs[0].first - 1 if found is None else found)


def mended_of(connection: Connection, whose: Whose, wanted: Spans) -> Spans:
    """Return which of these numbers came from a file, in messages of this day."""
    if not wanted:
        return ()
    number = became.c.sequence
    filed = (
        select(number, became.c.trade_date, came.c.body)
        .join_from(came, became, became.c.offset == came.c.offset)
        .where(from_a_file(whose), number.between(wanted[0][0], wanted[-1][1]), became.c.outcome != "undecodable")
    )
    return merged(
        (sequence, sequence)
        for sequence, day, body in connection.execute(filed)
        if (day or sending_day(body)) == whose.trade_date
    )


def seen_of(
    connection: Connection, whose: Whose, first: int, last: int, numbers: list[int]
) -> Iterable[tuple[int, int]]:
    """Return (offset, number) of the day's readable messages that have one of these numbers."""
    for at in range(0, len(numbers), CHUNK):
        wanted = (
            select(came.c.offset, became.c.sequence)
            .join_from(came, became, became.c.offset == came.c.offset)
            .where(
                from_the_line(whose, first, last),
                became.c.outcome != "undecodable",
                became.c.sequence.in_(numbers[at : at + CHUNK]),
            )
        )
        yield from ((row.offset, row.sequence) for row in connection.execute(wanted))


def from_the_line(whose: Whose, first: int, last: int) -> ColumnElement[bool]:
    """Return what picks the messages of a session that came by the line between two offsets."""
    return and_(
        came.c.offset.between(first, last),
        came.c.counterparty == whose.counterparty,
        came.c.session == whose.session,
        came.c.kind == RecordKind.MESSAGE.value,
    )


def from_a_file(whose: Whose) -> ColumnElement[bool]:
    """Return what picks the messages of a session that came from a file, whenever they were read."""
    return and_(
        # said in the statement's own text: only then is the index of back-filled records used
        came.c.kind == bindparam(None, RecordKind.BACKFILL.value, literal_execute=True),
        came.c.counterparty == whose.counterparty,
        came.c.session == whose.session,
    )
