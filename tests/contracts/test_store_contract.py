"""What every store promises (service.ports.Store), proved on the fake and on the real ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from rules.facts import Nanos, OrderEnd
from rules.reassessment import Verdict, digest
from service.market.tape import absent
from service.ports import Checkpoint, Store
from service.processed import Decision, Processed
from service.store.record import SqlStore
from tests.factories import NOON, TRADE_DATE, a_quote, an_outcome, price, shares
from tests.factories_store import (
    a_batch,
    a_decision,
    a_fade,
    a_finding,
    a_look,
    a_markout,
    a_recorded_event,
    a_recorded_fill,
    an_amendment,
    an_end_mark,
)
from tests.fakes_store import FakeStore
from tests.stores import KINDS, ready_store


@pytest.fixture(params=["fake", *KINDS])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Give an empty store of each kind."""
    if request.param == "fake":
        yield FakeStore()
        return
    with ready_store(request.param, tmp_path) as database:
        yield SqlStore(database)


def test_an_empty_store_has_processed_nothing(store: Store) -> None:
    """A first start begins at the journal's beginning."""
    assert store.processed_offset() == 0
    assert store.known_keys("demo", TRADE_DATE, 1000) == {}
    assert store.decisions(0, 1000) == {}
    assert store.checkpoint("1") is None


def test_a_batch_moves_the_processed_offset_even_when_it_came_to_nothing(store: Store) -> None:
    """A stretch of heartbeats is processed too."""
    store.record(Processed(upto=17))

    assert store.processed_offset() == 17


def test_the_processed_offset_never_moves_back(store: Store) -> None:
    """An older batch changes nothing, not even with facts of its own."""
    store.record(a_batch(1, 2, 3))

    store.record(a_batch(9, upto=2))

    assert store.processed_offset() == 3
    assert list(store.decisions(0, 100)) == [1, 2, 3]


def test_the_keys_of_a_day_come_from_fills_events_and_amendments(store: Store) -> None:
    """Every kind of report can come twice; another day's and another counterparty's keys stay out."""
    other_day = a_recorded_fill(4, trade_date="2026-11-19")
    other_party = a_recorded_fill(5, counterparty="other")
    store.record(
        Processed(
            upto=9,
            fills=[a_recorded_fill(1), other_day, other_party],
            order_events=[a_recorded_event(2), a_recorded_event(6, dedup_key=None)],
            amendments=[an_amendment(3, "bust")],
        )
    )

    keys = store.known_keys("demo", TRADE_DATE, 1000)

    assert keys == {
        f"{TRADE_DATE}|17-1": bytes([1]) * 16,
        f"{TRADE_DATE}|event-2": b"event",
        f"{TRADE_DATE}|17-3": b"amendment",
    }


def test_keys_are_known_only_before_the_offset_asked_for(store: Store) -> None:
    """Running the journal again must not find the messages that are yet to come."""
    store.record(a_batch(1, 2, 3))

    assert set(store.known_keys("demo", TRADE_DATE, 3)) == {f"{TRADE_DATE}|17-1", f"{TRADE_DATE}|17-2"}


def test_decisions_come_back_as_they_were_taken(store: Store) -> None:
    """Verify and restart judge by the same quotes; an event that asked for none has none."""
    asked = a_decision(at_execution=None, reason="bound")
    store.record(
        Processed(
            upto=4,
            fills=[a_recorded_fill(1)],
            order_events=[a_recorded_event(2, decision=asked), a_recorded_event(3)],
            amendments=[an_amendment(4, "correction", decision=asked)],
        )
    )

    assert store.decisions(0, 4) == {1: a_decision(), 2: asked, 4: asked}
    assert store.decisions(1, 2) == {2: asked}


def test_the_marks_that_a_record_took_are_part_of_its_decision(store: Store) -> None:
    """In their order, beside what the record asked for itself; with a record that made nothing else, alone."""
    marks = [a_markout(2, part, quote=a_quote(f"10.0{part}", "10.09")) for part in range(3)]
    alone = a_markout(3, quote=absent("restart"), source_mark=NOON + 5, released="bound")
    store.record(Processed(upto=4, fills=[a_recorded_fill(1), a_recorded_fill(2)], markouts=[*marks, alone]))

    decisions = store.decisions(0, 4)

    quotes = tuple(mark.quote for mark in marks)
    assert decisions[1] == a_decision()
    assert decisions[2] == msgspec.structs.replace(a_decision(), marks=quotes)
    assert decisions[3] == Decision(mark=Nanos(NOON + 5), reason="bound", marks=(absent("restart"),))


def test_the_marks_of_orders_follow_those_of_executions(store: Store) -> None:
    """In the order in which a record asks for them; a fade whose baseline was not asked for has none."""
    quotes = [a_quote(f"10.0{number}", "10.09") for number in range(4)]
    fades = [
        a_fade(2, baseline=absent("not asked for"), source_mark=None, released=None),
        a_fade(2, baseline=quotes[2]),
        a_fade(3, baseline=quotes[3]),
    ]
    store.record(
        Processed(
            upto=4,
            fills=[a_recorded_fill(2)],
            fades=fades,
            end_marks=[an_end_mark(2, quote=quotes[1])],
            markouts=[a_markout(2, quote=quotes[0])],
        )
    )

    decisions = store.decisions(0, 4)

    assert decisions[2].marks == tuple(quotes[:3])
    assert decisions[3] == Decision(mark=NOON, reason="mark", marks=(quotes[3],))
    assert set(store.decisions(2, 3)) == {3}


