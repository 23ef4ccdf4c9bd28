"""What the pages read: the exceptions, the findings of one, the raw messages behind them. Bounded reads only."""

from __future__ import annotations

import time
from collections.abc import Iterable

import msgspec
from sqlalchemy import ColumnElement, and_, func, select

from rules.facts import Nanos
from rules.finding import Finding
from rules.reassessment import Reassessment
from service.cases.case import Case
from service.cases.rules import Rules
from service.cases.wanted import STATES, Order, Wanted
from service.incidents import Kind, Outline, Trouble
from service.journal import Record
from service.quote_evidence import FindingQuotes
from service.store.case_rows import case_of
from service.store.case_search import CaseSearch
from service.store.deliveries import SqlDeliveries
from service.store.engine import Database
from service.store.journal import record_of
from service.store.quote_evidence import SqlQuoteEvidence
from service.store.read_back import reassessment_of
from service.store.record import PROCESSED, read_offset
from service.store.tables import case_findings, cases, findings, incidents, journal, reassessments

MOST_WAITING = 200
MOST_ACKNOWLEDGED = 50
MOST_FINDINGS = 50
MOST_OTHERS = 50
MOST_MESSAGES = 50


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many exceptions stand where; `steps` grows with everything that happens to any of them.

    `acknowledged` are all that somebody has in hand.
    """

    waiting: int
    acknowledged: int
    steps: int


class Backlog(msgspec.Struct, frozen=True, kw_only=True):
    """How far the watch has come: when the newest record was received, and how many are not judged yet."""

    received_at: int | None
    waiting: int


class SqlEvidence:
    """Reads for the pages over one database; never writes.

    With the firm's rules, exceptions are shown as they stand at the moment of reading, also when no daemon has written
    what their clocks did.
    """

    def __init__(self, database: Database, rules: Rules | None = None) -> None:
        self._database = database
        self.search = CaseSearch(database, rules)
        self.deliveries = SqlDeliveries(database)

    def waiting(self, limit: int = MOST_WAITING) -> list[Case]:
        """Return the exceptions that nobody has acknowledged: gravest first, among equals the newest first."""
        return list(self.search.page(Wanted(), "", _now(), limit).cases)

    def acknowledged(self, limit: int = MOST_ACKNOWLEDGED) -> list[Case]:
        """Return the exceptions that somebody has in hand, the newest first."""
        in_hand = Wanted(states=STATES["in_hand"], order=Order.NEWEST)
        return list(self.search.page(in_hand, "", _now(), limit).cases)

    def outlines(self, shown: Iterable[Case]) -> dict[int | None, Outline]:
        """Return the incidents that these exceptions are part of, by number."""
        numbers = {one.incident for one in shown} - {None}
        if not numbers:
            return {}
        kept = incidents.c
        each = (kept.incident_id, kept.kind, kept.subject, kept.trade_date)
        statement = (
            select(*each, func.count().label("exceptions"))
            .join_from(incidents, cases, cases.c.incident_id == kept.incident_id)
            .where(kept.incident_id.in_(numbers))
            .group_by(*each)
        )
        with self._database.reading() as connection:
            rows = connection.execute(statement).all()
        return {number: Outline(number, Trouble(Kind(kind), *about), count) for number, kind, *about, count in rows}

    def others(self, of: Case, limit: int = MOST_OTHERS) -> list[Case]:
        """Return the other exceptions of an exception's incident, gravest first."""
        if of.incident is None:
            return []
        wanted = and_(cases.c.incident_id == of.incident, cases.c.case_id != of.case_id)
        return self._cases(wanted, limit, cases.c.gravity.desc(), cases.c.last_at.desc())

    def counts(self) -> Counts:
        """Return how many exceptions stand where, and a number that moves with every step of any of them."""
        steps, states = self.search.steps(), self.search.tally(_now()).states()
        return Counts(
            waiting=sum(states[state] for state in STATES["waiting"]),
            acknowledged=sum(states[state] for state in STATES["in_hand"]),
            steps=steps,
        )

    def backlog(self) -> Backlog:
        """Return how far the watch has come, so that an empty queue is not mistaken for a quiet day."""
        newest = select(journal.c.offset, journal.c.received_at).order_by(journal.c.offset.desc()).limit(1)
        with self._database.reading() as connection:
            row = connection.execute(newest).one_or_none()
            processed = read_offset(connection, PROCESSED)
        return Backlog(
            received_at=None if row is None else row.received_at,
            waiting=0 if row is None else max(0, row.offset - processed),
        )

    def findings(self, case_id: int, limit: int = MOST_FINDINGS) -> list[Finding]:
        """Return the newest findings of a case, newest first."""
        statement = (
            select(findings.c.body)
            .join(case_findings, case_findings.c.seq == findings.c.seq)
            .where(case_findings.c.case_id == case_id)
            .order_by(case_findings.c.seq.desc())
            .limit(limit)
        )
        with self._database.reading() as connection:
            return [msgspec.json.decode(row.body, type=Finding) for row in connection.execute(statement)]

    def second_looks(self, found: list[Finding]) -> dict[str, tuple[Reassessment, ...]]:
        """Return the second looks at these findings in their order, by finding id; most have none."""
        ids = [finding.finding_id for finding in found]
        statement = select(reassessments).where(reassessments.c.finding_id.in_(ids)).order_by(reassessments.c.seq)
        looks: dict[str, tuple[Reassessment, ...]] = {}
        with self._database.reading() as connection:
            for row in connection.execute(statement):
                looks[row.finding_id] = (*looks.get(row.finding_id, ()), reassessment_of(row))
        return looks

    def quotes(self, finding: Finding) -> FindingQuotes | None:
        """Return the quotes that are kept with a finding, None when there are none (yet)."""
        return SqlQuoteEvidence(self._database).of([finding.finding_id]).get(finding.finding_id)

    def messages(self, offsets: list[int]) -> list[Record]:
        """Return the journal records of these offsets, in order, at most 50 (the last ones)."""
        statement = select(journal).where(journal.c.offset.in_(sorted(set(offsets))[-MOST_MESSAGES:]))
        with self._database.reading() as connection:
            return [record_of(row) for row in connection.execute(statement.order_by(journal.c.offset))]

    def _cases(self, wanted: ColumnElement[bool], limit: int, *order: ColumnElement[int]) -> list[Case]:
        statement = select(cases).where(wanted).order_by(*order, cases.c.case_id.desc()).limit(limit)
        with self._database.reading() as connection:
            return [case_of(row) for row in connection.execute(statement)]


def _now() -> Nanos:
    return Nanos(time.time_ns())
