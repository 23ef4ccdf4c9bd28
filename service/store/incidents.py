"""Incidents in the store: read as far as some findings may touch them, put away, and the cases to be linked.

Everything decided is decided by service/incidents.py.
"""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Row, and_, bindparam, func, insert, literal_column, or_, select, tuple_, update

from rules.facts import Nanos
from service.cases.case import Case
from service.grouping import Held
from service.incidents import Book, Incident, Kind, Trouble, trouble_of
from service.store.case_rows import case_of
from service.store.tables import cases, incidents

Placed = list[tuple[int, Held]]
"""Findings with the numbers of their cases."""


def note_incidents(connection: Connection, placed: Placed, now: Nanos) -> None:
    """Let findings that were gathered begin and continue incidents, in the order of commitment."""
    if not placed:
        return
    book = _book(connection, placed)
    for case_id, held in sorted(placed, key=lambda one: one[1].seq):
        book.take(case_id, held.finding, held.terms.incident_span)
    arrived = set(book.moved.values())
    for incident in book.changed.values():
        _put(connection, incident, now, arrived=incident.seq in arrived)
    if book.moved:
        moving = update(cases).where(cases.c.case_id == bindparam("moved")).values(incident_seq=bindparam("seq"))
        connection.execute(moving, [{"moved": case_id, "seq": seq} for case_id, seq in book.moved.items()])


def to_link(connection: Connection, most: int) -> list[tuple[Case, Incident]]:
    """Return cases that are part of an incident and not linked to it yet, at most so many."""
    found: list[tuple[Case, Incident]] = []
    waiting = select(incidents).where(literal_column("linking")).order_by(incidents.c.seq)  # as its index says it
    for row in connection.execute(waiting).all():
        left = most - len(found)
        its_own = select(cases).where(cases.c.incident_seq == row.seq, cases.c.incident_id.is_(None))
        rows = connection.execute(its_own.order_by(cases.c.case_id).limit(left).with_for_update()).all()
        found += [(case_of(one), incident_of(row)) for one in rows]
        if len(rows) == left:
            return found
        connection.execute(update(incidents).where(incidents.c.seq == row.seq).values(linking=False))
    return found


def incident_of(row: Row[Any]) -> Incident:
    """Return the incident that a row of the table holds."""
    return Incident(
        seq=row.seq,
        trouble=Trouble(Kind(row.kind), row.subject, row.trade_date),
        first_at=row.first_at,
        last_at=row.last_at,
        rules=msgspec.json.decode(row.rules, type=tuple[str, ...]),
        symbols=msgspec.json.decode(row.symbols, type=tuple[str, ...]),
        number=row.incident_id,
    )


def _book(connection: Connection, placed: Placed) -> Book:
    """Return the book with all that these findings may touch."""
    which = {case_id for case_id, _ in placed}
    belongs = select(cases.c.case_id, cases.c.incident_seq).where(
        cases.c.case_id.in_(which), cases.c.incident_seq.is_not(None)
    )
    where = {row.case_id: int(row.incident_seq) for row in connection.execute(belongs)}
    known = _known(connection, placed, set(where.values()))
    last = [
        connection.execute(select(func.max(each))).scalar() or 0 for each in (incidents.c.seq, incidents.c.incident_id)
    ]
    return Book(known, where, last_seq=last[0], last_number=last[1])


def _known(connection: Connection, placed: Placed, seqs: set[int]) -> list[Incident]:
    told = [(trouble_of(held.finding), held.finding.at, held.terms.incident_span) for _, held in placed]
    reach = [(trouble, at - span, at + span) for trouble, at, span in told if trouble is not None]
    if not reach:
        return []
    rows = incidents.c
    troubles = {(trouble.trade_date, trouble.kind.value, trouble.subject) for trouble, _, _ in reach}
    near = and_(
        tuple_(rows.trade_date, rows.kind, rows.subject).in_(sorted(troubles)),
        rows.last_at >= min(first for _, first, _ in reach),
        rows.first_at <= max(last for _, _, last in reach),
    )
    return [incident_of(row) for row in connection.execute(select(incidents).where(or_(near, rows.seq.in_(seqs))))]


def _put(connection: Connection, incident: Incident, now: Nanos, *, arrived: bool) -> None:
    """Keep an incident; when it got its number just now, or cases came to it since, they are to be linked."""
    kept = select(incidents.c.incident_id).where(incidents.c.seq == incident.seq)
    row = connection.execute(kept).one_or_none()
    opened = incident.number is not None and (row is None or row.incident_id is None)
    values: dict[str, Any] = {
        "incident_id": incident.number,
        "first_at": incident.first_at,
        "last_at": incident.last_at,
        "rules": msgspec.json.encode(incident.rules).decode(),
        "symbols": msgspec.json.encode(incident.symbols).decode(),
        **({"opened_at": now} if opened else {}),
        **({"linking": True} if opened or (arrived and incident.number is not None) else {}),
    }
    if row is None:
        trouble = incident.trouble
        whose = {"kind": trouble.kind.value, "subject": trouble.subject, "trade_date": trouble.trade_date}
        connection.execute(insert(incidents).values(seq=incident.seq, **{**whose, "linking": False, **values}))
    else:
        connection.execute(update(incidents).where(incidents.c.seq == incident.seq).values(**values))
