"""As what the exceptions of findings were closed: what people made of each, for whoever measures the rules."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import Connection, case, func, select

from service.cases.states import State
from service.store.engine import Database
from service.store.tables import case_findings, cases, findings

MOST_ASKED = 500
"""So many findings are asked about in one statement."""


class ClosedAs(StrEnum):
    """What the case of a finding came to; open: people are not through with it, or it is in no case yet."""

    TRUE = "true"
    FALSE = "false"
    NOT_DECIDED = "not_decided"
    OPEN = "open"


def closed_as(connection: Connection, finding_ids: Iterable[str]) -> dict[str, ClosedAs]:
    """Return for each finding id as what its case was closed, by the meaning that the reason had at that time.

    A finding that is in no case, or not in this store, is open: nobody has said anything of it.
    """
    wanted = list(dict.fromkeys(finding_ids))
    told = dict.fromkeys(wanted, ClosedAs.OPEN)
    statement = (
        select(findings.c.finding_id, cases.c.counts_as)
        .join_from(findings, case_findings, case_findings.c.seq == findings.c.seq)
        .join(cases, cases.c.case_id == case_findings.c.case_id)
        .where(cases.c.state == State.CLOSED.value)
    )
    for first in range(0, len(wanted), MOST_ASKED):
        some = wanted[first : first + MOST_ASKED]
        for row in connection.execute(statement.where(findings.c.finding_id.in_(some))):
            told[row.finding_id] = ClosedAs(row.counts_as)
    return told


def closed_by_rule(database: Database) -> dict[str, dict[str, int]]:
    """Return by rule how many exceptions were closed as what, and how many are not closed."""
    what = case((cases.c.state == State.CLOSED.value, cases.c.counts_as), else_=ClosedAs.OPEN.value)
    counted = select(cases.c.rule, what.label("what"), func.count().label("number")).group_by(cases.c.rule, what)
    found: dict[str, dict[str, int]] = {}
    with database.reading() as connection:
        for row in connection.execute(counted.order_by(cases.c.rule)):
            found.setdefault(row.rule, {})[row.what] = row.number
    return found
