"""Own orders under any journal: neither cuts nor crashes change a thing, nor which of the two copies came first."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.facts import Order, OrderEnd
from service.core import Core
from service.core_state import CoreState
from service.journal import Entry
from service.ports import Checkpoint
from service.processed import Processed
from service.stored_quotes import StoredQuotes
from tests.factories_own import (
    CALENDAR,
    OVER,
    PARENTS,
    a_cancel,
    a_fill,
    a_replace,
    an_ack,
    an_event,
    an_own,
    ends,
    later,
    the_journal,
)
from tests.factories_road import a_pipeline, a_tick, at, go_on, run
from tests.fakes_store import FakeStore

EXAMPLES = 40
WORDS = (
    "own",
    "replace",
    "cancel",
    "ack",
    "fill",
    "fill",
    "replaced",
    "canceled",
    "child",
    "bust",
    "claim",
    "tick",
    "day",
)

Word = tuple[str, int, int, float]
"""What happens, to which order, how many times a hundred shares, so many seconds after the word before."""

words = st.lists(
    st.tuples(st.sampled_from(WORDS), st.integers(1, 2), st.integers(1, 3), st.sampled_from([0.0, 0.5, 6.0, 40.0])),
    min_size=1,
    max_size=18,
)


def entries_of(story: list[Word]) -> list[Entry]:
    """Return the story as journal entries; each of the two copies counts its own numbers."""
    entries: list[Entry] = []
    clock, numbers = 1.0, {"oms": 0, "demo": 0}
    for what, order, hundreds, step in story:
        clock += 24 * 3600.0 if what == "day" else step
        ours = what in ("own", "replace", "cancel")
        numbers["oms" if ours else "demo"] += what not in ("tick", "day")
        entries.append(_entry(what, numbers["oms" if ours else "demo"], clock, str(order), hundreds))
    return entries


def _entry(what: str, number: int, clock: float, n: str, hundreds: int) -> Entry:
    order, own, filled = f"O{n}", f"C{n}", 100 * hundreds
    told = {
        "own": lambda: an_own(number, clock, own, _38=300),
        "replace": lambda: a_replace(number, clock, f"R{n}", own, _44="182.50", _38=400),
        "cancel": lambda: a_cancel(number, clock, f"X{n}", own),
        "ack": lambda: an_ack(number, clock, order, own, _38=300),
        "fill": lambda: a_fill(number, clock, order, own, filled, _38=300, _17=f"E{n}-{hundreds}"),
        "replaced": lambda: an_event(number, clock, order, f"R{n}", "5", _41=own, _38=400, _44="182.50"),
        "canceled": lambda: an_event(number, clock, order, own, "4"),
        "child": lambda: a_fill(number, clock, f"V{n}", f"K{n}", filled, _526=own, _17=f"K{n}-{hundreds}"),
        "bust": lambda: a_fill(number, clock, f"V{n}", f"K{n}", _17=f"B{number}", _150="H", _19=f"K{n}-{hundreds}"),
        "claim": lambda: a_fill(number, clock, order, own, filled, _38=300, _14=filled + 100),
    }
    return told[what]() if what in told else a_tick(clock)


def told(processed: Processed) -> dict[str, Any]:
    """Return all that a run came to but how far it got."""
    kept: dict[str, Any] = msgspec.to_builtins(msgspec.structs.replace(processed, upto=0))
    return kept


def journal_of(story: list[Word]) -> Any:
    """Return the journal of a story with both dialects in force."""
    return the_journal(entries_of(story), calendar=CALENDAR, dialect=PARENTS)


@settings(max_examples=EXAMPLES)
@given(words, st.integers(1, 7))
def test_where_the_batches_are_cut_changes_nothing(story: list[Word], batch: int) -> None:
    """Not an own order, not a finding, not their order."""
    journal = journal_of(story)

    assert told(run(journal, batch=batch)) == told(run(journal, batch=512))


@settings(max_examples=EXAMPLES)
@given(words)
def test_nothing_vanishes(story: list[Word]) -> None:
    """Every message has one outcome, and own orders and rows agree."""
    done = run(journal_of(story))

    outcomes = [outcome.outcome for outcome in done.outcomes]
    assert len(outcomes) == sum(word[0] not in ("tick", "day") for word in story)
    assert outcomes.count("own_order") == len(done.own_orders)
    assert "undecodable" not in outcomes


@settings(max_examples=EXAMPLES)
@given(words, st.integers(1, 6), st.integers(0, 20))
def test_a_snapshot_taken_anywhere_goes_on_the_same(story: list[Word], batch: int, cut: int) -> None:
    """The core that was restored comes to the same as the one that went on, also from no checkpoint at all."""
    journal, store, bare = journal_of(story), FakeStore(), FakeStore()
    for kept in (store, bare):
        first = a_pipeline(journal, kept, batch=batch)
        for _ in range(cut):
            first.turn(at(0))
    core = Core()
    core.restore(first.core.snapshot())
    state, again = (msgspec.json.decode(one.snapshot(), type=CoreState) for one in (first.core, core))
    assert state == again
    store.save_checkpoint(Checkpoint(offset=first.processed_offset, schema=core.schema, state=core.snapshot()))

    for kept in (store, bare):
        second = a_pipeline(journal, kept)
        second.warm(StoredQuotes(kept))
        go_on(second)
        assert told(kept.recorded) == told(run(journal))


def shown(done: Processed) -> dict[str, tuple[Order, OrderEnd, int]]:
    """Return how each order ended, by the last word on it."""
    return {key: (end.order, end.end, end.executed) for key, end in ends(done).items()}


@st.composite
def two_copies(draw: st.DrawFn) -> tuple[list[Entry], list[Entry]]:
    """Draw what the firm sent, and what the vendor made of it."""
    ours, theirs = [an_own(1, 1, "C1", _38=300), an_own(2, 1, "C2", _38=300)], []
    replaced, canceled = draw(st.booleans()), draw(st.booleans())
    if replaced:
        ours.append(a_replace(3, 3, "R1", "C1", _44="182.50", _38=400))
    if canceled:
        ours.append(a_cancel(4 if replaced else 3, 7, "X1", "R1" if replaced else "C1"))
    if draw(st.booleans()):
        theirs.append(an_ack(1, 2, "O1", "C1", _38=300))
    theirs.append(a_fill(2, 2.5, "O1", "C1", 100, _38=300))
    if replaced:
        theirs.append(an_event(3, 4, "O1", "R1", "5", _41="C1", _38=400, _44="182.50"))
        theirs.append(a_fill(4, 5, "O1", "R1", 100, _38=400, _44="182.50"))
    if canceled:
        theirs.append(an_event(5, 8, "O1", "X1", "4", _41="R1" if replaced else "C1", _38=None, _44=None))
    return ours, theirs


@settings(max_examples=100)
@given(st.data(), two_copies())
def test_which_copy_came_first_changes_no_end(data: st.DataObject, copies: tuple[list[Entry], list[Entry]]) -> None:
    """Terms, receipt, account, shares and end of every order are the same in any interleaving of the two."""
    ours, theirs = (list(copy) for copy in copies)
    mixed: list[Entry] = []
    while ours and theirs:
        mixed.append((ours if data.draw(st.booleans()) else theirs).pop(0))
    mixed += ours + theirs
    numbered = [later(entry, 10 + number / 100) for number, entry in enumerate(mixed)]
    straight = [later(entry, 10 + number / 100) for number, entry in enumerate([*copies[0], *copies[1]])]

    done, as_sent = (run(the_journal([*entries, a_tick(OVER)], calendar=CALENDAR)) for entries in (numbered, straight))

    assert shown(done) == shown(as_sent)
    assert set(shown(done)) == {"O1", "C2"}
