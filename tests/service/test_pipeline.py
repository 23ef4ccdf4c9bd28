"""The loop along the journal: what an error interrupts is taken up where it was, and time is told once."""

from __future__ import annotations

import errno

import pytest

from rules.facts import Nanos
from service.journal import RecordKind
from service.pipeline import QUIET, JournalTooShortError
from service.ports import Checkpoint, QuoteRequest
from service.processed import Decision, Processed
from service.stored_quotes import StoredQuotes
from tests.factories_road import (
    SteadyQuotes,
    a_correction,
    a_journal,
    a_pipeline,
    a_trade,
    an_order,
    at,
    go_on,
    run,
    versions,
)
from tests.fakes_store import FakeStore

FIRST = len(versions())
LONG = 1_000_000


class SlowQuotes(SteadyQuotes):
    """Says "not yet" until it is told to go, and fails when it is broken."""

    ready = True
    good_for = LONG

    def decide(self, request: QuoteRequest, now: Nanos) -> Decision:
        """Answer, wait or fail."""
        self.good_for -= 1
        if self.good_for < 0:
            raise ConnectionError
        return super().decide(request, now) if self.ready else None  # type: ignore[return-value] # not yet


def test_a_batch_that_could_not_be_recorded_is_recorded_first_the_next_time() -> None:
    """A full disk for a minute loses nothing and doubles nothing."""
    journal = a_journal([a_trade(1, 1, "O1", "E1"), a_trade(2, 2, "O2", "E2")])
    store = FakeStore()
    pipeline = a_pipeline(journal, store, batch=FIRST + 1)
    store.broken = OSError("disk full")
    with pytest.raises(OSError, match="disk full"):
        pipeline.turn(at(0))
    store.broken = None

    turn = pipeline.turn(at(0))
    go_on(pipeline)

    assert turn.processed is not None
    assert turn.processed.upto == FIRST + 1
    assert [row.fill.exec_id for row in store.recorded.fills] == ["E1", "E2"]


def test_what_was_made_before_an_error_in_the_same_batch_is_not_lost() -> None:
    """The quotes fail on the second message: the first one's execution is recorded all the same."""
    journal = a_journal([a_trade(1, 1, "O1", "E1"), a_trade(2, 2, "O2", "E2")])
    store, quotes = FakeStore(), SlowQuotes()
    pipeline = a_pipeline(journal, store)
    pipeline._quotes = quotes
    quotes.good_for = 1
    with pytest.raises(ConnectionError):
        pipeline.turn(at(0))

    quotes.good_for = LONG
    go_on(pipeline)

    assert [row.fill.exec_id for row in store.recorded.fills] == ["E1", "E2"]


def test_nothing_overtakes_a_fact_that_waits_for_its_quotes() -> None:
    """What comes before it is recorded; the rest waits in order."""
    journal = a_journal([a_trade(1, 1, "O1", "E1"), a_trade(2, 2, "O2", "E2")])
    store, quotes = FakeStore(), SlowQuotes()
    pipeline = a_pipeline(journal, store)
    pipeline._quotes = quotes
    quotes.ready = False

    first, second = pipeline.turn(at(0)), pipeline.turn(at(0))
    quotes.ready = True
    go_on(pipeline)

    assert first.processed is not None
    assert (first.processed.upto, first.waiting) == (FIRST, True)
    assert (second.processed, second.waiting) == (None, True)
    assert len(store.recorded.fills) == 2


def test_a_full_inbox_is_not_read_further() -> None:
    """At most one batch is in memory, however long the head waits."""
    journal = a_journal([a_trade(number, number, f"O{number}", f"E{number}") for number in range(1, 20)])
    quotes = SlowQuotes()
    pipeline = a_pipeline(journal, batch=FIRST + 3)
    pipeline._quotes = quotes
    quotes.ready = False

    reads = [pipeline.turn(at(0)).read for _ in range(4)]

    assert reads == [FIRST + 3, FIRST, 0, 0]


