"""The road with flows that stop, clocks that are off and symbols that nobody knows: replay equals live here too."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.facts import FeedEvent, FeedEventKind, Nanos
from rules.finding import Severity
from service.core import Core
from service.core_state import CoreState
from service.feed.clock_offset import BLOCK_MESSAGES, BLOCKS
from service.journal import Entry
from service.market.recorded_quotes import RecordedQuotes
from service.market.tape import absent
from service.pipeline import Pipeline
from service.ports import QuoteRequest, Quotes
from service.processed import Decision, Processed
from service.stored_quotes import StoredQuotes
from tests.factories_messages import fix_message
from tests.factories_road import (
    SteadyQuotes,
    a_bust,
    a_journal,
    a_message,
    a_tick,
    a_trade,
    an_order,
    at,
    go_on,
    stamp,
    versions,
)
from tests.fakes_store import FakeJournal, FakeStore

LIMITS = """{"silence_after":60000000000,"gap_overdue_after":30000000000,"orphan_after":300000000000,
"flow_factor":10,"flow_floor":300000000000,"flow_minimum":50,"clock_tolerance":100000000}"""
BEGIN = versions(limits=LIMITS)
DAY = 24 * 3600.0
FULL = BLOCKS * BLOCK_MESSAGES
OURS = (
    FeedEventKind.FLOW_STOPPED,
    FeedEventKind.FLOW_RESUMED,
    FeedEventKind.CLOCK_OFFSET,
    FeedEventKind.CLOCK_STEADY,
    FeedEventKind.SYMBOL_UNMATCHED,
)

Word = tuple[str, int, float]
"""What happens, how often, and how many seconds lie between."""

words = st.lists(
    st.tuples(
        st.sampled_from(["news", "late", "beat", "trade", "tick", "rest"]),
        st.integers(1, 12),
        st.sampled_from([0.2, 5.0, 31.0]),
    ),
    min_size=1,
    max_size=8,
)
SYMBOLS = ("IBM", "ABC-A", "ABC PRA", "ZVZZT", "BRK/B")


class FewQuotes(SteadyQuotes):
    """A source that knows IBM and class B of BRK, in the canonical form; it keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def decide(self, request: QuoteRequest, now: Nanos) -> Decision:
        """Return the formula's quotes, or that the symbol is not known."""
        self.asked.append(request.symbol)
        steady = super().decide(request, now)
        if request.symbol in ("IBM", "BRK.B"):
            return steady
        unknown = absent("unknown symbol")
        return msgspec.structs.replace(
            steady,
            at_receipt=steady.at_receipt and unknown,
            at_execution=steady.at_execution and unknown,
        )


def entries_of(story: list[Word]) -> list[Entry]:
    """Return a flow that is going on, then the story, as journal entries."""
    entries: list[Entry] = []
    clock = 1.0
    for what, count, step in [("news", FULL, 10.0), *story]:
        for turn in range(count):
            clock += 400.0 if what == "rest" else step
            entries.append(_entry(what, len(entries) + 1, clock, turn))
    return entries


def _entry(what: str, number: int, clock: float, turn: int) -> Entry:
    if what in ("tick", "rest"):
        return a_tick(clock)
    if what == "trade":
        symbol = SYMBOLS[turn % len(SYMBOLS)]
        return a_trade(number, clock, f"O{number}", f"E{number}", _55=symbol)
    sent = clock - 0.3 if what == "late" else clock
    msg_type = "0" if what == "beat" else "B"
    body = fix_message(_35=msg_type, _34=number, _49="SOR", _52=stamp(sent), _56="FIRM")
    return a_message(body, clock)


def a_pipeline(
    journal: FakeJournal, store: FakeStore, *, batch: int = 512, core: Core | None = None, quotes: Quotes | None = None
) -> Pipeline:
    """Return a pipeline whose source knows few symbols."""
    return Pipeline(journal=journal, store=store, quotes=quotes or FewQuotes(), core=core or Core(), batch=batch)


def run(entries: list[Entry], *, batch: int = 512, **named: Any) -> Processed:
    """Run the entries; return all that they came to."""
    store = FakeStore()
    go_on(a_pipeline(a_journal(entries, BEGIN), store, batch=batch, **named))
    return store.recorded


def told(processed: Processed) -> dict[str, Any]:
    """Return all that a run came to but how far it got."""
    kept: dict[str, Any] = msgspec.to_builtins(msgspec.structs.replace(processed, upto=0))
    return kept


def ours(processed: Processed) -> list[FeedEvent]:
    """Return what was said of flows, clocks and symbols."""
    return [event for event in processed.feed_events if event.kind in OURS]


@settings(max_examples=25)
@given(words, st.integers(1, 40))
def test_where_the_batches_are_cut_changes_nothing(story: list[Word], batch: int) -> None:
    """Not an event, not its place, not a finding."""
    entries = entries_of(story)

    assert told(run(entries, batch=batch)) == told(run(entries))


@settings(max_examples=25)
@given(words, st.integers(1, 40), st.integers(0, 12))
def test_a_core_that_was_restored_goes_on_the_same(story: list[Word], batch: int, cut: int) -> None:
    """Its flows, clocks and what it said of symbols are in the snapshot."""
    entries = entries_of(story)
    journal, store = a_journal(entries, BEGIN), FakeStore()
    first = a_pipeline(journal, store, batch=batch)
    for _ in range(cut):
        first.turn(at(0))
    core = Core()
    core.restore(first.core.snapshot())
    second = a_pipeline(journal, store, core=core)
    second.warm(StoredQuotes(store))

    go_on(second)

    assert told(store.recorded) == told(run(entries))


