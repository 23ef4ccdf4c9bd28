"""What must hold for any story with gaps: cuts, restarts and crashes change no second look, and none is forgotten."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.finding import Scope
from rules.reassessment import Verdict, digest
from service.core import Core
from service.fix.message import split
from service.journal import Entry, RecordKind
from service.ports import Checkpoint
from service.processed import Processed
from service.stored_quotes import StoredQuotes
from tests.factories_messages import execution_report
from tests.factories_road import REGISTER, a_journal, a_pipeline, a_trade, at, digests, go_on, run, versions
from tests.fakes_store import FakeJournal, FakeStore
from tests.service import test_core_properties as stories
from tests.service.test_core_properties import CALENDAR, DAY, Word, state_of, told, words

EXAMPLES = 40
JUDGED = ("slow_fill", "outside_nbbo", "unexpected_venue")
RULEBOOK = """
rules:
  fill_rate_drop:
    parameters: {minimum: 2, repeat_after: 1}
    scopes:
      - {when: {order_type: market}, parameters: {window: 1 min}}
      - {when: {order_type: market, venue: XBOS}, severity: low}
  slow_fill:
    scopes:
      - {when: {order_type: market}, parameters: {at_most: 100 ms}}
      - {when: {session_of_day: [opening, closing], venue: XBOS}, enabled: no}
  fill_rate_overall: {parameters: {minimum: 2, repeat_after: 1}}
  poor_fill: {parameters: {marketable_at_least: 50 %}}
