"""Second looks on their way into cases: read along their own offset, never before their finding is in its case."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from sqlalchemy import Connection, select

from rules.facts import Nanos
from rules.finding import Finding
from rules.reassessment import Looked, Reassessment
from service.cases.case import Acted
from service.cases.gathering import reassess
from service.cases.rules import Rules
from service.store.case_rows import case_of
from service.store.read_back import reassessment_of
from service.store.record import read_offset, write_offset
from service.store.tables import case_findings, cases, findings, reassessments

SECOND_LOOKS = "second_looks"
"""The name of the offset: the last number of `reassessments` that is in a case."""

Looks = dict[int, list[Looked]]
"""By case: the second looks at its findings."""


def next_looks(connection: Connection, most: int) -> tuple[int, Looks]:
    """Return how many second looks come next, by case, and move their offset past them."""
    after = read_offset(connection, SECOND_LOOKS)
    statement = (
        select(reassessments, findings.c.body.label("first"), findings.c.seq.label("found"), case_findings.c.case_id)
        .join_from(reassessments, findings, findings.c.finding_id == reassessments.c.finding_id, isouter=True)
        .join(case_findings, case_findings.c.seq == findings.c.seq, isouter=True)
        .where(reassessments.c.seq > after)
        .order_by(reassessments.c.seq)
        .limit(most)
    )
    taken, looks = 0, Looks()
    for row in connection.execute(statement):
        if row.case_id is None and row.found is not None:
            break  # its finding is not in a case yet
        taken, after = taken + 1, row.seq
        if row.case_id is not None:
            first = msgspec.json.decode(row.first, type=Finding)
            looked = Looked(first, _earlier(connection, first.finding_id, row.seq), reassessment_of(row))
            looks.setdefault(row.case_id, []).append(looked)
    if taken:
        write_offset(connection, SECOND_LOOKS, after)
    return taken, looks


def reassessed(connection: Connection, looks: Looks, now: Nanos, rules: Rules) -> Iterator[Acted]:
    """Yield what the second looks do to each case; the case is read inside the write transaction."""
    for case_id, its_own in looks.items():
        row = connection.execute(select(cases).where(cases.c.case_id == case_id).with_for_update()).one()
        yield reassess(case_of(row), its_own, now, rules)


def _earlier(connection: Connection, finding_id: str, before: int) -> tuple[Reassessment, ...]:
    """Return the looks that were taken at a finding before this one; most findings have none."""
    at = reassessments.c
    wanted = select(reassessments).where(at.finding_id == finding_id, at.seq < before).order_by(at.seq)
    return tuple(reassessment_of(row) for row in connection.execute(wanted))
