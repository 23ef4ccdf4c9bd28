"""A rule that raises is a finding of its own; the others go on."""

from __future__ import annotations

import msgspec
import pytest

from rules.cards import catalogue
from rules.engine import Engine
from rules.facts import AnyFact, Fill
from rules.finding import Finding
from rules.rulebook import parse_rulebook
from tests.factories import NOON, a_change, a_feed_event, a_fill, a_tick, an_outcome
from tests.factories_marks import a_fade, a_markout
from tests.factories_rules import an_engine, found


@pytest.fixture
def _broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make slow_fill raise on every fill."""

    def check(fill: Fill, limits: object) -> None:
        raise ZeroDivisionError(fill.symbol)

    broken = msgspec.structs.replace(catalogue()["slow_fill"], check=check)
    monkeypatch.setattr("rules.bench.catalogue", lambda: {**catalogue(), "slow_fill": broken})


@pytest.mark.usefixtures("_broken")
def test_a_rule_that_raises_is_a_finding_and_the_others_go_on() -> None:
    """The exception's type, its place and the fact are said; the other rules judged the fact."""
    engine = an_engine()

    findings = engine.assess(a_fill(venue="XTOX"))

    assert [finding.rule for finding in findings] == ["rule_failure", "unexpected_venue"]
    failure = findings[0]
    assert failure.values["error"] == "ZeroDivisionError"
    assert str(failure.values["where"]).startswith("test_engine_failures.py:")
    assert failure.values["fact"] == "execution E1"
    assert "XYZ" not in failure.sentence
    assert engine.failures == {("slow_fill", "ZeroDivisionError"): 1}


@pytest.mark.usefixtures("_broken")
def test_a_rule_that_always_raises_does_not_flood() -> None:
    """Each failure is counted; the findings are the first and one more for every hundred."""
    engine = an_engine()

    findings = found(engine, (a_fill(execution_id=f"E{n}", executed_at=NOON + n) for n in range(250)))

    assert len([finding for finding in findings if finding.rule == "rule_failure"]) == 3
    assert engine.failures == {("slow_fill", "ZeroDivisionError"): 250}


@pytest.mark.parametrize(
    ("fact", "known_as"),
    [
        (an_outcome(), "order O1"),
        (a_change(), "order O1"),
        (a_feed_event(subject="s"), "silent of s"),
        (a_tick(), "tick"),
        (a_markout(execution_id="E7"), "mark of execution E7"),
        (a_fade(), "order B of parent P"),
    ],
)
def test_a_failure_names_the_fact_as_it_is_known_outside(
    fact: AnyFact, known_as: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the fact, its failure can be found and raised again."""

    def check(*_: object) -> None:
        raise ValueError

    rule = catalogue()["slow_fill"]
    looks = ("fill", "order_outcome", "order_changed", "markout", "fade", "tick", "feed_event")
    card = msgspec.convert(
        {**msgspec.to_builtins(rule.card), "looks_at": looks, "events": ("silent",), "level": None}, type(rule.card)
    )
    broken = msgspec.structs.replace(rule, check=check, card=card)
    monkeypatch.setattr("rules.bench.catalogue", lambda: {**catalogue(), "slow_fill": broken})
    text = "rules: {feed_silent: {enabled: no}, poor_fill: {enabled: no}, fill_rate_drop: {enabled: no}}"
    rulebook = parse_rulebook(text)
    levelless = tuple(
        msgspec.structs.replace(settings, level=None) if settings.name == "slow_fill" else settings
        for settings in rulebook.rules
    )
    engine = Engine(msgspec.structs.replace(rulebook, rules=levelless), {})

    (failure,) = engine.assess(fact)

    assert failure.values["fact"] == known_as


def test_when_the_rule_for_failures_is_off_failures_are_still_counted(
    _broken: None,  # noqa: PT019 - the fixture is wanted for what it does
) -> None:
    """Switching the finding off does not switch the count off."""
    engine = an_engine("rules: {rule_failure: {enabled: no}}")

    assert engine.assess(a_fill()) == []
    assert engine.failures == {("slow_fill", "ZeroDivisionError"): 1}


@pytest.mark.usefixtures("_broken")
def test_a_rule_that_raises_on_a_fact_with_other_quotes_is_a_finding_and_the_others_go_on() -> None:
    """What late quotes make of a fact is no safer than the fact."""
    engine = an_engine()

    said = engine.twice(a_fill(venue="XTOX"), a_fill(venue="XTOX"), NOON)

    rules = [one.now.rule for one in said if isinstance(one.now, Finding)]
    assert rules == ["rule_failure", "unexpected_venue"]
    assert said[0].was is None
