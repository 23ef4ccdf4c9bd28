"""What the pages read from a real store: nothing that waits falls off the end, and every read is bounded."""

from __future__ import annotations

import pytest

from rules.finding import Severity
from rules.reassessment import Verdict, Why
from service.cases.given import NOTHING
from service.cases.states import Action
from service.processed import Processed
from service.store.engine import Database
from service.store.evidence import MOST_FINDINGS, MOST_MESSAGES, Backlog, Counts, SqlEvidence
from service.store.journal import SqlJournal
from service.store.record import SqlStore
from tests.factories_cases import NOON, PAT, a_finding, a_look, a_queue, gather_all, looked, recorded
from tests.factories_store import a_frame


@pytest.fixture
def evidence(database: Database) -> SqlEvidence:
    """Give the reads over a store with five exceptions; the fourth is acknowledged."""
    severities = (Severity.LOW, Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.CRITICAL)
    recorded(
        database,
        *(a_finding(n, cause=f"venue {n}", severity=severity) for n, severity in enumerate(severities, start=1)),
    )
    gather_all(a_queue(database))
    a_queue(database).act(4, Action.ACKNOWLEDGE, PAT, NOTHING, NOON)
    return SqlEvidence(database)


def test_what_nobody_has_acknowledged_comes_gravest_first_and_newest_first(evidence: SqlEvidence) -> None:
    """The two critical ones lead, the later before the earlier."""
    assert [case.case_id for case in evidence.waiting()] == [5, 2, 3, 1]


def test_the_gravest_are_the_last_to_fall_off_a_short_list(evidence: SqlEvidence) -> None:
    """A bounded page never hides a grave exception behind newer mild ones."""
    assert [case.case_id for case in evidence.waiting(limit=3)] == [5, 2, 3]


def test_the_acknowledged_stand_apart(evidence: SqlEvidence) -> None:
    """They are not in the way, and not gone."""
    assert [case.case_id for case in evidence.acknowledged()] == [4]


def test_the_counts_cover_every_exception(evidence: SqlEvidence) -> None:
    """However long the lists are."""
    assert evidence.counts() == Counts(waiting=4, acknowledged=1, steps=6)


def test_every_step_of_any_exception_moves_the_counts(database: Database, evidence: SqlEvidence) -> None:
    """A growing exception is news even when no count changes, and even when two clocks say the same."""
    before = evidence.counts()

    recorded(database, a_finding(9, cause="venue 1"))
    gather_all(a_queue(database))

    assert evidence.counts().steps == before.steps + 1


def test_an_empty_store_has_nothing_to_show(database: Database) -> None:
    """No rows, and no record received."""
    empty = SqlEvidence(database)

    assert (empty.waiting(), empty.acknowledged()) == ([], [])
    assert empty.counts() == Counts(waiting=0, acknowledged=0, steps=0)
    assert empty.backlog() == Backlog(received_at=None, waiting=0)


def test_the_backlog_says_what_came_last_and_what_is_not_judged_yet(database: Database) -> None:
    """An empty queue over a journal that is not read is no quiet day."""
    SqlJournal(database).append(a_frame(5, received_at=NOON))
    SqlStore(database).record(Processed(upto=2))

    assert SqlEvidence(database).backlog() == Backlog(received_at=NOON, waiting=3)


def test_the_findings_of_a_case_come_newest_first_and_bounded(database: Database) -> None:
    """Ten thousand findings of one cause do not make a page of ten thousand lines."""
    recorded(database, *(a_finding(n) for n in range(1, MOST_FINDINGS + 11)))
    gather_all(a_queue(database))

    found = SqlEvidence(database).findings(1)

    assert len(found) == MOST_FINDINGS
    assert found[0].subject == f"sor/2026-11-20/E{MOST_FINDINGS + 10}"


def test_the_raw_messages_come_in_journal_order_and_bounded(database: Database) -> None:
    """Of too many, the last are shown; what the journal does not hold is left out."""
    SqlJournal(database).append(a_frame(MOST_MESSAGES + 5))

    messages = SqlEvidence(database).messages([*range(MOST_MESSAGES + 5, 0, -1), 9_999])

    assert [message.offset for message in messages] == list(range(7, MOST_MESSAGES + 6))
    assert SqlEvidence(database).messages([]) == []


def test_second_looks_are_found_in_their_order(database: Database) -> None:
    """Most findings have none; one may have several, each of another record."""
    doubtful, certain = a_finding(1, uncertain=True), a_finding(2)
    recorded(database, doubtful, certain)
    later = a_look(doubtful, Verdict.WITHDRAWN, why=Why.QUOTES, offset=901)
    looked(database, a_look(doubtful), later)
    looked(database, later)
    evidence = SqlEvidence(database)

    assert evidence.second_looks([doubtful, certain]) == {doubtful.finding_id: (a_look(doubtful), later)}
    assert evidence.second_looks([certain]) == {}
