"""Reads in pages, by the number of the last entry that was read: bounded, and nothing is read twice or left out."""

from __future__ import annotations

import msgspec
from sqlalchemy import func, select

from rules.facts import Nanos
from rules.finding import Finding
from service.access.trail import Deed, Entry
from service.cases.case import Case, CaseEvent
from service.cases.clocks import as_of
from service.cases.rules import Rules
from service.incidents import Incident
from service.store.case_rows import case_of, event_of
from service.store.engine import Database
from service.store.incidents import incident_of
from service.store.tables import access_log, case_events, case_findings, cases, findings, incidents


def events_after(database: Database, case_id: int, n: int, most: int) -> list[CaseEvent]:
    """Return the links of one exception's history behind a link, oldest first."""
    kept = case_events.c
    wanted = select(case_events).where(kept.case_id == case_id, kept.n > n).order_by(kept.n).limit(most)
    with database.reading() as connection:
        return [event_of(row) for row in connection.execute(wanted)]


def findings_before(database: Database, case_id: int, seq: int, most: int) -> list[tuple[int, Finding]]:
    """Return findings of one exception with their numbers, the newest first."""
    mine = case_findings.c
    wanted = (
        select(findings.c.seq, findings.c.body)
        .join(case_findings, mine.seq == findings.c.seq)
        .where(mine.case_id == case_id, mine.seq < seq)
        .order_by(mine.seq.desc())
    )
    with database.reading() as connection:
        rows = connection.execute(wanted.limit(most)).all()
    return [(row.seq, msgspec.json.decode(row.body, type=Finding)) for row in rows]


def incidents_upto(database: Database, number: int, most: int) -> list[tuple[Incident, int]]:
    """Return incidents up to a number with how many exceptions are linked to each, the newest first."""
    kept = incidents.c
    linked = select(func.count()).where(cases.c.incident_id == kept.incident_id).scalar_subquery()
    wanted = select(incidents, linked.label("linked")).where(kept.incident_id <= number)
    with database.reading() as connection:
        rows = connection.execute(wanted.order_by(kept.incident_id.desc()).limit(most)).all()
    return [(incident_of(row), row.linked) for row in rows]


def cases_of_incident(database: Database, rules: Rules, number: int, after: int, most: int, now: Nanos) -> list[Case]:
    """Return exceptions that are linked to an incident, in their order, as they stand at an instant."""
    kept = cases.c
    wanted = select(cases).where(kept.incident_id == number, kept.case_id > after).order_by(kept.case_id).limit(most)
    with database.reading() as connection:
        return [as_of(case_of(row), rules, now) for row in connection.execute(wanted)]


def entries_before(database: Database, seq: int, most: int) -> list[Entry]:
    """Return entries of the access log, the newest first."""
    wanted = select(access_log).where(access_log.c.seq < seq).order_by(access_log.c.seq.desc()).limit(most)
    with database.reading() as connection:
        return [Entry(**row._asdict() | {"deed": Deed(row.deed)}) for row in connection.execute(wanted)]
