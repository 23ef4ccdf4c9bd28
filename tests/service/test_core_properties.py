"""What must hold for any journal (design.md §2): cuts, copies, crashes and restarts change no finding and no fact."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.finding import Scope
from service.core import Core
from service.core_state import CoreState
from service.fix.events import OUTCOMES
from service.journal import MESSAGE_KINDS, Entry
from service.market.calendar import Session, TradingCalendar
from service.ports import Checkpoint
from service.processed import Processed
from service.stored_quotes import StoredQuotes
from tests.factories_messages import execution_report, framed
from tests.factories_road import (
    REGISTER,
    a_bust,
    a_correction,
    a_journal,
    a_pipeline,
    a_report,
    a_tick,
    a_trade,
    an_order,
    at,
    digests,
    from_a_file,
    go_on,
    run,
    stamp,
    versions,
)
from tests.fakes_store import FakeJournal, FakeStore

EXAMPLES = 40
DAY = 24 * 3600.0
CALENDAR = TradingCalendar(
    name="XNYS",
    kind="sessions",
    sessions=tuple(
        Session(f"2013-10-{7 + day:02d}", at(day * DAY - 3600), at(day * DAY + 5.5 * 3600)) for day in range(5)
    ),
)
RULEBOOK = """
rules:
  fill_rate_drop:
    parameters: {minimum: 2}
    scopes: [{when: {order_type: market}, parameters: {minimum: 3}}, {when: {venue: XBOS}, enabled: no}]
  slow_fill:
    scopes: [{when: {session_of_day: regular}, severity: low}]