def test_the_newest_checkpoint_of_a_schema_comes_back(store: Store) -> None:
    """State is bytes; another schema's state is of no use."""
    for offset in (10, 30, 20):
        store.save_checkpoint(Checkpoint(offset=offset, schema="1", state=bytes([offset])))

    assert store.checkpoint("1") == Checkpoint(offset=30, schema="1", state=bytes([30]))
    assert store.checkpoint("2") is None


def test_an_execution_of_an_earlier_day_is_found_by_its_exec_id_or_that_of_its_amendment(store: Store) -> None:
    """A bust may come after memory let go of the day, and may name a correction of it."""
    corrected = an_amendment(3, "correction", "E1", quantity="40", price="10.02")
    store.record(
        Processed(
            upto=4,
            fills=[a_recorded_fill(1), a_recorded_fill(2)],
            amendments=[corrected, an_amendment(4, "bust", "E2")],
        )
    )

    by_its_own, by_the_correction = (store.known_execution("demo", name, 5) for name in ("17-1", "17-3"))

    assert by_its_own == by_the_correction
    assert by_its_own is not None
    assert (by_its_own.key, by_its_own.quantity, by_its_own.price) == (
        f"{TRADE_DATE}|17-1",
        shares("40"),
        price("10.02"),
    )
    assert by_its_own.venue == "XNAS"
    assert sum(quantity for _, quantity in by_its_own.by_venue) == shares("40")
    assert by_its_own.notional == shares("40") * price("10.02")
    assert by_its_own.order == a_recorded_fill(1).fill.order


def test_a_busted_execution_counts_nothing(store: Store) -> None:
    """A second bust of it must not take anything away."""
    store.record(Processed(upto=2, fills=[a_recorded_fill(1)], amendments=[an_amendment(2, "bust", "E1")]))

    known = store.known_execution("demo", "17-1", 3)

    assert known is not None
    assert (known.quantity, known.notional) == (0, 0)


def test_an_execution_is_known_only_as_it_was_before_the_offset_asked_for(store: Store) -> None:
    """Running the journal again must not see the amendments that are yet to come, nor another's executions."""
    store.record(
        Processed(
            upto=4,
            fills=[a_recorded_fill(2), a_recorded_fill(3, counterparty="other")],
            amendments=[an_amendment(4, "bust", "E2")],
        )
    )

    known = store.known_execution("demo", "17-2", 4)

    assert known is not None
    assert known.quantity == shares("100")
    assert store.known_execution("demo", "17-2", 2) is None
    assert store.known_execution("demo", "17-3", 9) is None
    assert store.known_execution("demo", "nothing", 9) is None


def test_a_known_execution_says_how_its_order_ended(store: Store) -> None:
    """By the newest outcome before the offset."""
    ends = [an_outcome(offset=2, end="canceled"), an_outcome(offset=3, end="filled")]
    store.record(Processed(upto=3, fills=[a_recorded_fill(1)], order_outcomes=ends))

    known, earlier = (store.known_execution("demo", "17-1", before) for before in (4, 3))

    assert known is not None
    assert earlier is not None
    assert (known.end, earlier.end) == (OrderEnd.FILLED, OrderEnd.CANCELED)
    assert (known.ended_at, known.ended_on) == (ends[1].at, TRADE_DATE)


def test_the_leg_of_a_package_has_totals_of_its_own(store: Store) -> None:
    """Legs share the key of their package."""
    legs = [a_recorded_fill(1, level="leg", symbol="A"), a_recorded_fill(2, level="leg", symbol="B")]
    store.record(Processed(upto=2, fills=legs))

    known = store.known_execution("demo", "17-1", 3)

    assert known is not None
    assert known.by_venue == (("XNYS", shares("100")),)


def test_second_looks_are_kept_once_and_as_they_were_stated(store: Store) -> None:
    """The first verdict on a finding is the one; recording the batch twice changes nothing."""
    assert isinstance(store, FakeStore | SqlStore)
    changed = a_look("F1", Verdict.CHANGED, finding=a_finding("F1", dollar_harm=7))
    other_day = a_look("F3", trade_date="2026-11-19")
    batch = Processed(upto=5, reassessments=[changed, a_look("F2", Verdict.UNRESOLVED), other_day])

    store.record(batch)
    store.record(batch)
    store.record(Processed(upto=6, reassessments=[a_look("F1", Verdict.WITHDRAWN), a_look("F4")]))

    kept = store.reassessments(TRADE_DATE)
    assert kept == [changed, a_look("F2", Verdict.UNRESOLVED), a_look("F4")]
    assert store.reassessments("2026-11-19") == [other_day]
    assert digest(kept) == digest(kept[::-1])
