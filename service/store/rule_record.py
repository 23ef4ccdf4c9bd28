"""What came of each rule lately, and what is open of it: for whoever reads the rule's card. Bounded and indexed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, func, select

from service.cases.case import Case
from service.cases.states import State
from service.rule_counts import RuleRecord
from service.store.case_conditions import bare
from service.store.case_rows import case_of
from service.store.case_search import OPEN
from service.store.engine import Database
from service.store.tables import case_findings, cases, executions, findings
from service.store.verdicts import ClosedAs

MOST_OPEN = 20
MOST_DAYS = 20


def rule_records(database: Database, since: str) -> dict[str, RuleRecord]:
    """Return by rule what came of it since a trade date; rules of which there is nothing are left out."""
    count, found = func.count().label("exceptions"), func.sum(cases.c.finding_count).label("findings")
    lately = select(cases.c.rule, cases.c.state, cases.c.counts_as, count, found).where(cases.c.trade_date >= since)
    still = select(cases.c.rule, count).where(OPEN).group_by(cases.c.rule)
    with database.reading() as connection:
        rows = connection.execute(lately.group_by(cases.c.rule, cases.c.state, cases.c.counts_as)).all()
        waiting = {row.rule: int(row.exceptions) for row in connection.execute(still)}
    return {rule: _record(rule, rows, waiting.get(rule, 0)) for rule in {*waiting, *(row.rule for row in rows)}}


def _record(rule: str, rows: Iterable[Row[Any]], waiting: int) -> RuleRecord:
    mine = [row for row in rows if row.rule == rule]
    closed = dict.fromkeys(ClosedAs, 0)
    for row in mine:
        if row.state == State.CLOSED.value and row.counts_as is not None:
            closed[ClosedAs(row.counts_as)] += int(row.exceptions)
    return RuleRecord(
        findings=sum(int(row.findings) for row in mine),
        exceptions=sum(int(row.exceptions) for row in mine),
        true=closed[ClosedAs.TRUE],
        false=closed[ClosedAs.FALSE],
        not_decided=closed[ClosedAs.NOT_DECIDED],
        open=waiting,
    )


def open_of(database: Database, rule: str) -> list[Case]:
    """Return the open exceptions of a rule, the gravest first; at most so many."""
    wanted = select(cases).where(OPEN, bare(cases.c.rule) == rule)
    with database.reading() as connection:
        rows = connection.execute(
            wanted.order_by(cases.c.gravity.desc(), cases.c.last_at.desc()).limit(MOST_OPEN)
        ).all()
    return [case_of(row) for row in rows]


def exceptions_of(database: Database, finding_ids: Iterable[str]) -> dict[str, int]:
    """Return by finding id the number of the exception that holds it, where one does."""
    wanted = (
        select(findings.c.finding_id, case_findings.c.case_id)
        .join_from(findings, case_findings, case_findings.c.seq == findings.c.seq)
        .where(findings.c.finding_id.in_(list(finding_ids)))
    )
    with database.reading() as connection:
        return {row.finding_id: int(row.case_id) for row in connection.execute(wanted)}


def stored_days(database: Database, most: int = MOST_DAYS) -> list[str]:
    """Return the newest trade dates with executions or findings, newest first, each by a step of an index."""
    days: list[str] = []
    with database.reading() as connection:
        while len(days) < most:
            newest = []
            for at in (executions.c.trade_date, findings.c.trade_date):
                wanted = select(func.max(at)) if not days else select(func.max(at)).where(at < days[-1])
                newest.append(connection.execute(wanted).scalar_one())
            known = [day for day in newest if day is not None]
            if not known:
                break
            days.append(max(known))
    return days
