"""One exception with everything behind it, for a bundle of evidence: bounded reads, and what the bounds left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from sqlalchemy import Connection, func, literal_column, select

from rules.finding import Finding
from rules.reassessment import Reassessment
from service.audit.bundle.evidence import Evidence, Held
from service.cases.case import CaseEvent
from service.journal import Record, RecordKind
from service.store.case_rows import case_of, event_of
from service.store.engine import Database
from service.store.journal import record_of
from service.store.order_life import SqlOrderLife
from service.store.quote_evidence import SqlQuoteEvidence
from service.store.read_back import reassessment_of
from service.store.tables import case_events, case_findings, cases, findings, journal, reassessments, versions
from service.versions import Version, VersionKind, version_of

MOST_FINDINGS = 500
"""The newest findings that are read, and `MOST_QUOTED` of them with their quotes."""
MOST_QUOTED = 100
MOST_MESSAGES = 500
Looks = dict[str, tuple[Reassessment, ...]]


def case_evidence(database: Database, case_id: int) -> Evidence | None:
    """Return an exception with its evidence, None when there is none of that number.

    The case is as it is written, with the head of its chain; what clocks have done since and nobody wrote is not in it.
    """
    with database.reading() as connection:
        row = connection.execute(select(cases).where(cases.c.case_id == case_id)).one_or_none()
        if row is None:
            return None
        history = _history(connection, case_id)
        found, of_all = _findings(connection, case_id)
        looks = _looks(connection, found)
        offsets = list(dict.fromkeys(offset for one in found for offset in (one.offset, *one.related)))
        records = _records(connection, offsets[:MOST_MESSAGES])
        since, rulebook = _rulebook(connection, found[0].offset) if found else (0, None)
    quotes = SqlQuoteEvidence(database).of([one.finding_id for one in found[:MOST_QUOTED]])
    return Evidence(
        case=case_of(row),
        history=history,
        held=tuple(
            Held(finding=one, looks=looks.get(one.finding_id, ()), quotes=quotes.get(one.finding_id)) for one in found
        ),
        records=records,
        left_out=tuple(_left_out(of_all, len(found), len(offsets))),
        rulebook=rulebook,
        rulebook_since=since,
        family=SqlOrderLife(database).of(found[0]) if found else None,
    )


def _history(connection: Connection, case_id: int) -> tuple[CaseEvent, ...]:
    wanted = select(case_events).where(case_events.c.case_id == case_id).order_by(case_events.c.n)
    return tuple(event_of(row) for row in connection.execute(wanted))


def _findings(connection: Connection, case_id: int) -> tuple[list[Finding], int]:
    """Return the newest findings of a case, newest first, and how many it has in all."""
    mine = case_findings.c.case_id == case_id
    wanted = select(findings.c.body).join(case_findings, case_findings.c.seq == findings.c.seq).where(mine)
    rows = connection.execute(wanted.order_by(case_findings.c.seq.desc()).limit(MOST_FINDINGS))
    found = [msgspec.json.decode(body, type=Finding) for (body,) in rows]
    every = connection.execute(select(func.count()).select_from(case_findings).where(mine)).scalar_one()
    return found, every


def _looks(connection: Connection, found: Sequence[Finding]) -> Looks:
    its = reassessments.c
    wanted = select(reassessments).where(its.finding_id.in_([one.finding_id for one in found])).order_by(its.seq)
    looks = Looks()
    for row in connection.execute(wanted):
        looks[row.finding_id] = (*looks.get(row.finding_id, ()), reassessment_of(row))
    return looks


def _records(connection: Connection, offsets: Sequence[int]) -> tuple[Record, ...]:
    """Return the records of these offsets, and of each that came from a file the record that says which and why."""
    found = {record.offset: record for record in _read(connection, offsets)}
    filed = [record.offset for record in found.values() if record.kind is RecordKind.BACKFILL]
    notes = {note for offset in filed if (note := _note_of(connection, offset)) is not None}
    every = found | {record.offset: record for record in _read(connection, sorted(notes))}
    return tuple(every[offset] for offset in sorted(every))


def _read(connection: Connection, offsets: Sequence[int]) -> Iterator[Record]:
    for row in connection.execute(select(journal).where(journal.c.offset.in_(offsets))):
        yield record_of(row)


def _note_of(connection: Connection, offset: int) -> int | None:
    # spelt out, not bound: only so can the database see that its index of files covers the question
    of_a_file = journal.c.kind == literal_column("'file'")
    wanted = select(func.max(journal.c.offset)).where(of_a_file, journal.c.offset < offset)
    found: int | None = connection.execute(wanted).scalar_one()
    return found


def _rulebook(connection: Connection, before: int) -> tuple[int, Version | None]:
    """Return the rulebook that was in force at a record, and since which."""
    of_the_book = versions.c.kind == VersionKind.RULEBOOK.value
    newest = select(func.max(versions.c.offset)).where(of_the_book, versions.c.offset < before)
    since = connection.execute(newest).scalar_one()
    if since is None:
        return 0, None
    body = connection.execute(select(journal.c.body).where(journal.c.offset == since)).scalar_one_or_none()
    return since, None if body is None else version_of(body)


def _left_out(of_all: int, found: int, offsets: int) -> Iterator[str]:
    if of_all > found:
        yield f"{of_all - found:,} of {of_all:,} findings, the older ones"
    if found > MOST_QUOTED:
        yield f"the quotes around {found - MOST_QUOTED:,} of the {found:,} findings in it, the older ones"
    if offsets > MOST_MESSAGES:
        yield f"{offsets - MOST_MESSAGES:,} of {offsets:,} messages behind the findings in it, those of the older ones"
