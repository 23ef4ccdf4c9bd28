"""The engine asks the rules, remembers for them, survives those that fail, and goes on exactly after a restart."""

from __future__ import annotations

import msgspec
import pytest

from rules.engine import Engine, Skip
from rules.evidence import finding_id
from rules.facts import SECOND, Level
from rules.finding import Severity
from rules.rulebook import parse_rulebook
from tests.factories import NOON, TRADE_DATE, a_change, a_feed_event, a_fill, a_tick, an_outcome
from tests.factories_rules import FLOOD, a_register, an_engine, found, unfilled


def test_a_plain_fill_raises_nothing() -> None:
    """A fill in time, at the quote, at an approved venue is nobody's business; only a rate needs more than one."""
    engine = an_engine()

    assert engine.assess(a_fill()) == []
    rates = (
        "missed_midpoint",
        "not_evaluated_rate",
        "routing_drift",
        "venue_concentration",
        "wide_effective_spread",
    )
    assert engine.not_evaluated == dict.fromkeys(((rate, "not enough data") for rate in rates), 1)


def test_a_finding_explains_itself() -> None:
    """Rule and version, rulebook, thresholds with units, values, clocks, harm, account, both quotes, raw messages."""
    engine = an_engine()

    (finding,) = engine.assess(
        a_fill(side="buy", price="10.05", offer_at_execution="10.00", quantity="300", offset=7, account="A9")
    )

    assert finding.finding_id == finding_id("outside_nbbo", "demo", "E1", finding.at)
    assert (finding.rule, finding.rule_version, finding.rulebook_hash) == ("outside_nbbo", 2, engine.rulebook.hash)
    assert finding.thresholds == {"tolerance_price": 0, "level": "child"}
    assert finding.values["outside_price"] == 50_000_000
    assert finding.dollar_harm == 15 * 10**9
    assert (finding.accounts, finding.symbol, finding.venue) == (("A9",), "XYZ", "XNYS")
    assert (finding.offset, finding.related) == (7, (7,))
    assert finding.quotes["execution"]["offer_price"] == 10 * 10**9
    assert finding.quotes["receipt"]["state"] == "normal"
    assert finding.sentence == "300 XYZ were bought at 10.05, 0.05 a share outside the best quote of 10.00."


def test_a_slow_fill_names_its_two_clocks() -> None:
    """An interval without its clocks is not evidence."""
    (finding,) = an_engine().assess(a_fill(time_to_fill="3 s"))

    assert finding.clocks is not None
    assert "receipt" in finding.clocks[0]
    assert finding.thresholds["at_most_ns"] == SECOND


def test_another_level_is_not_counted_twice() -> None:
    """The parent's roll-up of a child's fill is left out and counted as such."""
    engine = an_engine()

    skipped: list[Skip] = []

    assert engine.assess(a_fill(venue="XTOX", level=Level.PARENT), skipped) == []
    assert engine.not_evaluated["unexpected_venue", "level parent"] == 1
    assert (TRADE_DATE, "unexpected_venue", "level parent") in skipped


def test_the_firm_chooses_the_level_a_rule_counts() -> None:
    """With the level in the rulebook the parent's fills are judged, and the finding says so."""
    engine = an_engine("rules: {unexpected_venue: {level: parent}}")

    (finding,) = engine.assess(a_fill(venue="XTOX", level=Level.PARENT))

    assert finding.thresholds == {"level": "parent"}


def test_a_disabled_rule_is_not_asked() -> None:
    """What the firm switched off finds nothing."""
    engine = an_engine("rules: {unexpected_venue: {enabled: false}}")

    assert engine.assess(a_fill(venue="XTOX")) == []


@pytest.mark.parametrize(
    ("text", "milder", "plain"),
    [
        ("", Severity.MEDIUM, Severity.HIGH),
        ("rules: {outside_nbbo: {severity: critical}}", Severity.HIGH, Severity.CRITICAL),
        ("rules: {outside_nbbo: {severity: low}}", Severity.LOW, Severity.LOW),
    ],
)
def test_a_milder_case_stays_milder_under_the_firm_s_severity(text: str, milder: Severity, plain: Severity) -> None:
    """An exempt execution is one step below whatever severity is in force."""
    outside = {"price": "10.05", "offer_at_execution": "10.00"}

    exempt = found(an_engine(text), [a_fill(**outside, exempt_reason="sweep")])
    other = found(an_engine(text), [a_fill(**outside)])

    assert [exempt[0].severity, other[0].severity] == [milder, plain]