def test_a_deadline_becomes_one_tick_in_the_journal() -> None:
    """Silence fires on a dead line, once, and a deadline that does not move never fills the journal."""
    journal = a_journal([an_order(1, 1, "O1")])
    pipeline = a_pipeline(journal)
    go_on(pipeline)
    due = pipeline.deadline()
    assert due is not None

    early, now, again = pipeline.tick(Nanos(due - 1)), pipeline.tick(due), pipeline.tick(due)

    assert (early, now, again) == (False, True, False)
    assert [record.kind for record in journal.records].count(RecordKind.TICK) == 1
    go_on(pipeline)
    assert pipeline.deadline() != due


def test_no_tick_is_written_while_something_waits() -> None:
    """A tick must not overtake the messages that may yet move the deadline."""
    journal = a_journal([an_order(1, 1, "O1"), a_trade(2, 2, "O1", "E1")])
    quotes = SlowQuotes()
    pipeline = a_pipeline(journal)
    pipeline._quotes = quotes
    quotes.ready = False
    pipeline.turn(at(0))

    assert pipeline.tick(at(10_000)) is False


def test_a_checkpoint_makes_the_next_start_quick() -> None:
    """Only what came after it is run again."""
    journal = a_journal([a_trade(number, number, f"O{number}", f"E{number}") for number in range(1, 10)])
    store = FakeStore()
    first = a_pipeline(journal, store, batch=FIRST + 4)
    first.turn(at(0))
    first.save()
    first.save()
    go_on(first)
    seen: list[tuple[int, int]] = []

    again = a_pipeline(journal, store)
    count = again.warm(StoredQuotes(store), progress=lambda done, of: seen.append((done, of)))

    assert count == 5
    assert seen == [(5, 5)]
    assert len(store.checkpoints) == 1
    assert again.processed_offset == journal.last_offset()


def test_a_checkpoint_that_cannot_be_read_is_passed_over() -> None:
    """It is a cache of what the journal says."""
    journal = a_journal([a_trade(1, 1, "O1", "E1")])
    store = FakeStore()
    go_on(a_pipeline(journal, store))
    pipeline = a_pipeline(journal, store)
    store.save_checkpoint(Checkpoint(offset=3, schema=pipeline.core.schema, state=b"{}"))

    count = pipeline.warm(StoredQuotes(store))

    assert count == journal.last_offset()


def test_a_warm_up_that_was_interrupted_goes_on_where_it_was() -> None:
    """No record is applied twice to a core that already knows it."""
    journal = a_journal([a_trade(number, number, f"O{number}", f"E{number}") for number in range(1, 4)])
    store, quotes = FakeStore(), SlowQuotes()
    go_on(a_pipeline(journal, store))
    pipeline = a_pipeline(journal, store)
    quotes.good_for = 0
    with pytest.raises(ConnectionError):
        pipeline.warm(quotes)
    quotes.good_for = LONG

    count = pipeline.warm(quotes)

    assert count == 3
    assert pipeline.core.snapshot() is not None
    assert run(journal).outcomes == store.recorded.outcomes


def test_a_journal_that_was_cut_off_below_the_store_is_refused() -> None:
    """A restored backup of one without the other must not loop for ever."""
    store = FakeStore()
    store.record(Processed(upto=99))
    pipeline = a_pipeline(a_journal([]), store)

    with pytest.raises(JournalTooShortError, match="the journal ends at 5, yet the store holds what records up to 99"):
        pipeline.warm(StoredQuotes(store))


