"""Marks on the road: taken by whatever record comes by, decided once, the same live, replayed and after a crash."""

from __future__ import annotations

import msgspec
import pytest

from rules.facts import MILLISECOND, SECOND, Markout, Nanos
from service.core import Core
from service.journal import Entry, Frame, RecordKind
from service.market.calendar import Session, TradingCalendar
from service.market.recorded_quotes import NoQuotes
from service.marks import HORIZONS
from service.passing import PassingJournal, PassingStore
from service.pipeline import Pipeline
from service.ports import QuoteRequest
from service.processed import Decision, Processed
from service.replay import Replay
from service.stored_quotes import StoredQuotes
from tests.factories_road import (
    LIMITS,
    SteadyQuotes,
    a_bust,
    a_correction,
    a_journal,
    a_pipeline,
    a_tick,
    a_trade,
    an_order,
    at,
    from_a_file,
    go_on,
    quote_at,
    run,
    versions,
)
from tests.fakes_store import FakeJournal, FakeStore

BOUGHT = [an_order(1, 1, "O1"), a_trade(2, 2, "O1", "E1")]


class AskedQuotes(SteadyQuotes):
    """The formula's quotes; remembers every request, and answers none while not `ready`."""

    def __init__(self) -> None:
        self.requests: list[QuoteRequest] = []
        self.ready = True

    def decide(self, request: QuoteRequest, now: Nanos) -> Decision:
        """Remember the request."""
        self.requests.append(request)
        return super().decide(request, now) if self.ready else None  # type: ignore[return-value] # the port allows it


def marks_of(done: Processed) -> list[tuple[str, Nanos]]:
    """Return which marks were taken, in the order in which they were."""
    return [(mark.execution_id.rpartition("/")[2], mark.horizon) for mark in done.markouts]


def ticked(entries: list[Entry], *, store: FakeStore | None = None) -> tuple[FakeJournal, FakeStore]:
    """Run the entries and write every tick that is asked for until ten minutes have passed."""
    journal, store = a_journal(entries), store or FakeStore()
    pipeline = a_pipeline(journal, store)
    go_on(pipeline)
    while (due := pipeline.deadline()) is not None and due <= at(600):
        assert pipeline.tick(due)
        go_on(pipeline)
    return journal, store


def test_every_execution_gets_its_five_marks_by_ticks_alone() -> None:
    """Each soon after its instant, with the quote of that instant; no tick but those that take one."""
    journal, store = ticked(BOUGHT)

    marks = store.recorded.markouts
    assert [mark.horizon for mark in marks] == list(HORIZONS)
    assert [mark.quote for mark in marks] == [quote_at(Nanos(at(2) + horizon)) for horizon in HORIZONS]
    for mark in marks:
        assert 250 * MILLISECOND <= mark.clock - mark.at <= 500 * MILLISECOND
    taking = {mark.offset for mark in marks}
    ticks = {record.offset for record in journal.records if record.kind is RecordKind.TICK}
    assert taking <= ticks
    assert len(ticks - taking) <= 4  # silence and the like


def test_the_measures_of_the_execution_and_of_its_marks_hang_together() -> None:
    """The effective spread is the realized one and the impact, whatever the market did."""
    _, store = ticked([*BOUGHT, an_order(3, 3, "O2", _54="2"), a_trade(4, 4, "O2", "E2", _54="2")])

    whole = [mark for mark in store.recorded.markouts if mark.not_evaluated_reason is None]
    spreads = {row.fill.execution_id: row.fill.measures.effective_spread for row in store.recorded.fills}
    assert len({mark.execution_id for mark in whole}) == 2
    for mark in whole:
        assert mark.realized_spread is not None
        assert mark.price_impact is not None
        assert mark.realized_spread + mark.price_impact == spreads[mark.execution_id]


def test_a_message_carries_the_marks_that_are_due_with_its_own_quotes() -> None:
    """In one request; its own decision is stored without them."""
    quotes = AskedQuotes()
    store = FakeStore()
    pipeline = a_pipeline(a_journal([*BOUGHT, a_trade(3, 4, "O1", "E2", _32="5")]), store)
    pipeline._quotes = quotes

    go_on(pipeline)

    (carrying,) = (request for request in quotes.requests if request.marks)
    assert carrying.execution_at == at(4)
    assert [mark.at for mark in carrying.marks] == [Nanos(at(2) + HORIZONS[0]), at(3)]
    assert {mark.offset for mark in store.recorded.markouts} == {carrying.offset}
    assert [row.decision.marks for row in store.recorded.fills] == [(), ()]


def test_a_tick_waits_for_its_marks_as_a_message_for_its_quotes() -> None:
    """Nothing overtakes it; when the source has come that far, they are taken."""
    journal, store, quotes = a_journal(BOUGHT), FakeStore(), AskedQuotes()
    pipeline = a_pipeline(journal, store)
    pipeline._quotes = quotes
    go_on(pipeline)
    quotes.ready = False
    journal.append(Frame(entries=(a_tick(3),)))

    early = pipeline.turn(at(3))
    quotes.ready = True
    go_on(pipeline)

    request = quotes.requests[-1]
    assert (early.waiting, early.processed) == (True, None)
    assert (request.received_at, request.execution_at) == (at(3), None)
    assert [mark.at for mark in request.marks] == [Nanos(at(2) + HORIZONS[0])]
    assert len(store.recorded.markouts) == 1


def test_without_a_quote_source_no_mark_is_waited_for() -> None:
    """One honest reason with the execution instead of five absences."""
    core = Core()
    store = FakeStore()
    quotes = NoQuotes()
    pipeline = Pipeline(journal=a_journal([*BOUGHT, a_tick(600)]), store=store, quotes=quotes, core=core)

    go_on(pipeline)

    assert len(store.recorded.fills) == 1
    assert (store.recorded.markouts, core._marks.snapshot()) == ([], [])


