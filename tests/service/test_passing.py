"""Journal and store of a run that is recorded nowhere."""

from __future__ import annotations

from service.journal import Frame
from service.passing import PassingJournal, PassingStore
from service.ports import Checkpoint
from service.processed import Processed
from service.requote import Decided
from tests.factories import TRADE_DATE
from tests.factories_store import a_recorded_event, a_recorded_fill, an_amendment, an_entry


def test_a_passing_journal_numbers_hands_out_and_forgets() -> None:
    """A log of any length takes no memory."""
    journal = PassingJournal()
    journal.append(Frame(entries=(an_entry(body=b"a"), an_entry(body=b"b"))))
    last = journal.append(Frame(entries=(an_entry(body=b"c"),)))

    first = journal.read(0, 2)
    then = journal.read(2, 5)

    assert [(record.offset, record.body) for record in [*first, *then]] == [(1, b"a"), (2, b"b"), (3, b"c")]
    assert last == journal.last_offset() == 3
    assert journal.read(0, 5) == then
    assert journal.point("demo", "s") is None


def test_a_passing_store_keeps_how_far_it_is_and_the_keys_of_each_day() -> None:
    """A copy that comes after its day was closed is still known as one."""
    store = PassingStore()
    events = [a_recorded_event(2), a_recorded_event(3, dedup_key=None)]

    store.record(
        Processed(upto=9, fills=[a_recorded_fill(1)], order_events=events, amendments=[an_amendment(4, "bust")])
    )

    assert store.processed_offset() == 9
    assert set(store.known_keys("demo", TRADE_DATE, 10)) == {
        f"{TRADE_DATE}|17-1",
        f"{TRADE_DATE}|event-2",
        f"{TRADE_DATE}|17-4",
    }
    assert store.known_keys("demo", "2026-11-19", 10) == {}


def test_a_passing_store_has_nothing_else() -> None:
    """No decisions, no checkpoint, no execution of an earlier day."""
    store = PassingStore()

    store.save_checkpoint(Checkpoint(offset=1, schema="s", state=b""))

    assert store.checkpoint("s") is None
    assert store.decisions(0, 10) == {}
    assert store.known_execution("demo", "E1", 10) is None
    assert store.decided(1, 10) == Decided()
