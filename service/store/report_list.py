"""What the report of a day reads: its exceptions by index of the trade date, counted whole and listed bounded."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select

from rules.facts import Nanos
from service.cases.case import Case
from service.cases.states import PERSONAL, Action
from service.incidents import Kind, Outline, Trouble
from service.report.facts import Did, Group, Looks, Put, Shelved, VenueChange
from service.statements.gather_days import day_offsets
from service.store import tables
from service.store.case_rows import case_of
from service.store.export_text import day_bounds
from service.store.shelvings import shelving_of
from service.versions import version_of

MOST_CASES = 20_000
"""So many exceptions of a day are looked at one by one; all of them are counted."""
MOST_CHANGES = 200
ACTS = [action.value for action in (*PERSONAL, Action.ESCALATE_OVERDUE)]
cases = tables.cases


def groups_of(connection: Connection, day: str) -> tuple[Group, ...]:
    """Count every exception of a day by what they have in common."""
    each = [cases.c[name] for name in ("severity", "rule", "venue", "counterparty", "state")]
    sums = [func.sum(cases.c[name]).label(name) for name in ("finding_count", "withdrawn_count", "dollar_harm")]
    wanted = select(*each, func.count().label("cases"), *sums).where(cases.c.trade_date == day).group_by(*each)
    return tuple(_group(row) for row in connection.execute(wanted))


def _group(row: Any) -> Group:
    return Group(
        severity=row.severity,
        rule=row.rule,
        venue=row.venue or "",
        counterparty=row.counterparty,
        state=row.state,
        cases=row.cases,
        findings=int(row.finding_count),
        withdrawn=int(row.withdrawn_count),
        harm=None if row.dollar_harm is None else int(row.dollar_harm),
    )


def cases_of(connection: Connection, day: str) -> tuple[tuple[Case, ...], bool]:
    """Return the first exceptions of a day by number as they are written, and whether there are more."""
    wanted = select(cases).where(cases.c.trade_date == day).order_by(cases.c.case_id).limit(MOST_CASES + 1)
    rows = connection.execute(wanted).all()
    return tuple(case_of(row) for row in rows[:MOST_CASES]), len(rows) > MOST_CASES


def did_of(connection: Connection, day: str, last: int) -> tuple[Did, ...]:
    """Return what people and the clock that escalates did to the day's exceptions up to this number."""
    events = tables.case_events
    each = [events.c[name] for name in ("case_id", "n", "at", "actor", "kind")]
    wanted = (
        select(*each)
        .join_from(cases, events, events.c.case_id == cases.c.case_id)
        .where(cases.c.trade_date == day, cases.c.case_id <= last, events.c.kind.in_(ACTS))
        .order_by(events.c.case_id, events.c.n)
    )
    return tuple(
        Did(case_id=case_id, n=n, at=Nanos(at), actor=actor, action=Action(kind))
        for case_id, n, at, actor, kind in connection.execute(wanted)
    )


def looks_of(connection: Connection, day: str) -> tuple[Looks, ...]:
    """Count the second looks at the day's findings by what they came to."""
    looked = tables.reassessments.c
    wanted = select(looked.verdict, func.count()).where(looked.trade_date == day).group_by(looked.verdict)
    return tuple(Looks(verdict=verdict, looks=n) for verdict, n in connection.execute(wanted.order_by(looked.verdict)))


def shelved_of(connection: Connection, day: str) -> tuple[Shelved, ...]:
    """Return the shelvings that were in force at any time of the day, each with what it hid of the day."""
    first, after = day_bounds(day)
    kept = tables.shelvings
    begun = kept.c.begins_at < after, kept.c.until > first, kept.c.ended_at.is_(None) | (kept.c.ended_at > first)
    hid = (
        select(func.count())
        .where(cases.c.shelving_id == kept.c.shelving_id, cases.c.trade_date == day)
        .scalar_subquery()
    )
    wanted = select(kept, hid.label("hid")).where(*begun).order_by(kept.c.shelving_id).limit(MOST_CHANGES)
    return tuple(Shelved(shelving=shelving_of(row), hid=row.hid) for row in connection.execute(wanted))


def incidents_of(connection: Connection, day: str) -> tuple[Outline, ...]:
    """Return the day's incidents, each with how many exceptions are linked to it."""
    kept = tables.incidents.c
    each = (kept.incident_id, kept.kind, kept.subject, kept.trade_date)
    wanted = (
        select(*each, func.count())
        .join_from(tables.incidents, cases, cases.c.incident_id == kept.incident_id)
        .where(kept.trade_date == day, kept.incident_id.is_not(None))
        .group_by(*each)
        .order_by(kept.incident_id)
        .limit(MOST_CHANGES)
    )
    rows = connection.execute(wanted).all()
    return tuple(Outline(number, Trouble(Kind(kind), *about), count) for number, kind, *about, count in rows)


def versions_of(connection: Connection, day: str) -> tuple[Put, ...]:
    """Return the versions that came into force on the day, as the journal has them."""
    first, last = day_offsets(connection, day)
    put, came = tables.versions, tables.journal
    wanted = (
        select(put.c.kind, put.c.name, put.c.hash, put.c.activated_at, came.c.body)
        .join_from(put, came, came.c.offset == put.c.offset)
        .where(put.c.offset.between(first, last))
        .order_by(put.c.offset)
        .limit(MOST_CHANGES)
    )
    return tuple(_put(row) for row in connection.execute(wanted))


def _put(row: Any) -> Put:
    version = version_of(row.body)
    return Put(
        kind=row.kind,
        name=row.name,
        hash=row.hash,
        at=row.activated_at,
        by=version.actor or version.proposer,
        approver=version.approver,
        why=version.why,
    )


def venues_of(connection: Connection, day: str) -> tuple[VenueChange, ...]:
    """Return the venues whose standing in a register changed on the day."""
    first, last = day_offsets(connection, day)
    changed = tables.register_changes
    wanted = select(changed).where(changed.c.offset.between(first, last))
    rows = connection.execute(wanted.order_by(changed.c.offset, changed.c.part).limit(MOST_CHANGES))
    return tuple(
        VenueChange(
            counterparty=row.counterparty,
            venue=row.venue,
            change=row.change,
            proposer=row.proposer,
            approver=row.approver,
            why=row.why,
        )
        for row in rows
    )