"""
LIMITS = """{"silence_after":60000000000,"gap_overdue_after":30000000000,"orphan_after":300000000000,
"flow_factor":2,"flow_floor":60000000000,"flow_minimum":3,"clock_tolerance":100000000}"""
BEGIN = versions(calendar=CALENDAR, register=REGISTER, limits=LIMITS, rulebook=RULEBOOK)

Word = tuple[str, int, int, float]
"""What happens, to which order, by which execution, so many seconds after the word before."""

words = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "order",
                "child",
                "trade",
                "trade",
                "bust",
                "correct",
                "cancel",
                "garbage",
                "news",
                "tick",
                "day",
                "file",
                "test",
            ]
        ),
        st.integers(0, 3),
        st.integers(0, 5),
        st.sampled_from([0.0, 0.001, 0.5, 5.0, 70.0, 400.0]),
    ),
    min_size=1,
    max_size=18,
)


def entries_of(story: list[Word]) -> list[Entry]:
    """Return the story as journal entries; every message has the next sequence number and a later stamp."""
    entries: list[Entry] = []
    clock = 1.0
    for number, (what, order, execution, step) in enumerate(story, start=1):
        clock += DAY if what == "day" else step
        entries.append(_entry(what, number, clock, f"O{order}", execution))
    return entries


def _entry(what: str, number: int, clock: float, order: str, execution: int) -> Entry:
    name, filled = f"E{order}-{execution}", str(10 + execution)
    silent: dict[str, Any] = {"_32": None, "_31": None, "_30": None}
    told = {
        "order": lambda: an_order(number, clock, order, _40="1", _44=None),
        "child": lambda: an_order(number, clock, order, _526="P"),
        "trade": lambda: a_trade(number, clock, order, name, _32=filled, _30="XBOS" if execution == 3 else "XNYS"),
        "bust": lambda: a_bust(number, clock, order, f"B{name}", name),
        "correct": lambda: a_correction(number, clock, order, f"C{name}", name, _32="5"),
        "cancel": lambda: a_report(number, clock, _37=order, _17=f"X{number}", _150="4", _39="4", **silent),
        "garbage": lambda: a_report(number, clock, _31="dear"),
        "news": lambda: a_report(number, clock, _35="B"),
        "test": lambda: a_trade(number, clock, order, name, _32=filled, _55="ZVZZT"),
        "file": lambda: from_a_file(a_trade(number, clock, order, name, _32=filled), clock),
    }
    return told[what]() if what in told else a_tick(clock)


def the_journal(entries: list[Entry]) -> FakeJournal:
    """Return the journal that all runs of a test begin with."""
    return a_journal(entries, BEGIN)


def told(processed: Processed) -> dict[str, Any]:
    """Return all that a run came to but how far it got, in an order that no cut can change."""
    kept: dict[str, Any] = msgspec.to_builtins(msgspec.structs.replace(processed, upto=0))
    return kept


def facts(processed: Processed) -> dict[str, Any]:
    """Return the executions, what amended them, their marks, and both digests: what copies must not change."""
    trades = sorted((row.fill.execution_id, row.fill.quantity, row.fill.price) for row in processed.fills)
    amended = sorted((row.execution_id, row.dedup_key or "", row.quantity or 0) for row in processed.amendments)
    marks = sorted((row.execution_id, row.horizon, row.at, row.price, repr(row.quote)) for row in processed.markouts)
    ends = sorted((row.order_key, row.at, repr(row.quote)) for row in processed.end_marks)
    fades = sorted((row.first_key, row.later_key, row.baseline_at, repr(row.baseline)) for row in processed.fades)
    market = digests(processed.findings)[Scope.MARKET]
    return {"trades": trades, "amended": amended, "marks": marks, "ends": ends, "fades": fades, "market": market}


def state_of(core: Core) -> CoreState:
    """Return the core's state as a value: a snapshot's bytes may name the members of a set in any order."""
    return msgspec.json.decode(core.snapshot(), type=CoreState)


@settings(max_examples=EXAMPLES)
@given(words, st.integers(1, 7))
def test_where_the_batches_are_cut_changes_nothing(story: list[Word], batch: int) -> None:
    """Not a fact, not a finding, not their order."""
    journal = the_journal(entries_of(story))

    assert told(run(journal, batch=batch)) == told(run(journal, batch=512))


@settings(max_examples=EXAMPLES)
@given(words)
def test_nothing_vanishes(story: list[Word]) -> None:
    """The outcomes are as many as the messages, each is one of the known ones, and facts and outcomes agree."""
    entries = entries_of(story)
    messages = sum(entry.kind in MESSAGE_KINDS for entry in entries)

    done = run(the_journal(entries))

    count = Counter(outcome.outcome for outcome in done.outcomes)
    assert len(done.outcomes) == messages == sum(count.values())
    assert set(count) <= set(OUTCOMES)
    assert count["execution"] == len(done.fills)
    assert count["order_event"] == len(done.order_events)
    garbage = sum(word[0] == "garbage" for word in story)
    assert count["undecodable"] == garbage == sum(finding.rule == "undecodable" for finding in done.findings)


@settings(max_examples=EXAMPLES)
@given(st.data(), words)
def test_copies_of_any_kind_change_no_execution_and_no_market_finding(data: st.DataObject, story: list[Word]) -> None:
    """A copy marked 43=Y under its own number, marked 97=Y under a new one, or not marked at all."""
    entries = entries_of([word for word in story if word[0] not in ("garbage", "day", "tick")])
    with_copies = list(entries)
    numbers = data.draw(st.lists(st.integers(0, max(0, len(entries) - 1)), max_size=4)) if entries else []
    for number in sorted(numbers, reverse=True):  # from behind, so that every copy comes after its original
        mark = data.draw(st.sampled_from(["_43", "_97", None]))
        place = data.draw(st.integers(number + 1, len(with_copies)))
        with_copies.insert(place, _copy(entries[number], mark, place))

    assert facts(run(the_journal(with_copies))) == facts(run(the_journal(entries)))


def _row(entry: Entry) -> Entry:
    """Return the message as a table has it, without the account."""
    fields = [field for field in entry.body.split(b"\x01") if not field.startswith((b"1=", b"8=", b"9=", b"10="))]
    return msgspec.structs.replace(entry, body=framed(b"\x01".join(fields)))


def _copy(entry: Entry, mark: str | None, place: int) -> Entry:
    fields = dict(field.split("=", 1) for field in entry.body.decode().split("\x01") if field)
    tags: dict[str, object] = {f"_{tag}": value for tag, value in fields.items() if tag not in ("8", "9", "10")}
    absent = {f"_{tag}": None for tag in ("32", "31", "30", "44", "19") if tag not in fields}
    marked: dict[str, object] = {mark: "Y"} if mark else {}
    if mark == "_97":
        marked["_34"] = 1000 + place
    return msgspec.structs.replace(entry, body=execution_report(**(absent | tags | marked)))  # type: ignore[arg-type]


@settings(max_examples=EXAMPLES)
@given(st.data(), words)
def test_what_a_file_brings_besides_the_line_changes_no_execution(data: st.DataObject, story: list[Word]) -> None:
    """By the line, from a log, as a row that says less, or by two of them in either order: nothing else counts."""
    entries = entries_of([word for word in story if word[0] not in ("garbage", "day", "tick")])
    told_by = [
        data.draw(st.sampled_from(["line", "file", "row", "row, line", "line, row", "file, line"])) for _ in entries
    ]
    last = 1_000.0
    mixed = [
        entry if way == "line" else from_a_file(entry if way == "file" else _row(entry), last)
        for entry, ways in zip(entries, told_by, strict=True)
        for way in ways.split(", ")
    ]
    messages = len(mixed)

    done = run(the_journal(mixed))

    assert [row[:3] for row in facts(done)["trades"]] == facts(run(the_journal(entries)))["trades"]
    assert facts(done)["amended"] == facts(run(the_journal(entries)))["amended"]
    assert len(done.outcomes) == messages
    assert {outcome.outcome for outcome in done.outcomes} <= set(OUTCOMES)
    assert all(row.fill.received_at is None for row in done.fills if row.fill.backfilled)


@settings(max_examples=EXAMPLES)
@given(words, st.integers(1, 6), st.integers(0, 20))
def test_a_snapshot_taken_anywhere_goes_on_the_same(story: list[Word], batch: int, cut: int) -> None:
    """The core that was restored comes to the same as the one that went on."""
    journal = the_journal(entries_of(story))
    store = FakeStore()
    first = a_pipeline(journal, store, batch=batch)
    for _ in range(cut):
        first.turn(at(0))
    core = Core()
    core.restore(first.core.snapshot())
    assert state_of(core) == state_of(first.core)
    store.save_checkpoint(Checkpoint(offset=first.processed_offset, schema=core.schema, state=core.snapshot()))
    second = a_pipeline(journal, store)

    second.warm(StoredQuotes(store))
    go_on(second)

    assert told(store.recorded) == told(run(journal))


@settings(max_examples=EXAMPLES)
@given(words, st.integers(1, 6), st.integers(0, 20))
def test_a_crash_after_any_batch_is_made_good_from_the_journal_alone(story: list[Word], batch: int, cut: int) -> None:
    """Without any checkpoint: the journal is run again with the recorded decisions, then the road goes on."""
    journal = the_journal(entries_of(story))
    store = FakeStore()
    first = a_pipeline(journal, store, batch=batch)
    for _ in range(cut):
        first.turn(at(0))
    second = a_pipeline(journal, store)

    second.warm(StoredQuotes(store))
    go_on(second)

    undisturbed = run(journal)
    assert told(store.recorded) == told(undisturbed)
    assert digests(store.recorded.findings) == digests(undisturbed.findings)


def test_the_stories_reach_everything_that_they_are_about() -> None:
    """A property over stories that never bust, close or find anything would prove nothing."""
    story: list[Word] = [
        ("order", 1, 0, 0.0),
        ("trade", 1, 3, 400.0),
        ("bust", 1, 3, 1.0),
        ("trade", 1, 1, 0.5),
        ("correct", 1, 1, 0.5),
        ("bust", 2, 1, 0.5),
        ("day", 0, 0, 0.0),
        ("day", 0, 0, 0.0),
        ("bust", 1, 1, 0.5),
        ("trade", 1, 1, 0.5),
    ]

    done = run(the_journal(entries_of(story)))

    assert {mark.execution_id for mark in done.markouts} == {"demo/2013-10-07/EO1-3", "demo/2013-10-07/EO1-1"}
    rules = {finding.rule for finding in done.findings}
    assert {"unexpected_venue", "slow_fill"} <= rules
    assert [made.kind for made in done.amendments] == ["bust", "correction", "bust"]
    assert len(done.order_outcomes) > 0


def test_a_bust_of_a_forgotten_day_finds_its_execution_in_the_store() -> None:
    """Two closes later memory has let go of it; the store has not, wherever the batches are cut."""
    entries = [
        an_order(1, 1, "O1"),
        a_trade(2, 2, "O1", "E1", _32="60"),
        a_trade(3, 3, "O1", "E2", _32="40"),
        a_tick(DAY),
        a_trade(4, DAY + 1, "O2", "E3"),
        a_tick(2 * DAY),
        a_bust(5, 2 * DAY + 1, "O1", "B1", "E1", _75=stamp(2 * DAY)[:8]),
        a_correction(6, 2 * DAY + 2, "O1", "C1", "E2", _32="30", _75=stamp(2 * DAY)[:8]),
        a_bust(7, 2 * DAY + 3, "O1", "B2", "C1", _75=stamp(2 * DAY)[:8]),
    ]

    done = run(the_journal(entries))

    assert [(made.kind, made.execution_id) for made in done.amendments] == [
        ("bust", "demo/2013-10-07/E1"),
        ("correction", "demo/2013-10-07/E2"),
        ("bust", "demo/2013-10-07/E2"),
    ]
    last = done.order_outcomes[-1]
    assert (last.order.order_key, last.executed) == ("O1", 0)
    for batch in (1, 2, 3):
        assert told(run(the_journal(entries), batch=batch)) == told(done)


def test_a_copy_of_a_forgotten_day_is_known_wherever_the_batches_are_cut() -> None:
    """An overnight resend must not double."""
    trade = a_trade(1, 2, "O1", "E1")
    late = msgspec.structs.replace(trade, received_at=at(2 * DAY + 1))
    journal = the_journal([trade, a_tick(DAY), a_trade(2, DAY + 1, "O2", "E2"), a_tick(2 * DAY), late])

    runs = [run(journal, batch=batch) for batch in (1, 3, 512)]

    assert [[outcome.outcome for outcome in done.outcomes] for done in runs] == [
        ["execution", "execution", "duplicate"]
    ] * 3
    assert len({len(done.fills) for done in runs}) == 1
