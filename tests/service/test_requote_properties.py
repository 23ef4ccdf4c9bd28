"""What must hold for any story in which quotes come late: cuts, restarts and copies change nothing."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.facts import Quote, QuoteState
from rules.reassessment import digest, standing
from service.core import Core
from service.journal import Entry, RecordKind
from service.ports import Checkpoint
from service.processed import Processed
from service.stored_quotes import StoredQuotes
from tests.factories_requote import FIRST, LOW, WIDE, a_market, a_requote, looks
from tests.factories_road import REGISTER, a_journal, a_pipeline, at, digests, go_on, run, versions
from tests.fakes_store import FakeJournal, FakeStore
from tests.service.test_core_properties import CALENDAR, Word, state_of, words
from tests.service.test_reassess_properties import RULEBOOK, entries_of, with_gaps

EXAMPLES = 60
BEGIN = versions(calendar=CALENDAR, register=REGISTER, rulebook=RULEBOOK)
CROSSED = Quote(state=QuoteState.CROSSED, bid=LOW.offer, offer=LOW.bid, at=LOW.at)
QUOTES = st.sampled_from([None, LOW, WIDE, CROSSED, a_market("181.90", "181.93")])

late = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 6), QUOTES, QUOTES), min_size=4, max_size=9)
"""Late quotes: for which record, after how many others, at receipt and at execution."""
gaps = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 2), st.integers(1, 6)), max_size=2)

Late = list[tuple[int, int, Quote | None, Quote | None]]
Gaps = list[tuple[int, int, int]]


def the_journal(story: list[Word], held_back: Gaps, quotes: Late) -> FakeJournal:
    """Return the story with its gaps and with the records that say which quotes came late."""
    messages = with_gaps(entries_of(story), held_back)
    clock, made, offsets = at(0), list[Entry](), list[int]()
    for place in range(len(messages) + 1):
        for about, after, receipt, execution in quotes:
            if place == min(about + after + 1, len(messages)):
                decided = offsets[about] - FIRST if about < len(offsets) else 900
                late = a_requote(decided, 0, receipt=receipt, execution=execution)
                made.append(msgspec.structs.replace(late, received_at=clock))
        if place < len(messages):
            offsets.append(FIRST + len(made))
            made.append(messages[place])
            clock = max(clock, messages[place].received_at or clock)
    return a_journal(made, BEGIN)


def told(processed: Processed) -> list[object]:
    """Return all that is said of findings, second looks and late quotes, in order."""
    return [*processed.findings, *processed.reassessments, *processed.requotes]


@settings(max_examples=EXAMPLES, deadline=None)
@given(words, gaps, late, st.integers(1, 7))
def test_where_the_batches_are_cut_changes_nothing(story: list[Word], held: Gaps, quotes: Late, batch: int) -> None:
    """Nor their order, nor what was stated anew."""
    journal = the_journal(story, held, quotes)

    cut, whole = run(journal, batch=batch), run(journal, batch=512)

    assert told(cut) == told(whole)
    assert digests(cut.findings) == digests(whole.findings)
    assert digest(cut.reassessments) == digest(whole.reassessments)


@settings(max_examples=EXAMPLES, deadline=None)
@given(words, gaps, late, st.integers(0, 25))
def test_a_restart_anywhere_changes_nothing(story: list[Word], held: Gaps, quotes: Late, stop: int) -> None:
    """The second run finds what the first one left in the store, and only what came before each record."""
    journal = the_journal(story, held, quotes)
    whole = run(journal)
    store = FakeStore()
    first = FakeJournal()
    first.records = journal.records[: FIRST - 1 + stop]
    go_on(a_pipeline(first, store, batch=3))
    second = a_pipeline(journal, store, batch=3, core=Core())

    second.warm(StoredQuotes(store))
    go_on(second)

    assert told(store.recorded) == told(whole)


@settings(max_examples=EXAMPLES, deadline=None)
@given(words, gaps, late, st.integers(0, 25))
def test_the_journal_run_again_leads_to_the_same_state(story: list[Word], held: Gaps, quotes: Late, kept: int) -> None:
    """From the beginning or from a checkpoint, with everything recorded that came later."""
    journal = the_journal(story, held, quotes)
    store = FakeStore()
    pipeline = a_pipeline(journal, store, batch=4)
    go_on(pipeline)
    early = FakeJournal()
    early.records = journal.records[: FIRST - 1 + kept]
    part = a_pipeline(early, FakeStore())
    go_on(part)
    store.checkpoints = [Checkpoint(offset=part.processed_offset, schema=Core.schema, state=part.core.snapshot())]
    again = a_pipeline(journal, store, core=Core())

    again.warm(StoredQuotes(store))

    assert state_of(again.core) == state_of(pipeline.core)


@settings(max_examples=EXAMPLES, deadline=None)
@given(words, gaps, st.lists(st.tuples(st.integers(0, 14), st.integers(0, 6)), min_size=1, max_size=4))
def test_a_late_quote_that_says_what_was_decided_changes_nothing(
    story: list[Word], held: Gaps, about: list[tuple[int, int]]
) -> None:
    """Neither a row nor a look nor a finding."""
    plain = run(a_journal(with_gaps(entries_of(story), held), BEGIN))
    decided = {}
    for row in plain.fills:
        decided[row.fill.offset] = row.decision
    quotes: Late = []
    for place, after in about:
        known = decided.get(FIRST + place)
        if known is not None:
            quotes.append((place, after, known.at_receipt, known.at_execution))

    journal = the_journal(story, held, quotes)
    moved = run(journal)

    if all(_stands_where_it_was(journal, place) for place, *_ in quotes):
        assert moved.requotes == []
        assert looks(moved) == []
        assert digests(moved.findings) == digests(plain.findings)


def _stands_where_it_was(journal: FakeJournal, place: int) -> bool:
    kinds = [record.kind for record in journal.records[FIRST - 1 : FIRST + place]]
    return RecordKind.REQUOTE not in kinds


@settings(max_examples=EXAMPLES, deadline=None)
@given(words, gaps, late)
def test_every_look_is_at_a_finding_and_changes_what_stood(story: list[Word], held: Gaps, quotes: Late) -> None:
    """No look repeats what was said, none is at a finding that was never stated, and no finding is stated twice."""
    made = run(the_journal(story, held, quotes))

    first = {finding.finding_id: finding for finding in made.findings}
    assert len(first) == len(made.findings)
    for look in looks(made):
        before = [one for one in made.reassessments if one.finding_id == look.finding_id and one.offset < look.offset]
        was = standing(first[look.finding_id], before)
        assert was != standing(first[look.finding_id], [*before, look]) or look.verdict == "unresolved"
