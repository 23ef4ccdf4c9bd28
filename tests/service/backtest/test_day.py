"""A day judged again: the rulebooks in force find what was recorded, and another one what it would have found."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.rule import LooksAt
from rules.rulebook import parse_rulebook
from service.backtest.day import Task, judge_day
from service.backtest.judge import Anew
from service.backtest.plan import Sweep, changed_rules, read_sweep
from service.journal import Entry
from service.processed import Processed, Requoted, RequotedKind
from service.versions import Version, VersionKind
from tests.factories_backtest import FakeSource, days_of, timeline_of, tried
from tests.factories_requote import LOW, WIDE, a_requote
from tests.factories_road import REGISTER, a_correction, a_journal, a_tick, a_trade, an_order, at, run, versions
from tests.fakes_store import FakeJournal
from tests.service.test_core_properties import Word, words
from tests.service.test_reassess_properties import RULEBOOK
from tests.service.test_requote_properties import Gaps, Late, gaps, late, the_journal

DAY = "2013-10-07"
MILD = "rules: {slow_fill: {severity: low}}"
NO_SLOW = "rules: {slow_fill: {enabled: no}}"
EXAMPLES = 60


def a_story() -> list[Entry]:
    """Return slow and quick fills, far outside and inside of the quote, and one that is corrected."""
    story: list[Entry] = []
    for number in range(1, 9):
        name = f"O{number}"
        story.append(an_order(2 * number - 1, 10 * number + 2, name, _44="190.00"))
        price = "199.00" if number % 2 else "181.00"
        story.append(a_trade(2 * number, 10 * number + 2 + number % 4, name, f"E{number}", _44="190.00", _31=price))
    story.append(a_correction(17, 100, "O2", "C1", "E2", _31="199.00"))
    story.append(a_tick(900))
    return story


def lived(entries: list[Entry] | None = None, rulebook: str = "") -> tuple[FakeJournal, Processed]:
    """Return a journal and what it came to live."""
    journal = a_journal(a_story() if entries is None else entries, versions(rulebook=rulebook, register=REGISTER))
    return journal, run(journal)


def a_sweep(text: str) -> Sweep:
    """Return what is asked for."""
    read = read_sweep(text)
    assert isinstance(read, Sweep), read
    return read


def test_the_rulebook_in_force_finds_what_was_recorded() -> None:
    """Of corrected executions too."""
    journal, recorded = lived()

    result = tried(journal, recorded, DAY)

    assert result.agreement.equal
    assert result.agreement.same == len(recorded.findings) > 8
    assert any("/C1" in finding.subject for finding in recorded.findings)
    assert all(line.new == line.lost == 0 and line.then == line.now for line in result.lines)
    assert result.facts["Fill"] == 9


def test_a_rulebook_that_changed_within_the_day_is_followed() -> None:
    """Facts behind the record go by it, those before by the one before."""
    story = a_story()
    change = Version(kind=VersionKind.RULEBOOK, name="rulebook", text=MILD).entry(at(45))
    register = Version(kind=VersionKind.REGISTER, name="demo", text="[]\n").entry(at(55))
    journal, recorded = lived([*story[:8], change, *story[8:10], register, *story[10:]])

    result = tried(journal, recorded, DAY, MILD)

    assert result.agreement.equal, result.agreement
    slow = next(line for line in result.lines if line.rule == "slow_fill")
    assert (slow.then, slow.now, slow.new, slow.lost) == (slow.now, slow.then, 0, 0)


def test_a_rule_that_is_switched_off_loses_its_findings() -> None:
    """With their ids, and how many of them were closed as true where anybody says so."""
    journal, recorded = lived()
    slow = sorted(finding.finding_id for finding in recorded.findings if finding.rule == "slow_fill")

    result = tried(journal, recorded, DAY, NO_SLOW, true=frozenset(slow[:2]))

    line = next(line for line in result.lines if line.rule == "slow_fill")
    assert (line.then, line.now, line.lost, line.lost_true) == (len(slow), 0, len(slow), 2)
    assert line.lost_ids == tuple(slow[:5])
    assert {line.rule for line in result.lines if line.lost} == {"slow_fill"}


def test_a_tighter_limit_makes_findings_against_a_looser_version() -> None:
    """Against a version that is named, not against what was in force."""
    journal, recorded = lived()
    loose = parse_rulebook("rules: {slow_fill: {parameters: {at_most: 1 h}}}")

    result = tried(journal, recorded, DAY, "", against=loose)

    slow = next(line for line in result.lines if line.rule == "slow_fill")
    assert slow.then == slow.lost == 0
    assert slow.new == slow.now == len(slow.new_ids) > 0
    assert not result.agreement.equal
    assert result.agreement.not_made == slow.now


def test_rules_that_are_set_alike_are_judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second side is asked of none but the other ones, and of the rule that tells of failures."""
    journal, recorded = lived()
    asked: list[int] = []

    def counting(fill: object, limits: object) -> None:
        asked.append(1)

    outside = parse_rulebook("rules: {outside_nbbo: {severity: low}}")
    monkeypatch.setattr("rules.bench.catalogue", _with_check("slow_fill", counting))

    tried(journal, recorded, DAY, outside)

    assert len(asked) == len(recorded.fills) + 1