"""
BEGIN = versions(calendar=CALENDAR, register=REGISTER, rulebook=RULEBOOK)

gaps = st.lists(st.tuples(st.integers(0, 17), st.integers(1, 4), st.integers(1, 6)), min_size=1, max_size=3)
"""Runs of messages that do not come in time: from where, how many, and after how many others they come."""


def entries_of(story: list[Word]) -> list[Entry]:
    """Return the story as journal entries whose messages are numbered without a gap."""
    entries: list[Entry] = []
    clock, number = 1.0, 0
    for what, order, execution, step in story:
        clock += DAY if what == "day" else step
        entry = stories._entry(what, number + 1, clock, f"O{order}", execution)
        number += entry.kind is RecordKind.MESSAGE
        entries.append(entry)
    return entries


def with_gaps(entries: list[Entry], held_back: list[tuple[int, int, int]], *, lost: bool = False) -> list[Entry]:
    """Return the entries with some messages later than they were sent, or never."""
    late = list(entries)
    for first, count, after in held_back:
        run_of = [entry for entry in late[first : first + count] if entry.kind is RecordKind.MESSAGE]
        rest = [entry for entry in late if entry not in run_of]
        place = min(len(rest), first + after)
        late = rest if lost else [*rest[:place], *run_of, *rest[place:]]
    return late


def the_journal(entries: list[Entry]) -> FakeJournal:
    """Return the journal that all runs of a test begin with; a last message lets every gap be seen."""
    numbers = [int(message["34"]) for entry in entries if (message := _fields(entry))]
    clock = max((entry.received_at or 0 for entry in entries), default=at(0))
    last = execution_report(_34=max(numbers, default=0) + 1, _35="B")
    closing = Entry(
        kind=RecordKind.MESSAGE,
        counterparty="demo",
        session="FIX.4.4:FIRM->SOR",
        epoch="e1",
        received_at=clock,  # type: ignore[arg-type]
        body=last,
    )
    return a_journal([*entries, closing], BEGIN)


def _fields(entry: Entry) -> dict[str, str]:
    if entry.kind is not RecordKind.MESSAGE:
        return {}
    message = split(entry.body)
    return dict(getattr(message, "pairs", ()))


def doubted(processed: Processed) -> Counter[str]:
    """Return the uncertain findings by id."""
    return Counter(finding.finding_id for finding in processed.findings if finding.uncertain)


@settings(max_examples=EXAMPLES)
@given(words, gaps, st.integers(1, 7))
def test_where_the_batches_are_cut_changes_no_second_look(
    story: list[Word], held_back: list[tuple[int, int, int]], batch: int
) -> None:
    """Nor their order, nor what was found."""
    journal = the_journal(with_gaps(entries_of(story), held_back))

    cut, whole = run(journal, batch=batch), run(journal, batch=512)

    assert told(cut) == told(whole)
    assert digest(cut.reassessments) == digest(whole.reassessments)


@settings(max_examples=EXAMPLES)
@given(words, gaps)
def test_every_uncertain_finding_is_looked_at_again_once(
    story: list[Word], held_back: list[tuple[int, int, int]]
) -> None:
    """When all has come; nothing that was certain is looked at, and only `changed` says what it is now."""
    done = run(the_journal(with_gaps(entries_of(story), held_back)))

    assert doubted(done) == Counter(look.finding_id for look in done.reassessments)
    assert all((look.finding is not None) is (look.verdict is Verdict.CHANGED) for look in done.reassessments)
    assert all(look.finding is None or not look.finding.uncertain for look in done.reassessments)


@settings(max_examples=EXAMPLES)
@given(words)
def test_a_story_without_a_gap_has_no_doubts(story: list[Word]) -> None:
    """And no second look."""
    done = run(the_journal(entries_of(story)))

    assert (doubted(done), done.reassessments) == (Counter(), [])


@settings(max_examples=EXAMPLES)
@given(words, gaps)
def test_while_messages_are_missing_nothing_is_looked_at(
    story: list[Word], held_back: list[tuple[int, int, int]]
) -> None:
    """What never came leaves its findings open."""
    entries = entries_of(story)
    never = with_gaps(entries, held_back, lost=True)
    last_numbers = {_fields(entry).get("34") for entry in never}
    missing = [entry for entry in entries if _fields(entry) and _fields(entry)["34"] not in last_numbers]

    done = run(the_journal(never))

    open_at_the_end = any(int(_fields(entry)["34"]) < _highest(never) for entry in missing)
    assert not (open_at_the_end and done.reassessments)


def _highest(entries: list[Entry]) -> int:
    return max((int(fields["34"]) for entry in entries if (fields := _fields(entry))), default=0)


@settings(max_examples=EXAMPLES)
@given(words, gaps, st.integers(1, 6), st.integers(0, 20))
def test_a_restart_in_a_gap_from_checkpoint_or_journal_comes_to_the_same(
    story: list[Word], held_back: list[tuple[int, int, int]], batch: int, cut: int
) -> None:
    """The restored core holds what the first held; without a checkpoint the journal brings it back."""
    journal = the_journal(with_gaps(entries_of(story), held_back))
    undisturbed = run(journal)
    for checkpoint in (True, False):
        store = FakeStore()
        first = a_pipeline(journal, store, batch=batch)
        for _ in range(cut):
            first.turn(at(0))
        core = Core()
        core.restore(first.core.snapshot())
        assert state_of(core) == state_of(first.core)
        if checkpoint:
            state = Checkpoint(offset=first.processed_offset, schema=core.schema, state=core.snapshot())
            store.save_checkpoint(state)
        second = a_pipeline(journal, store)

        second.warm(StoredQuotes(store))
        go_on(second)

        assert told(store.recorded) == told(undisturbed)
        assert digest(store.recorded.reassessments) == digest(undisturbed.reassessments)
        assert digests(store.recorded.findings)[Scope.MARKET] == digests(undisturbed.findings)[Scope.MARKET]


plain = st.lists(
    st.tuples(
        st.sampled_from(["order", "trade", "trade", "news"]),
        st.integers(0, 3),
        st.integers(0, 5),
        st.sampled_from([0.001, 0.5, 5.0]),
    ),
    min_size=1,
    max_size=18,
    unique_by=lambda word: (word[0], word[1], word[2] if word[0] == "trade" else word[0]),
)
"""Stories of acknowledgements and trades, none of them twice."""


late_acks = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3), st.integers(3, 12)), min_size=1, max_size=2)
"""Runs that begin among the acknowledgements, and come after trades of theirs."""


def market_orders(story: list[Word]) -> list[Entry]:
    """Return the story, acknowledgements first, with trades that say of their order what its acknowledgement says."""
    entries: list[Entry] = []
    clock = 1.0
    for number, (what, order, execution, step) in enumerate(sorted(story, key=lambda word: word[0] != "order"), 1):
        clock += step
        if what == "trade":
            venue = "XBOS" if execution == 3 else "XNYS"
            name, filled = f"EO{order}-{execution}", 10 + execution
            entries.append(a_trade(number, clock, f"O{order}", name, _32=filled, _30=venue, _40="1", _44=None))
        else:
            entries.append(stories._entry(what, number, clock, f"O{order}", execution))
    return entries


def standing(processed: Processed) -> set[tuple[str, str, str]]:
    """Return what is found of executions and stands: rule, subject, sentence."""
    now = {look.finding_id: look for look in processed.reassessments}
    looks = [(finding, now.get(finding.finding_id)) for finding in processed.findings if finding.rule in JUDGED]
    kept = [(finding, look) for finding, look in looks if look is None or look.verdict is not Verdict.WITHDRAWN]
    as_now = [finding if look is None or look.finding is None else look.finding for finding, look in kept]
    return {(finding.rule, finding.subject, finding.sentence) for finding in as_now}


@settings(max_examples=2 * EXAMPLES)
@given(plain, gaps | late_acks)
def test_what_stands_after_a_gap_is_what_is_found_without_one(
    story: list[Word], held_back: list[tuple[int, int, int]]
) -> None:
    """Every acknowledgement before its trades, against some of them late: the same executions are found wanting."""
    entries = market_orders(story)

    in_order, late = run(the_journal(entries)), run(the_journal(with_gaps(entries, held_back)))

    assert standing(late) == standing(in_order)


def test_the_stories_reach_every_verdict_that_a_closed_gap_can_have() -> None:
    """A property over stories without doubts would prove nothing."""
    story: list[Word] = [
        ("order", 1, 0, 0.0),
        ("order", 2, 0, 0.0),
        ("bust", 1, 3, 0.001),
        ("correct", 2, 3, 0.001),
        ("trade", 1, 3, 70.0),
        ("trade", 2, 3, 0.5),
        ("trade", 3, 3, 0.5),
    ]

    done = run(the_journal(with_gaps(entries_of(story), [(2, 2, 3)])))

    verdicts = {look.verdict for look in done.reassessments}
    assert verdicts == {Verdict.STANDS, Verdict.CHANGED, Verdict.WITHDRAWN}