def test_without_a_register_venues_are_not_judged_and_that_is_counted() -> None:
    """No register for the counterparty: no finding, no silence."""
    engine = Engine(parse_rulebook(""), {})

    assert engine.assess(a_fill(venue="XTOX")) == []
    assert engine.not_evaluated["unexpected_venue", "no venue register"] == 1


def test_an_epoch_that_lost_messages_raises_both_its_findings() -> None:
    """Two rules look at one event, each in its own words."""
    findings = an_engine().assess(a_feed_event(kind="epoch_changed", detail={"lost": "5-6"}, related=(3, 4)))

    assert [(finding.rule, finding.severity) for finding in findings] == [
        ("epoch_changed", Severity.MEDIUM),
        ("sequence_gap", Severity.CRITICAL),
    ]
    assert findings[1].sentence.startswith("Messages 5-6 of FIX.4.4:FIRM->SOR were lost")
    assert findings[0].related == (3, 4)
    assert findings[0].quotes == {}


def test_facts_that_no_rule_looks_at_are_taken_in_silence() -> None:
    """An order event and a tick pass."""
    assert found(an_engine(), [a_change(), a_tick()]) == []


def test_a_fill_rate_drop_speaks_once_and_then_every_so_many() -> None:
    """Thirty unfilled orders under a minimum of five are three findings: at 5, 15 and 25."""
    engine = an_engine(FLOOD)

    findings = found(engine, (unfilled(n) for n in range(1, 31)))

    drops = [finding for finding in findings if finding.rule == "fill_rate_drop"]
    assert [finding.sample_count for finding in drops] == [5, 15, 25]
    assert drops[0].values["upper_ratio_ppm"] < 900_000  # type: ignore[operator]
    assert engine.not_evaluated["fill_rate_drop", "not enough data"] == 4


def test_a_low_rate_that_chance_explains_is_no_drop() -> None:
    """Five of six filled lies below 90 %, but the interval reaches above it."""
    facts = [an_outcome(order_key=f"F{n}", at=NOON + n) for n in range(5)]

    assert found(an_engine(FLOOD), [*facts, unfilled(9, at=NOON + 9)])[1:] == []


def test_windows_do_not_cross_the_trade_date() -> None:
    """Four unfilled orders on each of two days are never eight."""
    engine = an_engine(FLOOD)
    facts = [unfilled(n, trade_date=date) for date in ("2026-11-19", "2026-11-20") for n in range(4)]

    assert not [finding for finding in found(engine, facts) if finding.rule == "fill_rate_drop"]


def test_an_outcome_ahead_of_the_clock_does_not_blind_the_window() -> None:
    """A stamp an hour ahead is refused and counted; the true ones after it are not too late."""
    engine = an_engine(FLOOD)
    wild = unfilled(0, at=NOON + 3600 * SECOND, clock=NOON)

    findings = found(engine, [wild, *(unfilled(n) for n in range(1, 6))])

    assert [finding for finding in findings if finding.rule == "fill_rate_drop"]
    assert engine.not_evaluated["fill_rate_drop", "event time ahead of receipt"] == 1


def test_too_many_groups_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A venue too many is not evaluated, and that is said."""
    monkeypatch.setattr("rules.windows.MOST_GROUPS", 1)
    engine = an_engine()

    found(engine, [unfilled(1), unfilled(2, venue="XTOX")])

    assert engine.not_evaluated["fill_rate_drop", "too many groups"] == 1


def test_repeated_facts_do_not_count_again() -> None:
    """The same outcome ten times is one observation."""
    engine = an_engine(FLOOD)

    found(engine, [unfilled(1)] * 10)

    assert engine.not_evaluated["fill_rate_drop", "repeated or too late for its window"] == 9


def test_adopting_a_rulebook_keeps_the_windows() -> None:
    """A change at a batch boundary takes effect at once and forgets nothing that the rule still needs."""
    engine = an_engine(FLOOD)
    found(engine, (unfilled(n) for n in range(1, 5)))

    engine.adopt(parse_rulebook(FLOOD.replace("minimum: 5", "minimum: 3")), {"demo": a_register()})

    assert "fill_rate_drop" in {finding.rule for finding in engine.assess(unfilled(5))}


def test_adopting_another_version_of_a_rule_starts_its_windows_anew() -> None:
    """Observations of another version may mean something else."""
    engine = an_engine(FLOOD)
    found(engine, (unfilled(n) for n in range(1, 5)))
    rulebook = parse_rulebook(FLOOD)
    newer = tuple(
        msgspec.structs.replace(rule, version=2) if rule.name == "fill_rate_drop" else rule for rule in rulebook.rules
    )

    engine.adopt(msgspec.structs.replace(rulebook, rules=newer), {})

    assert "fill_rate_drop" not in {finding.rule for finding in engine.assess(unfilled(5))}
