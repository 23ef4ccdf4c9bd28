"""What the pages read: open exceptions, the findings of one, the raw messages behind them. Bounded reads only."""

from __future__ import annotations

import msgspec
from sqlalchemy import func, select

from rules.finding import Finding
from service.cases import Case, State
from service.journal import Record
from service.store.engine import Database
from service.store.journal import record_of
from service.store.queue import case_of
from service.store.tables import case_findings, cases, findings, journal

MOST_FINDINGS = 50
MOST_MESSAGES = 50


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How much is in the queue; `newest` moves whenever any case changes."""

    new: int
    acknowledged: int
    newest: int


class SqlEvidence:
    """Reads for the pages over one database; never writes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open_cases(self, limit: int = 200) -> list[Case]:
        """Return the open exceptions: unacknowledged first, gravest first, newest first."""
        with self._database.reading() as connection:
            statement = select(cases).order_by(cases.c.updated_at.desc()).limit(limit)
            found = [case_of(row) for row in connection.execute(statement)]
        return sorted(found, key=lambda c: (c.state is State.ACKNOWLEDGED, -c.severity.rank, -c.last_at))

    def counts(self) -> Counts:
        """Return how many cases stand where, and the latest change."""
        with self._database.reading() as connection:
            by_state = dict(
                connection.execute(select(cases.c.state, func.count()).group_by(cases.c.state)).tuples().all()
            )
            newest = connection.execute(select(func.max(cases.c.updated_at))).scalar_one()
        acknowledged = by_state.pop(State.ACKNOWLEDGED.value, 0)
        return Counts(new=sum(by_state.values()), acknowledged=acknowledged, newest=newest or 0)

    def findings(self, case_id: int, limit: int = MOST_FINDINGS) -> list[Finding]:
        """Return the newest findings of a case, newest first."""
        statement = (
            select(findings.c.body)
            .join(case_findings, case_findings.c.seq == findings.c.seq)
            .where(case_findings.c.case_id == case_id)
            .order_by(findings.c.seq.desc())
            .limit(limit)
        )
        with self._database.reading() as connection:
            return [msgspec.json.decode(row.body, type=Finding) for row in connection.execute(statement)]

    def messages(self, offsets: list[int]) -> list[Record]:
        """Return the journal records of these offsets, in order, at most 50."""
        statement = select(journal).where(journal.c.offset.in_(sorted(offsets)[:MOST_MESSAGES]))
        with self._database.reading() as connection:
            return [record_of(row) for row in connection.execute(statement.order_by(journal.c.offset))]
