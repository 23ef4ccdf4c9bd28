"""Who changed what of which venue, when: rows that the road makes from the versions in its journal."""

from __future__ import annotations

import msgspec
import pytest

from service.journal import Entry, Frame
from service.processed import Processed
from service.register_changes import Change
from service.store.engine import Database
from service.store.export import SqlRecords
from service.store.record import SqlStore
from service.store.register_rows import register_change_of, register_row
from service.stored_quotes import StoredQuotes
from service.versions import Version, VersionKind
from tests.factories_road import PARTY, REGISTER, a_journal, a_pipeline, at, go_on, run, versions
from tests.fakes_store import FakeStore

SECOND = """
- {venue: XNYS, name: NYSE, approved_from: 2000-01-01, approved_until: 2026-11-30}
- {venue: MEMX, name: MEMX, approved_from: 2026-12-01, sessions: [regular], document: minutes 7}
"""


def a_version(text: str, seconds: float, proposal: int) -> Entry:
    """Return the record of a register that pat proposed and sam approved."""
    version = Version(
        kind=VersionKind.REGISTER,
        name=PARTY,
        text=text,
        actor="sam",
        proposer="pat",
        approver="sam",
        proposal=proposal,
        effective=at(seconds),
        why="agreed",
    )
    return version.entry(at(seconds))


@pytest.fixture
def done() -> Processed:
    """Give what a journal comes to in which the register was changed twice."""
    seeded = [msgspec.structs.replace(version, actor="seed") for version in versions(register=REGISTER)]
    return run(a_journal([a_version(SECOND, 5, 1), a_version("[]\n", 9, 2)], seeded))


def test_every_venue_that_a_version_changed_is_a_row_with_both_people(done: Processed) -> None:
    """The seed's too: it has an approver that is no person."""
    told = [(row.venue, row.change, row.proposer, row.approver, row.proposal) for row in done.register_changes]

    assert told == [
        ("XNYS", Change.ADDED, "", "seed", None),
        ("MEMX", Change.ADDED, "pat", "sam", 1),
        ("XNYS", Change.CHANGED, "pat", "sam", 1),
        ("MEMX", Change.REMOVED, "pat", "sam", 2),
        ("XNYS", Change.REMOVED, "pat", "sam", 2),
    ]
    changed = done.register_changes[2]
    assert [entry.approved_until for entry in (*changed.before, *changed.after)] == [None, "2026-11-30"]
    assert (changed.received_at, changed.effective, changed.why, changed.trade_date) == (
        *(at(5), at(5), "agreed"),
        "2013-10-07",
    )


@pytest.mark.parametrize("snapshot", [False, True])
def test_a_restart_between_two_versions_changes_no_row(done: Processed, *, snapshot: bool) -> None:
    """Warmed by the journal or from a checkpoint, the road knows the register that the next version changes."""
    seeded = [msgspec.structs.replace(version, actor="seed") for version in versions(register=REGISTER)]
    journal, store = a_journal([a_version(SECOND, 5, 1)], seeded), FakeStore()
    first = a_pipeline(journal, store)
    go_on(first)
    if snapshot:
        first.save()
    journal.append(Frame(entries=(a_version("[]\n", 9, 2),)))

    second = a_pipeline(journal, store, batch=1)
    second.warm(StoredQuotes(store))
    go_on(second)

    assert store.recorded.register_changes == done.register_changes


def test_rows_come_back_from_the_store_and_are_given_out(done: Processed, database: Database) -> None:
    """The same approvals, whichever data base."""
    SqlStore(database).record(Processed(upto=9, register_changes=done.register_changes))

    rows = list(SqlRecords(database).rows("register_changes", "2013-10-07"))

    assert [(row["venue"], row["change"], row["approver"]) for row in rows][:2] == [
        ("XNYS", "added", "seed"),
        ("MEMX", "added", "sam"),
    ]
    assert '"sessions":["regular"]' in str(rows[1]["after"])
    assert rows[1]["effective"] == "2013-10-07T14:30:05.000000000Z"


def test_a_change_is_the_same_after_its_row(done: Processed) -> None:
    """Nothing is lost on the way."""
    names = (
        *("offset", "part", "received_at", "clock", "counterparty", "session", "trade_date", "venue", "change"),
        *("before", "after", "proposer", "approver", "why", "proposal", "effective"),
    )

    back = [register_change_of(dict(zip(names, register_row(one, 0), strict=True))) for one in done.register_changes]

    assert back == done.register_changes