def _with_check(rule: str, check: object):  # type: ignore[no-untyped-def] # noqa: ANN202 - a catalogue
    from rules.cards import catalogue  # noqa: PLC0415 - the real one

    changed = {**catalogue(), rule: msgspec.structs.replace(catalogue()[rule], check=check)}
    return lambda: changed


def test_a_rule_that_fails_is_told_of_by_the_side_that_it_fails_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is set alike fails on both and is asked once."""
    journal, recorded = lived()

    def failing(fill: object, limits: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("rules.bench.catalogue", _with_check("slow_fill", failing))
    alike = tried(journal, recorded, DAY, "rules: {outside_nbbo: {severity: low}}")
    mended = tried(journal, recorded, DAY, NO_SLOW)

    failures = [next(line for line in result.lines if line.rule == "rule_failure") for result in (alike, mended)]
    assert [(line.then, line.now, line.lost) for line in failures] == [(1, 1, 0), (1, 0, 1)]


def test_another_limit_for_failures_makes_both_sides_judge_everything() -> None:
    """A failure is of any rule."""
    journal, recorded = lived()

    result = tried(journal, recorded, DAY, "rules: {rule_failure: {severity: low}}")

    assert all(line.new == line.lost == 0 for line in result.lines)
    assert result.agreement.equal


def test_a_sweep_judges_the_one_rule_at_each_point() -> None:
    """Reading none but the facts that it looks at, even where it is switched off."""
    journal, recorded = lived()
    sweep = a_sweep("slow_fill.at_most=500 ms..4500 ms:5")
    source = FakeSource(recorded, DAY)

    result = judge_day(DAY, Task(tried=parse_rulebook(NO_SLOW), sweep=sweep), timeline_of(journal), source)

    assert source.asked == {LooksAt.FILL}
    assert result.lines == ()
    assert [(point.point.words, point.line.now) for point in result.points] == [
        ("500 ms", 6),
        ("1.5 s", 4),
        ("2.5 s", 2),
        ("3.5 s", 0),
        ("4.5 s", 0),
    ]
    assert {point.line.then for point in result.points} == {4}
    assert result.agreement.equal


def test_a_correction_without_its_fact_is_counted() -> None:
    """It was recorded by an earlier version."""
    journal, recorded = lived()
    recorded.amendments = [msgspec.structs.replace(made, corrected=None) for made in recorded.amendments]

    result = tried(journal, recorded, DAY)

    assert result.without == 1
    assert not result.agreement.equal


def test_late_quotes_are_followed_as_they_were_live() -> None:
    """A finding that they take back stands on neither side, one that they bring stands on both."""
    story = [
        a_trade(1, 1, "O1", "E1", _31="181.92"),
        a_trade(2, 2, "O2", "E2", _31="199.00"),
        a_requote(0, 3, execution=LOW),
        a_requote(1, 3, execution=WIDE, receipt=WIDE),
        a_tick(900),
    ]
    journal, recorded = lived(story)

    result = tried(journal, recorded, DAY)

    outside = next(line for line in result.lines if line.rule == "outside_nbbo")
    assert result.agreement.equal, result.agreement
    assert (outside.then, outside.now) == (1, 1)
    assert len([finding for finding in recorded.findings if finding.rule == "outside_nbbo"]) == 2


@settings(max_examples=EXAMPLES, deadline=None)
@given(words, late)
def test_whatever_happens_the_rulebook_in_force_finds_what_was_recorded(story: list[Word], quotes: Late) -> None:
    """On every day of any story in which no message is missing; busts, corrections and late quotes included."""
    journal = the_journal(story, [], quotes)
    recorded = run(journal)

    for day in days_of(recorded):
        agreement = tried(journal, recorded, day, RULEBOOK).agreement

        assert agreement.equal, agreement


@settings(max_examples=EXAMPLES, deadline=None)
@given(words, st.sampled_from([NO_SLOW, MILD, "rules: {outside_nbbo: {enabled: no}, fill_rate_drop: {enabled: no}}"]))
def test_judging_alike_rules_once_says_what_judging_them_twice_does(story: list[Word], text: str) -> None:
    """The shortcut changes no line."""
    journal = the_journal(story, [], [])
    recorded = run(journal)

    for day in days_of(recorded):
        short = tried(journal, recorded, day, text)
        with pytest.MonkeyPatch.context() as patched:
            everything = set(changed_rules(parse_rulebook(text), [parse_rulebook("")])) | {"rule_failure"}
            patched.setattr("service.backtest.day.changed_rules", lambda *_, every=everything: every)
            long = tried(journal, recorded, day, text)

        assert short == long


@settings(max_examples=EXAMPLES, deadline=None)
@given(words, gaps, late)
def test_where_messages_were_missing_both_sides_are_still_alike(story: list[Word], held: Gaps, quotes: Late) -> None:
    """The same rulebook on both sides finds the same, whatever second looks have made of it live."""
    journal = the_journal(story, held, quotes)
    recorded = run(journal)

    for day in days_of(recorded):
        result = tried(journal, recorded, day, RULEBOOK, against=parse_rulebook(RULEBOOK))

        assert all(line.new == line.lost == 0 for line in result.lines)


def test_what_only_a_second_look_made_is_in_neither_side() -> None:
    """The acknowledgement came after the execution: only then the rule could judge it."""
    story = [
        a_trade(1, 1, "O1", "E1", _44="190.00", _31="181.00"),
        a_trade(3, 5, "O2", "E2", _44="190.00", _31="181.00"),
        an_order(2, 2, "O2", _44="190.00"),
        a_tick(900),
    ]
    journal, recorded = lived(story)
    made = [finding for finding in recorded.findings if finding.rule == "slow_fill"]
    assert [finding.uncertain for finding in made] == [False]

    result = tried(journal, recorded, DAY)

    assert result.agreement.equal
    assert result.agreement.elsewhere == 1


def test_late_quotes_for_what_is_not_there_change_nothing() -> None:
    """A fact of an earlier version, or one whose row lacks the quotes."""
    row = Requoted(
        kind=RequotedKind.EXECUTION,
        offset=9,
        counterparty="demo",
        session="s",
        trade_date=DAY,
        decided_offset=1,
        order_key="O1",
        execution_id="E1",
        at=at(1),
        reason="late",
        receipt=LOW,
        execution=LOW,
    )
    anew = Anew(frozenset({"E1"}), frozenset({"O1"}))
    end = msgspec.structs.replace(row, kind=RequotedKind.ORDER_END)

    assert anew.stated(row) is None
    assert anew.stated(end) is None
    assert anew.stated(msgspec.structs.replace(row, kind=RequotedKind.DECISION)) is None