def test_the_stories_reach_everything_that_they_are_about() -> None:
    """A property over journals in which nothing is ever said would prove nothing."""
    story: list[Word] = [
        ("beat", 15, 31.0),
        ("late", FULL, 31.0),
        ("news", 2 * FULL, 5.0),
        ("trade", 10, 5.0),
    ]

    done = run(entries_of(story))

    assert {event.kind for event in ours(done)} == set(OURS)
    rules = {finding.rule for finding in done.findings}
    assert {"flow_stopped", "clock_offset", "unmatched_symbol"} <= rules


def test_a_symbol_that_nobody_knows_is_said_once_a_day_and_asked_for_in_one_form() -> None:
    """The facts keep it as the vendor wrote it; only the question is canonical. A test symbol has its own words."""
    quotes = FewQuotes()
    trades = [
        a_trade(number, number, f"O{number}", f"E{number}", _55=symbol)
        for number, symbol in enumerate(SYMBOLS * 2, start=1)
    ]
    next_day = [a_trade(11, DAY + 1, "O11", "E11", _55="ABC PRA")]

    done = run(trades + next_day, quotes=quotes)

    assert [row.fill.symbol for row in done.fills] == [*SYMBOLS * 2, "ABC PRA"]
    assert quotes.asked == [*["IBM", "ABC.A", "ABC.PRA", "ZVZZT", "BRK.B"] * 2, "ABC.PRA"]
    assert [(e.subject, e.trade_date, e.detail["asked_for"], e.detail["reason"]) for e in ours(done)] == [
        ("ABC-A", "2013-10-07", "ABC.A", "unknown symbol"),
        ("ABC PRA", "2013-10-07", "ABC.PRA", "unknown symbol"),
        ("ZVZZT", "2013-10-07", "ZVZZT", "test symbol"),
        ("ABC PRA", "2013-10-08", "ABC.PRA", "unknown symbol"),
    ]
    found = {f.subject: f.severity for f in done.findings if f.rule == "unmatched_symbol"}
    assert found == {"ABC-A": Severity.MEDIUM, "ABC PRA": Severity.MEDIUM, "ZVZZT": Severity.LOW}
    assert done.fills[3].fill.at_execution.note == "test symbol"
    assert done.fills[3].decision.at_execution == done.fills[3].fill.at_execution


def test_a_test_symbol_is_compared_with_no_quote_even_where_there_is_one() -> None:
    """The source may show it; that is no market."""
    order = an_order(1, 1, "O1", _55="CBX", _40="1", _44=None)

    done = run([order, a_trade(2, 2, "O1", "E1", _55="CBX")], quotes=SteadyQuotes())

    (row,) = done.fills
    assert (row.fill.at_execution.note, row.fill.at_receipt.note) == ("test symbol", "test symbol")
    assert [event.subject for event in ours(done)] == ["CBX"]


def test_recorded_decisions_stay_valid_whatever_the_symbol_map_says_now() -> None:
    """They are found by offset: a day that was judged is not judged anew."""
    trade = a_trade(1, 1, "O1", "E1", _55="BRK B")
    before = run([trade], quotes=SteadyQuotes()).fills[0].decision
    (offset,) = [outcome.offset for outcome in run([trade]).outcomes]

    again = run([trade], quotes=RecordedQuotes({offset: before}, FewQuotes()))

    assert again.fills[0].fill.at_execution == before.at_execution


def test_what_was_said_of_symbols_is_forgotten_with_its_day() -> None:
    """Two closes later it is no longer in the state."""
    core = Core()
    trades = [a_trade(1, 1, "O1", "E1", _55="ABC-A"), a_trade(2, DAY + 1, "O2", "E2", _55="ABC-A")]

    run([*trades, a_tick(2 * DAY)], core=core)

    state = msgspec.json.decode(core.snapshot(), type=CoreState)
    assert list(state.unmatched) == ["2013-10-08"]


def test_the_delay_that_a_dialect_declares_is_on_every_fill() -> None:
    """So that the rule of late copies can take it off."""
    core = Core()
    run([], core=core)
    dialect = core._in_force.dialects["demo"]
    core._in_force.dialects["demo"] = msgspec.structs.replace(dialect, delay=Nanos(1_000_000_000))
    store = FakeStore()
    journal = a_journal([a_trade(1, 1, "O1", "E1")], [])

    go_on(a_pipeline(journal, store, core=core))

    assert [row.fill.declared_delay for row in store.recorded.fills] == [1_000_000_000]


def test_conflicts_overfills_and_orphan_busts_are_findings() -> None:
    """The books are in doubt: each reaches a person."""
    entries = [
        an_order(1, 1, "O1"),
        a_trade(2, 2, "O1", "E1"),
        a_trade(3, 3, "O1", "E1", _31="181.00"),
        a_trade(4, 4, "O1", "E2"),
        a_bust(5, 5, "O1", "B1", "E9"),
        a_tick(400),
    ]

    found = {finding.rule: finding.subject for finding in run(entries).findings}

    assert {"duplicate_conflict", "overfill", "orphan_bust"} <= set(found)
    assert found["overfill"].endswith("E2")
    assert found["orphan_bust"] == "E9"
