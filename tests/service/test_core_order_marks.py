"""What becomes of orders against the market, on the road: the same live, replayed, cut anywhere and after a crash."""

from __future__ import annotations

import msgspec
import pytest

from rules.facts import SECOND, Nanos, OrderEnd, QuoteState
from service.core import Core
from service.journal import Entry, Frame
from service.market.calendar import Session, TradingCalendar
from service.market.recorded_quotes import NoQuotes
from service.passing import PassingJournal, PassingStore
from service.pipeline import Pipeline
from service.ports import Checkpoint
from service.processed import Processed
from service.replay import Replay
from service.stored_quotes import StoredQuotes
from tests.factories import price
from tests.factories_road import (
    SteadyQuotes,
    a_journal,
    a_pipeline,
    a_report,
    a_tick,
    a_trade,
    an_order,
    at,
    go_on,
    quote_at,
    run,
    versions,
)
from tests.fakes_store import FakeStore

SILENT = {"_32": None, "_31": None, "_30": None}
HOURS = TradingCalendar(name="XNYS", kind="sessions", sessions=(Session("2013-10-07", at(-3600), at(100)),))


def a_cancel(number: int, second: float, name: str) -> Entry:
    """Return the cancel of an order."""
    return a_report(number, second, _37=name, _11=name, _17=f"X{name}", _150="4", _39="4", **SILENT)


def the_family(*receipts: float) -> list[Entry]:
    """Return children A, B, C, … of one parent, received at these seconds."""
    return [
        an_order(number, second, "ABCDEFG"[number - 1], _526="PARENT")
        for number, second in enumerate(receipts, start=1)
    ]


STORY = [
    *the_family(1, 3, 4.5, 9),
    a_trade(5, 10, "A", "E1", _32="40", _526="PARENT"),
    a_cancel(6, 11, "A"),
    a_trade(7, 12, "B", "E2", _526="PARENT"),
]


def fades(done: Processed) -> list[tuple[str, str, Nanos, str | None]]:
    """Return first and later child of each fade, its baseline, and why its move has no number."""
    return [(fade.first_key, fade.later_key, fade.baseline_at, fade.moved.why) for fade in done.fades]


def test_an_order_canceled_in_part_gets_the_quote_at_its_end() -> None:
    """Forty of a hundred were bought: the market at the cancel prices the other sixty."""
    done = run(a_journal([*STORY, a_tick(20)]))

    (mark,) = done.end_marks
    outcome = next(one for one in done.order_outcomes if one.end is OrderEnd.CANCELED)
    assert (mark.order_key, mark.at, mark.quote) == ("A", at(11), quote_at(at(11)))
    assert (outcome.order.order_key, outcome.at) == ("A", mark.ended_at)
    assert outcome.arrival_slippage == 2 * 40_000_000 * price("181.95") - 40_000_000 * 2 * middle(1)


def middle(second: float) -> int:
    """Return the midpoint of the formula's market; it is whole in nanodollars."""
    quote = quote_at(at(second))
    assert quote.bid is not None
    assert quote.offer is not None
    return (quote.bid + quote.offer) // 2


def test_later_children_are_measured_against_the_first_and_against_the_time_before_it() -> None:
    """One row each, as soon as its baseline is taken; a market that is crossed at a receipt says so."""
    done = run(a_journal([*STORY, a_tick(20)]))

    whys = [None if quote_at(at(second)).state.usable else "later child crossed" for second in (3, 4.5, 9)]
    assert quote_at(at(1)).state.usable
    assert sorted(fades(done)) == [
        ("A", "B", at(-1), whys[0]),
        ("A", "C", at(-2.5), whys[1]),
        ("A", "D", at(-7), whys[2]),
    ]
    asked = [fade for fade in done.fades if fade.released is not None]
    assert [fade.baseline for fade in asked] == [quote_at(fade.baseline_at) for fade in asked] != []


def test_orders_that_the_close_ended_are_measured_at_the_last_instant_of_its_hours() -> None:
    """The end of a log reaches that too."""
    replay = Replay(quotes=SteadyQuotes(), journal=PassingJournal(), store=(store := KeepingStore()))

    list(replay.run(versions(calendar=HOURS), [an_order(1, 1, "O1")]))

    (mark,) = store.ends
    assert (mark.ended_at, mark.at, mark.past_close) == (at(100), at(100) - 1, True)


class KeepingStore(PassingStore):
    """Remembers the ends that a replay passed on."""

    def __init__(self) -> None:
        super().__init__()
        self.ends = []  # type: ignore[var-annotated]

    def record(self, processed: Processed) -> None:
        """Keep the ends."""
        self.ends += processed.end_marks
        super().record(processed)