def test_a_busted_execution_keeps_what_was_taken_before_its_bust() -> None:
    """And gets no more."""
    done = run(a_journal([*BOUGHT, a_bust(3, 10, "O1", "B1", "E1"), a_tick(600)]))

    assert marks_of(done) == [("E1", HORIZONS[0]), ("E1", HORIZONS[1])]
    assert [made.kind for made in done.amendments] == ["bust"]


def test_a_corrected_execution_is_measured_at_its_new_price_from_then_on() -> None:
    """The earlier rows keep theirs."""
    done = run(a_journal([*BOUGHT, a_correction(3, 10, "O1", "C1", "E1", _31="181.00"), a_tick(600)]))

    paid = [mark.price for mark in done.markouts]
    assert paid[0] == paid[1] == done.fills[0].fill.price
    assert set(paid[2:]) == {181 * 10**9}
    assert marks_of(done) == [("E1", horizon) for horizon in HORIZONS]


def test_test_symbols_and_auctions_have_no_marks() -> None:
    """They trade nothing, or at no quote."""
    entries = [
        a_trade(1, 1, "O1", "E1", _55="ZVZZT"),
        a_trade(2, 2, "O2", "E2", _851="4"),
        a_trade(3, 3, "O3", "E3"),
        a_tick(600),
    ]

    assert {name for name, _ in marks_of(run(a_journal(entries)))} == {"E3"}


def test_a_stamp_far_ahead_holds_no_log_open() -> None:
    """A vendor's year 2099 must not become the end of the day."""
    core = Core()

    run(a_journal([a_trade(1, 1, "O1", "E1", _60="20990101-00:00:00.000")]), core=core)

    end = core.end_of_log()
    assert end is not None
    assert end < at(3 * 24 * 3600)


def test_the_end_of_a_log_reaches_the_last_mark() -> None:
    """Though the market closed a moment after the execution: those marks are of the last instant of its hours."""
    hours = Session("2013-10-07", at(-3600), at(2.5))
    calendar = TradingCalendar(name="XNYS", kind="sessions", sessions=(hours,))
    replay = Replay(quotes=SteadyQuotes(), journal=PassingJournal(), store=PassingStore())
    core = replay._pipeline.core
    late = a_trade(2, 3_600, "O2", "E2", _60="20131007-14:30:02.400")

    list(replay.run(versions(calendar=calendar), [a_trade(1, 2, "O1", "E1"), late]))

    assert replay.summary.marks == 2 * len(HORIZONS)
    assert core._marks.snapshot() == []


def test_a_log_without_receive_stamps_comes_to_all_its_marks() -> None:
    """Its clock is the messages' own."""
    stamped = msgspec.structs.replace(BOUGHT[1], received_at=None)
    replay = Replay(quotes=SteadyQuotes(), journal=PassingJournal(), store=PassingStore())

    list(replay.run(versions(), [stamped]))

    assert replay.summary.marks == len(HORIZONS)


def test_what_a_file_brings_gets_its_marks_too() -> None:
    """All at once, of the instants after its executions."""
    done = run(a_journal([from_a_file(BOUGHT[1], 7_200), a_tick(7_201)]))

    assert [mark.at for mark in done.markouts] == [Nanos(at(2) + horizon) for horizon in HORIZONS]


def test_a_replay_counts_its_marks_and_why_some_have_no_numbers() -> None:
    """The formula's market is crossed now and then."""
    replay = Replay(quotes=SteadyQuotes(), journal=PassingJournal(), store=PassingStore())
    entries = [a_trade(number, number, f"O{number}", f"E{number}") for number in range(1, 8)]

    list(replay.run(versions(), entries))

    assert replay.summary.marks == 35
    assert replay.summary.marks_not_evaluated["mark crossed"] > 0


def taken(store: FakeStore) -> list[Markout]:
    """Return the marks that a store recorded."""
    return store.recorded.markouts


@pytest.mark.parametrize("after", [1, 3, 40, 200])
def test_a_restart_in_the_middle_takes_the_marks_that_are_left(after: int) -> None:
    """By the journal alone, and with the quotes that were decided before."""
    undisturbed = ticked(BOUGHT)
    journal, store = a_journal(BOUGHT), FakeStore()
    first = a_pipeline(journal, store)
    go_on(first)
    while (due := first.deadline()) is not None and due <= at(after):
        first.tick(due)
        go_on(first)
    second = a_pipeline(journal, store)

    second.warm(StoredQuotes(store))
    while (due := second.deadline()) is not None and due <= at(600):
        second.tick(due)
        go_on(second)

    assert taken(store) == taken(undisturbed[1])


def test_a_second_run_knows_the_marks_by_what_was_recorded() -> None:
    """The quotes that the store holds, not those of today."""
    journal, store = ticked(BOUGHT)
    again = FakeStore()
    second = a_pipeline(journal, again)
    second._quotes = StoredQuotes(store)

    go_on(second)

    assert [mark.quote for mark in taken(again)] == [mark.quote for mark in taken(store)]
    assert {mark.released for mark in taken(again)} == {"recorded"}


def test_a_source_with_a_longer_grace_has_its_marks_later() -> None:
    """By the limits in force, which the journal holds."""
    limits = LIMITS[:-1] + f',"mark_after":{2 * SECOND}}}'
    core = Core()
    journal = a_journal(BOUGHT, versions(limits=limits))

    run(journal, core=core)

    assert core._marks.deadline() == at(4.25)
    journal.append(Frame(entries=(a_tick(4.2),)))
    assert run(journal).markouts[0].clock == at(4.2)
