"""Restarts, cuts and repetitions change no finding: the engine is a function of its facts."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.cards import catalogue
from rules.catalogue import fill_rate_drop, rule_failure, slow_fill
from rules.digest import digest
from rules.engine import Engine, EngineState
from rules.evidence import finding_id
from rules.facts import AnyFact, Nanos
from rules.finding import Finding, Scope
from rules.rule import Failure
from rules.rulebook import parse_rulebook
from tests.factories import NOON, a_fill
from tests.factories_rules import FLOOD, an_engine, facts_of, found, unfilled

# a stream that makes every kind of finding, in small
STREAM: list[AnyFact] = [
    *(unfilled(n) for n in range(1, 12)),
    *(a_fill(execution_id=f"S{n}", executed_at=NOON + n, time_to_fill="2 s") for n in range(3)),
    *(a_fill(execution_id=f"Q{n}", executed_at=NOON + n, execution_state="crossed") for n in range(3)),
    *(a_fill(execution_id=f"C{n}", executed_at=NOON + n, clock_suspect="60", offset=n) for n in range(3)),
    *facts_of([{"event": {"kind": "gap_opened", "subject": "5-6"}}, {"event": {"kind": "silent"}}]),
    *(unfilled(n) for n in range(12, 40)),
]


def _through_a_checkpoint(engine: Engine) -> Engine:
    """Return another engine, restored from the bytes of the first one's snapshot."""
    state = msgspec.msgpack.decode(msgspec.msgpack.encode(engine.snapshot()), type=EngineState)
    other = Engine(parse_rulebook("rules: {slow_fill: {enabled: no}}"), {})
    other.restore(state)
    return other


def _digests(findings: list[Finding]) -> tuple[str, str]:
    return digest(findings, Scope.MARKET), digest(findings, Scope.FEED)


@given(st.lists(st.integers(0, len(STREAM)), max_size=4))
def test_cutting_the_stream_by_restarts_changes_no_finding(cuts: list[int]) -> None:
    """An engine restored at any points finds what an undisturbed one finds, and counts what it counts."""
    undisturbed = an_engine(FLOOD)
    whole = found(undisturbed, STREAM)
    engine, pieces = an_engine(FLOOD), []

    for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(STREAM)], strict=True):
        engine = _through_a_checkpoint(engine)
        pieces += found(engine, STREAM[start:end])

    assert pieces == whole
    assert engine.snapshot() == undisturbed.snapshot()


@given(st.integers(0, len(STREAM)), st.integers(1, 10))
def test_repeating_part_of_the_stream_changes_no_finding(at: int, length: int) -> None:
    """A part that comes twice gives the same digests: each finding's identity is a function of what it says."""
    repeated = STREAM[:at] + STREAM[max(0, at - length) : at] + STREAM[at:]

    assert _digests(found(an_engine(FLOOD), repeated)) == _digests(found(an_engine(FLOOD), STREAM))


def test_two_runs_have_the_same_digests() -> None:
    """Nothing but the facts goes into a finding."""
    one, other = found(an_engine(FLOOD), STREAM), found(an_engine(FLOOD), STREAM)

    assert _digests(one) == _digests(other)
    assert {finding.rule for finding in one} >= {"fill_rate_drop", "slow_fill", "no_quote", "clock_suspect"}


def test_the_same_subject_of_two_counterparties_is_two_findings() -> None:
    """Order keys are a counterparty's own."""
    assert finding_id("slow_fill", "a", "E1", Nanos(1)) != finding_id("slow_fill", "b", "E1", Nanos(1))


def test_every_rule_with_a_window_hands_its_observation_over() -> None:
    """Modules of window rules have both functions; others only the one."""
    assert callable(fill_rate_drop.observe)
    assert callable(rule_failure.observe)
    assert not hasattr(slow_fill, "observe")


def the_whole_catalogue() -> list[AnyFact]:
    """Return every fact of every card's examples, as one stream: each rule finds something on it.

    What a rule counts in windows is of a counterparty of its own, so that the examples of others do not thin it out.
    """
    known: list[AnyFact] = []
    for name, rule in catalogue().items():
        facts = [fact for each in rule.card.examples for fact in facts_of(each.facts)]
        real = [fact for fact in facts if not isinstance(fact, Failure)]  # those the engine makes itself
        apart = rule.card.window is not None and not rule.card.needs_register
        known += [msgspec.structs.replace(fact, counterparty=name) for fact in real] if apart else real
    return [msgspec.structs.replace(fact, offset=offset) for offset, fact in enumerate(known, start=1)]


EVERYTHING = the_whole_catalogue()
SLOW = settings(max_examples=20, deadline=None)


def test_the_stream_of_all_examples_makes_a_finding_of_every_rule() -> None:
    """All but the one about rules that fail, which needs one that does."""
    assert {finding.rule for finding in found(an_engine(), EVERYTHING)} == {*catalogue()} - {"rule_failure"}


@SLOW
@given(st.lists(st.integers(0, len(EVERYTHING)), max_size=4))
def test_cutting_by_restarts_changes_no_finding_of_any_rule(cuts: list[int]) -> None:
    """Windows of every rule, and the counts of what was not evaluated, go on where they were."""
    undisturbed = an_engine()
    whole = found(undisturbed, EVERYTHING)
    engine, pieces = an_engine(), []

    for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(EVERYTHING)], strict=True):
        engine = _through_a_checkpoint(engine)
        pieces += found(engine, EVERYTHING[start:end])

    assert pieces == whole
    assert engine.snapshot() == undisturbed.snapshot()


@SLOW
@given(st.integers(0, len(EVERYTHING)), st.integers(1, 200))
def test_repeating_changes_no_finding_of_any_rule(at: int, length: int) -> None:
    """A part that comes twice gives the same digests."""
    repeated = EVERYTHING[:at] + EVERYTHING[max(0, at - length) : at] + EVERYTHING[at:]

    assert _digests(found(an_engine(), repeated)) == _digests(found(an_engine(), EVERYTHING))


def test_two_runs_over_the_whole_catalogue_have_the_same_digests() -> None:
    """Nothing but the facts goes into a finding of any rule."""
    assert _digests(found(an_engine(), EVERYTHING)) == _digests(found(an_engine(), EVERYTHING))