def test_a_journal_that_falls_quiet_is_checkpointed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in the middle of the stream, where it would make messages wait, but a second after it ended."""
    monkeypatch.setattr("service.pipeline.CHECKPOINT_QUIET", 3)
    journal = a_journal([a_trade(1, 1, "O1", "E1")])
    store = FakeStore()
    pipeline = a_pipeline(journal, store)
    go_on(pipeline)
    assert store.checkpoints == []

    pipeline.turn(Nanos(at(0) + QUIET))

    assert [kept.offset for kept in store.checkpoints] == [journal.last_offset()]


def test_a_stream_that_never_ends_is_checkpointed_after_so_many_records(monkeypatch: pytest.MonkeyPatch) -> None:
    """A start would otherwise take longer and longer."""
    monkeypatch.setattr("service.pipeline.CHECKPOINT_FORCED", 3)
    journal = a_journal([a_trade(1, 1, "O1", "E1")])
    store = FakeStore()

    go_on(a_pipeline(journal, store))

    assert [kept.offset for kept in store.checkpoints] == [journal.last_offset()]


def test_the_watch_is_told_what_was_recorded() -> None:
    """Metrics count what is in the store, not what was tried."""
    told: list[tuple[int, int, float]] = []
    ticks = iter(range(100))
    pipeline = a_pipeline(a_journal([a_trade(1, 1, "O1", "E1")]), batch=FIRST)
    pipeline._watch = lambda processed, records, seconds: told.append((processed.upto, records, seconds))
    pipeline._stopwatch = lambda: float(next(ticks))

    go_on(pipeline)

    assert told == [(FIRST, FIRST, 1.0), (FIRST + 1, 1, 1.0)]


def test_a_correction_is_judged_by_the_same_quotes_after_a_restart() -> None:
    """Its decision is kept with it: nothing of the state tells the core that went on from the one that came back."""
    story = [
        an_order(2, 1, "O1"),
        a_trade(3, 2, "O1", "E1"),
        a_correction(4, 3, "O1", "C1", "E1", _31="183.00"),
    ]
    journal, store = a_journal(story), FakeStore()
    first = a_pipeline(journal, store)
    go_on(first)

    second = a_pipeline(journal, store)
    second.warm(StoredQuotes(store))

    assert second.core.snapshot() == first.core.snapshot()


def test_a_checkpoint_is_kept_before_the_first_record_of_each_date() -> None:
    """A day can be run again from there; a batch that would reach over midnight is cut, and nothing else changes."""
    midnight = 13.5 * 3_600
    story = [
        an_order(1, 1, "O1"),
        a_trade(2, midnight - 1, "O1", "E1"),
        a_trade(3, midnight + 1, "O1", "E2"),
        a_trade(4, midnight + 2, "O1", "E3"),
        a_trade(5, midnight + 86_400, "O1", "E4"),
    ]
    journal, store = a_journal(story), FakeStore()

    go_on(a_pipeline(journal, store))

    assert [(kept.offset, kept.day) for kept in store.checkpoints] == [
        (FIRST + 2, "2013-10-08"),
        (FIRST + 4, "2013-10-09"),
    ]
    assert [row.fill.exec_id for row in store.recorded.fills] == ["E1", "E2", "E3", "E4"]


def test_a_restart_in_the_middle_of_a_date_keeps_no_checkpoint_of_it() -> None:
    """Its date began long ago."""
    journal, store = a_journal([an_order(1, 1, "O1"), a_trade(2, 2, "O1", "E1")]), FakeStore()
    first = a_pipeline(journal, store, batch=FIRST + 1)
    first.turn(at(0))
    second = a_pipeline(journal, store)
    second.warm(StoredQuotes(store))

    go_on(second)

    assert len(store.recorded.fills) == 1
    assert store.checkpoints == []


def test_a_checkpoint_of_a_date_that_could_not_be_saved_is_saved_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first record of the date waits for it and is applied once."""
    journal, store = a_journal([an_order(1, 1, "O1"), a_trade(2, 14 * 3_600, "O1", "E1")]), FakeStore()
    pipeline = a_pipeline(journal, store)
    save = store.save_checkpoint

    def failing(checkpoint: Checkpoint) -> None:
        monkeypatch.setattr(store, "save_checkpoint", save)
        raise OSError(errno.ENOSPC, "disk full")

    monkeypatch.setattr(store, "save_checkpoint", failing)
    with pytest.raises(OSError, match="disk full"):
        go_on(pipeline)

    go_on(pipeline)

    assert [kept.day for kept in store.checkpoints] == ["2013-10-08"]
    assert len(store.recorded.fills) == 1
