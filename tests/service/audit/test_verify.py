"""The record is verified against itself and its seals: what somebody changes is found, and named rightly."""

from __future__ import annotations

import pytest

from service.audit.broken import Broken, What
from service.audit.verify import verify
from service.store.engine import Database
from tests.factories_audit import a_record, meddle, sealed


@pytest.fixture
def record(database: Database) -> Database:
    """Give a store with something in every chain, and two seals."""
    a_record(database)
    return database


def wrong(database: Database) -> list[tuple[str, What, int | None, int | None]]:
    """Return what is wrong, and where."""
    return [(one.chain, one.what, one.case, one.n) for one in verify(database).broken]


def test_an_untouched_record_holds(record: Database) -> None:
    """No false alarm; everything was looked at."""
    verdict = verify(record)

    assert verdict.broken == ()
    assert (verdict.cases, verdict.events, verdict.seals) == (4, 12, 2)
    assert verdict.links == {"seals": 2, "statements": 4, "proposals": 2, "access log": 5}
    assert list(verdict.lines)[-1] == "everything holds"


CHANGES = {
    "a changed row": (
        "UPDATE case_events SET actor = 'kim' WHERE case_id = 1 AND n = 2",
        ("exceptions", What.CHANGED, 1, 2),
    ),
    "a missing row": ("DELETE FROM case_events WHERE case_id = 1 AND n = 2", ("exceptions", What.MISSING, 1, 2)),
    "a missing first row": ("DELETE FROM case_events WHERE case_id = 2 AND n = 1", ("exceptions", What.MISSING, 2, 1)),
    "a cut tail": ("DELETE FROM case_events WHERE case_id = 4 AND n = 2", ("exceptions", What.CUT, 4, 2)),
    "no event left": ("DELETE FROM case_events WHERE case_id = 4", ("exceptions", What.CUT, 4, 1)),
    "a deleted row of cases": ("DELETE FROM cases WHERE case_id = 2", ("exceptions", What.GONE, 2, None)),
    "a state set by hand": ("UPDATE cases SET state = 'closed' WHERE case_id = 1", ("exceptions", What.STATE, 1, None)),
    "a head set by hand": ("UPDATE cases SET head_n = 1 WHERE case_id = 1", ("exceptions", What.HEAD, 1, 4)),
    "an unknown state": ("UPDATE cases SET state = 'x' WHERE case_id = 1", ("exceptions", What.STATE, 1, None)),
    "a finding moved": (
        "UPDATE case_findings SET case_id = 3 WHERE case_id = 2 AND seq = 2",
        ("exceptions", What.STATE, 2, None),
    ),
    "a statement changed": ("UPDATE statements SET state = 'no' WHERE seq = 3", ("statements", What.CHANGED, None, 3)),
    "a statement gone": ("DELETE FROM statements WHERE seq = 2", ("statements", What.MISSING, None, 2)),
    "the last statement gone": ("DELETE FROM statements WHERE seq = 4", ("statements", What.CUT, None, 4)),
    "a statement of no kind": (
        "UPDATE statements SET kind = 'x' WHERE seq = 1",
        ("statements", What.UNREADABLE, None, 1),
    ),
    "a proposal changed": ("UPDATE proposal_events SET at = 1 WHERE seq = 1", ("proposals", What.CHANGED, None, 1)),
    "an entry changed": ("UPDATE access_log SET words = 'x' WHERE seq = 2", ("access log", What.CHANGED, None, 2)),
    "a finding changed": ("UPDATE findings SET venue = 'XBOS' WHERE seq = 1", ("findings", What.CHANGED, None, None)),
    "a finding gone": ("DELETE FROM findings WHERE seq = 2", ("findings", What.MISSING, None, None)),
    "a second look gone": ("DELETE FROM reassessments", ("second looks", What.MISSING, None, None)),
    "a principal renamed": ("UPDATE principals SET principal = 'x'", ("principals", What.CHANGED, None, None)),
    "a shelving lengthened": ("UPDATE shelvings SET until = until + 1", ("shelvings", What.CHANGED, None, None)),
    "a seal changed": ("UPDATE seals SET day = 'x' WHERE seq = 1", ("seals", What.CHANGED, None, 1)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_named_with_its_place_and_in_the_right_words(record: Database, change: str) -> None:
    """Which chain, which exception, which link, and what happened to it."""
    statement, expected = CHANGES[change]

    meddle(record, statement)

    assert wrong(record)[0] == expected


def test_a_deleted_case_is_found_by_its_number_and_by_the_seal(record: Database) -> None:
    """With all its events, its findings, and all that the store kept of its heads."""
    meddle(record, *(statement.format(case=2) for statement in EVERYTHING_OF_A_CASE))

    found = verify(record).broken

    assert ("exceptions", What.GONE, 2, None) in wrong(record)
    assert any(one.what is What.SEALED and "covers 4 heads, 3 are kept" in one.words for one in found)
    assert any(one.chain == "findings" and one.what is What.MISSING for one in found)


def test_the_newest_case_deleted_with_all_that_is_kept_of_it_is_found_by_the_seal_alone(record: Database) -> None:
    """No hole in the numbers tells of it."""
    meddle(record, *(statement.format(case=4) for statement in EVERYTHING_OF_A_CASE))

    found = [one for one in verify(record).broken if one.chain == "exceptions"]

    assert [one.what for one in found] == [What.SEALED, What.GONE]
    assert found[1].words == "seal 2 of 2026-11-23 counts 4 cases, 3 of them are there"


EVERYTHING_OF_A_CASE = (
    "DELETE FROM outbox WHERE case_id = {case}",
    "DELETE FROM findings WHERE seq IN (SELECT seq FROM case_findings WHERE case_id = {case})",
    "DELETE FROM case_findings WHERE case_id = {case}",
    "DELETE FROM case_events WHERE case_id = {case}",
    "DELETE FROM sealed_heads WHERE case_id = {case}",
    "DELETE FROM cases WHERE case_id = {case}",
)


def test_a_cut_tail_whose_case_was_set_back_is_found_by_the_seal(record: Database) -> None:
    """The chain that is left holds, and the row of the case ends where it ends."""
    cut = (
        "UPDATE cases SET head_n = 1, head_hash = (SELECT hash FROM case_events e WHERE e.case_id = 3 AND e.n = 1),"
        " state = 'new', updated_at = (SELECT at FROM case_events e WHERE e.case_id = 3 AND e.n = 1),"
        " proposed_by = NULL, reason = NULL, counts_as = NULL, touched_by = NULL, touched_kind = NULL,"
        " touched_at = NULL, touched_n = NULL, acknowledged_at = NULL, waiting_since = opened_at WHERE case_id = 3"
    )

    meddle(record, "DELETE FROM case_events WHERE case_id = 3 AND n > 1", cut)

    (found,) = verify(record).broken
    assert (found.what, found.case, found.n) == (What.CUT, 3, 2)
    assert "seal 2 of 2026-11-23 has 3 links, 1 link is there" in found.words


def test_a_swapped_pair_is_found(record: Database) -> None:
    """Two events that change places are each behind the wrong one."""
    swap = "UPDATE case_events SET n = {} WHERE case_id = 1 AND n = {}"

    meddle(record, swap.format(99, 2), swap.format(2, 3), swap.format(3, 99))

    assert wrong(record) == [("exceptions", What.CHANGED, 1, 2)]


def test_an_inserted_event_is_found(record: Database) -> None:
    """Made as the program makes them, in the middle: the one behind it does not follow."""
    head = "SELECT case_id, {} AS n, at, actor, kind, body, {}, hash FROM case_events WHERE case_id = 4 AND n = 2"
    tail = "INSERT INTO case_events (case_id, n, at, actor, kind, body, prev_hash, hash) "

    meddle(record, tail + head.format(3, "hash"))

    assert wrong(record) == [("exceptions", What.CHANGED, 4, 3)]


def test_text_that_no_program_wrote_is_a_finding_and_no_error(database: Database) -> None:
    """SQLite keeps any bytes as text, and text in a column of numbers."""
    if not database.is_sqlite:
        pytest.skip("PostgreSQL refuses such cells itself")
    a_record(database)

    meddle(
        database,
        "UPDATE case_events SET actor = CAST(x'ff' AS TEXT) WHERE case_id = 1 AND n = 2",
        "UPDATE case_events SET at = 'noon' WHERE case_id = 2 AND n = 1",
        "UPDATE case_events SET body = 'text' WHERE case_id = 3 AND n = 1",
        "UPDATE case_events SET case_id = 'x' WHERE case_id = 4 AND n = 2",
        "UPDATE statements SET at = 'noon' WHERE seq = 1",
    )

    assert wrong(database) == [
        ("exceptions", What.UNREADABLE, 1, 2),
        ("exceptions", What.CHANGED, 2, 1),
        ("exceptions", What.UNREADABLE, 3, 1),
        ("exceptions", What.CUT, 4, 2),
        ("exceptions", What.FOREIGN, None, None),
        ("statements", What.UNREADABLE, None, 1),
    ]


def test_work_that_goes_on_after_the_seals_is_no_change(record: Database) -> None:
    """A seal says what stood there on its day, and what follows is a longer chain."""
    sealed(record, "2026-11-24")

    assert verify(record).broken == ()


def test_of_very_many_broken_exceptions_only_so_many_are_kept(
    record: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest is counted, so that memory stays bounded."""
    monkeypatch.setattr("service.audit.verdict.SHOWN", 2)
    meddle(record, "UPDATE cases SET sentence = 'x'")

    verdict = verify(record)

    assert (len(verdict.broken), verdict.more) == (2, 2)
    assert "and 2 exceptions more" in "\n".join(verdict.lines)
    assert isinstance(verdict.broken[0], Broken)
