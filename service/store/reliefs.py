"""Later events that end the condition of a case: read along the feed events, never before their findings are in cases.

The case stays for people to close; it only says that its condition is over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, or_, select

from rules.facts import FeedEventKind, Nanos
from service.cases.actor import CASEWORKER, THE_CASEWORKER
from service.cases.case import Acted
from service.cases.given import NOTHING
from service.cases.relief import OF_AN_ORDER, relieved_by, relieving
from service.cases.states import Action, State
from service.store.case_book import CHUNK, CaseBook
from service.store.record import PROCESSED, read_offset, write_offset
from service.store.tables import case_findings, cases, feed_events, findings

RELIEFS = "reliefs"
"""The name of the offset: the last journal offset whose feed events were looked at."""
FAR = 10_000
"""So many records without any such event are passed over before the offset is written again."""


def relieve(connection: Connection, book: CaseBook, now: Nanos) -> Iterator[Acted]:
    """Yield the cases of which the next relieving events say that the condition is over."""
    after, upto = read_offset(connection, RELIEFS), _upto(connection)
    rows = _next(connection, after, upto, CHUNK)
    whole = [row for row in rows if len(rows) < CHUNK or row.offset < rows[-1].offset] or rows
    reached = whole[-1].offset if len(rows) == CHUNK else upto
    if rows or reached - after > FAR:
        write_offset(connection, RELIEFS, reached)
    for case_id in sorted({case_id for row in whole for case_id in _touched(connection, row)}):
        if not _standing(connection, case_id):
            acted = book.act(connection, case_id, Action.RESOLVE, THE_CASEWORKER, NOTHING, now)
            if isinstance(acted, Acted):
                yield acted


def waiting(connection: Connection) -> bool:
    """Return whether there is anything for `relieve` to do."""
    after, upto = read_offset(connection, RELIEFS), _upto(connection)
    return upto - after > FAR or bool(_next(connection, after, upto, 1))


def _next(connection: Connection, after: int, upto: int, most: int) -> Sequence[Row[Any]]:
    events = feed_events.c
    kinds = [kind.value for kind in relieving()]
    wanted = select(feed_events).where(events.offset > after, events.offset <= upto, events.kind.in_(kinds))
    return connection.execute(wanted.order_by(events.offset, events.part).limit(most)).all()


def _upto(connection: Connection) -> int:
    """Return the offset up to which every finding is in its case."""
    waiting = select(func.min(findings.c.offset)).where(findings.c.seq > read_offset(connection, CASEWORKER))
    first = connection.execute(waiting).scalar()
    processed = read_offset(connection, PROCESSED)
    return processed if first is None else min(processed, int(first) - 1)


def _touched(connection: Connection, row: Row[Any]) -> list[int]:
    """Return the open cases with a finding that this event relieves."""
    found = findings.c
    rules = relieving()[FeedEventKind(row.kind)]
    same = [found.subject == row.subject]
    same += [] if row.kind in _ORDERS else [found.session == row.session]
    about = or_(and_(*same), found.session == row.subject)
    statement = (
        select(cases.c.case_id)
        .distinct()
        .join_from(cases, case_findings, case_findings.c.case_id == cases.c.case_id)
        .join(findings, found.seq == case_findings.c.seq)
        .where(found.rule.in_(rules), cases.c.rule.in_(rules), found.counterparty == row.counterparty)
        .where(cases.c.state != State.CLOSED.value, cases.c.resolved_at.is_(None))
        .where(found.offset < row.offset, about)
    )
    return list(connection.execute(statement).scalars())


def _standing(connection: Connection, case_id: int) -> bool:
    """Return whether the condition of any finding of a case is not over."""
    found, later = findings.c, feed_events.c
    rule = connection.execute(select(cases.c.rule).where(cases.c.case_id == case_id)).scalar_one()
    over = and_(
        later.kind.in_([kind.value for kind in relieved_by(rule)]),
        later.counterparty == found.counterparty,
        later.offset > found.offset,
        or_(and_(later.subject == found.subject, _same_session()), later.subject == found.session),
    )
    statement = (
        select(found.seq)
        .join_from(case_findings, findings, found.seq == case_findings.c.seq)
        .where(case_findings.c.case_id == case_id, ~exists().where(over))
    )
    return connection.execute(statement.limit(1)).first() is not None


def _same_session() -> ColumnElement[bool]:
    return or_(feed_events.c.session == findings.c.session, feed_events.c.kind.in_(_ORDERS))


_ORDERS = tuple(kind.value for kind in OF_AN_ORDER)