def test_without_a_quote_source_nothing_is_asked_for() -> None:
    """The receipts say why."""
    core, store = Core(), FakeStore()
    pipeline = Pipeline(journal=a_journal([*STORY, a_tick(20)]), store=store, quotes=NoQuotes(), core=core)

    go_on(pipeline)

    assert (store.recorded.end_marks, store.recorded.fades, core._order_marks.snapshot()) == ([], [], [])
    assert len(store.recorded.order_outcomes) == 2


def test_an_order_whose_fill_was_busted_after_its_end_gets_its_quote_then() -> None:
    """It was filled, so that nobody had asked."""
    bust = a_report(8, 13, _37="B", _11="B", _17="B2", _150="H", _19="E2", **SILENT)

    done = run(a_journal([*STORY, bust, a_tick(20)]))

    assert [(mark.order_key, mark.at) for mark in done.end_marks] == [("A", at(11)), ("B", at(12))]


@pytest.mark.parametrize("batch", [1, 2, 3, 5])
def test_cutting_and_repeating_batches_changes_nothing(batch: int) -> None:
    """A copy of the whole story included."""
    whole = run(a_journal([*STORY, a_tick(20)]))

    cut = run(a_journal([*STORY, *STORY, a_tick(20)]), batch=batch)

    assert [(mark.order_key, mark.at, mark.quote) for mark in cut.end_marks] == [
        (mark.order_key, mark.at, mark.quote) for mark in whole.end_marks
    ]
    assert fades(cut) == fades(whole)
    assert [fade.baseline for fade in cut.fades] == [fade.baseline for fade in whole.fades]


@pytest.mark.parametrize("after", range(1, len(STORY) + 1))
def test_a_restart_takes_what_is_left_with_the_quotes_that_were_decided(after: int) -> None:
    """By the journal alone, or from a checkpoint in between."""
    undisturbed = FakeStore()
    go_on(a_pipeline(a_journal([*STORY, a_tick(20)]), undisturbed))
    journal, store = a_journal(STORY[:after]), FakeStore()
    core = Core()
    go_on(a_pipeline(journal, store, core=core))
    kept = Checkpoint(offset=journal.last_offset(), schema=Core.schema, state=core.snapshot())
    journal.append(Frame(entries=(*STORY[after:], a_tick(20))))
    again = FakeStore()
    again.record(msgspec.structs.replace(store.recorded))

    for one, checkpoint in ((store, None), (again, kept)):
        if checkpoint is not None:
            one.save_checkpoint(checkpoint)
        second = a_pipeline(journal, one)
        second.warm(StoredQuotes(one))
        go_on(second)

    for one in (store, again):
        assert one.recorded.end_marks == undisturbed.recorded.end_marks
        assert one.recorded.fades == undisturbed.recorded.fades


def test_a_second_run_goes_by_what_was_recorded() -> None:
    """Marks of executions, of ends and of baselines in one record each find their own."""
    journal, first, second = a_journal([*STORY, a_tick(20)]), FakeStore(), FakeStore()
    go_on(a_pipeline(journal, first))
    again = a_pipeline(journal, second)
    again._quotes = StoredQuotes(first)

    go_on(again)

    assert [mark.quote for mark in second.recorded.end_marks] == [mark.quote for mark in first.recorded.end_marks]
    assert [fade.baseline for fade in second.recorded.fades] == [fade.baseline for fade in first.recorded.fades]
    assert [mark.quote for mark in second.recorded.markouts] == [mark.quote for mark in first.recorded.markouts]
    assert {mark.released for mark in second.recorded.end_marks} == {"recorded"}


def test_families_end_with_their_day() -> None:
    """A parent's id that comes back on another day is another parent."""
    day = 24 * 3600.0
    core = Core()

    again = an_order(2, 2 * day + 1, "B", _526="PARENT")

    done = run(a_journal([*the_family(1), a_tick(2 * day), again, a_tick(4 * day)]), core=core)

    assert done.fades == []
    assert [state[0] for state in core._timers.families.snapshot()] == ["2013-10-09"]


def test_a_tick_takes_the_quote_at_an_end_when_nothing_else_comes_by() -> None:
    """On its own grain, and then nothing is left to wait for."""
    journal, store = a_journal([an_order(1, 1, "O1"), a_cancel(2, 2, "O1")]), FakeStore()
    pipeline = a_pipeline(journal, store)
    go_on(pipeline)

    due = pipeline.deadline()
    assert due == at(2) + SECOND // 4
    assert pipeline.tick(due)
    go_on(pipeline)

    (mark,) = store.recorded.end_marks
    assert (mark.at, mark.clock) == (at(2), due)
    assert mark.quote.state is not QuoteState.ABSENT
