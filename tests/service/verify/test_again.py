"""A day run again comes to what it came to live, from any checkpoint, and nothing is written while it does."""

from __future__ import annotations

import pytest

from service.core import Core
from service.journal import Frame
from service.ports import Checkpoint
from service.processed import Processed
from service.verify.again import Again, AgainStore, UntilJournal
from service.verify.compare import Came
from tests.factories_road import (
    LIMITS,
    a_bust,
    a_correction,
    a_journal,
    a_pipeline,
    a_tick,
    a_trade,
    an_order,
    go_on,
    versions,
)
from tests.fakes_store import FakeJournal, FakeStore

DAY, NEXT = "2013-10-07", "2013-10-08"
NIGHT = 13.5 * 3_600
STORY = [
    an_order(1, 1, "O1"),
    a_trade(2, 4, "O1", "E1", _31="199.00", _30="ZZZZ"),
    a_trade(3, 5, "O2", "E2", _31="150.00"),
    a_bust(4, 6, "O2", "B1", "E2"),
    a_trade(9, 7, "O3", "E3", _31="150.00"),
    a_correction(5, 8, "O1", "C1", "E1", _31="199.50"),
    a_tick(400),
    an_order(10, NIGHT + 1, "O4"),
    a_trade(11, NIGHT + 9, "O4", "E4", _31="199.00", _30="ZZZZ"),
    a_bust(12, NIGHT + 10, "O1", "B2", "E1"),
    a_tick(NIGHT + 400),
]


def lived() -> tuple[FakeJournal, FakeStore]:
    """Return a journal of two days and what it came to."""
    journal, store = a_journal(STORY, versions(limits=LIMITS)), FakeStore()
    go_on(a_pipeline(journal, store, batch=3))
    return journal, store


def came_live(store: FakeStore, day: str) -> Came:
    """Return what was recorded of a day."""
    seen = AgainStore(store, day, None)
    seen.record(store.recorded)
    return seen.came()


def test_a_day_run_again_from_the_journals_start_is_the_same() -> None:
    """Facts, findings and second looks."""
    journal, store = lived()
    live = came_live(store, DAY)

    again = Again(journal=journal, recorded=store, day=DAY, begin=None).run(journal.last_offset())

    assert again == live
    assert {finding.rule for finding in again.findings} >= {"outside_nbbo", "sequence_gap", "slow_fill"}
    assert again.facts["fills"] == 3


def test_a_day_run_again_from_its_checkpoint_is_the_same() -> None:
    """What came before it is in the state, and what the state let go of is in the store."""
    journal, store = lived()
    (begin,) = [kept for kept in store.checkpoints if kept.day == NEXT]
    told: list[int] = []

    second = Again(journal=journal, recorded=store, day=NEXT, begin=begin)
    again = second.run(journal.last_offset(), told.append)

    assert second.start == begin.offset > 0
    assert again == came_live(store, NEXT)
    assert [found.rule for found in again.findings].count("outside_nbbo") == 1
    assert told[-1] == journal.last_offset()


def test_a_run_goes_on_where_it_was() -> None:
    """What was run once is not run again."""
    journal, store = lived()
    second = Again(journal=journal, recorded=store, day=DAY, begin=None)

    first = second.run(6)
    rest = second.run(journal.last_offset())

    assert len(first.findings) < len(rest.findings)
    assert rest == came_live(store, DAY)
    assert second.run(3) == rest


def test_a_checkpoint_that_cannot_be_read_costs_time_and_nothing_else() -> None:
    """It is a cache of what the journal says."""
    journal, store = lived()
    broken = Checkpoint(offset=7, schema=Core.schema, state=b"{}", day=NEXT)

    again = Again(journal=journal, recorded=store, day=NEXT, begin=broken).run(journal.last_offset())

    assert again.findings == came_live(store, NEXT).findings


def test_a_second_run_writes_nothing() -> None:
    """Neither records nor checkpoints nor results."""
    journal, store = lived()
    before = (len(journal.records), len(store.checkpoints), store.processed_offset())

    Again(journal=journal, recorded=store, day=DAY, begin=None).run(journal.last_offset())

    assert (len(journal.records), len(store.checkpoints), store.processed_offset()) == before
    until = UntilJournal(journal, 3)
    with pytest.raises(RuntimeError, match="would have journalled 1 records"):
        until.append(Frame(entries=(a_tick(1),)))
    assert (until.last_offset(), until.point("demo", "x"), len(until.read(1, 99)), until.read(3, 1)) == (3, None, 2, [])


def test_what_is_asked_of_the_store_is_answered_as_of_then() -> None:
    """By what was recorded."""
    _, store = lived()
    again = AgainStore(store, DAY, None)
    again.save_checkpoint(Checkpoint(offset=1, schema="1", state=b""))
    again.record(Processed(upto=4))

    assert again.processed_offset() == 4
    assert again.checkpoint("1") is None
    assert again.known_keys("demo", DAY, 99) == store.known_keys("demo", DAY, 99) != {}
    assert again.known_execution("demo", "E1", 99) == store.known_execution("demo", "E1", 99) is not None
    assert again.decided(7, 99) == store.decided(7, 99)
    assert again.decisions(0, 99) == store.decisions(0, 99) != {}
