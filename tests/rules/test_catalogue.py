"""Every card is proven by its own examples, both ways."""

from __future__ import annotations

from itertools import pairwise

import pytest

from rules.cards import catalogue
from rules.engine import Engine
from rules.facts import FeedEventKind
from rules.finding import Finding, Scope
from rules.rule import Card, Example, Failure, Kind, LooksAt
from tests.factories_rules import an_engine, facts_of

LATENCY = {"slow_fill", "slow_ack", "slow_cancel", "unanswered_order", "late_drop_copy"}
FILL_RATE = {"poor_fill", "fill_rate_drop", "reject_burst"}
VENUE = {"unexpected_venue", "routing_drift", "venue_concentration"}
PRICE = {
    *("outside_nbbo", "price_disimprovement", "wide_effective_spread", "adverse_reversion"),
    *("missed_midpoint", "quote_fade"),
}
INTEGRITY = {
    *("feed_silent", "sequence_gap", "undecodable", "rejected_by_session", "duplicate_conflict", "overfill"),
    *("orphan_bust", "unreported_order", "no_quote", "unmatched_symbol", "quote_source_lag", "clock_suspect"),
    "rule_failure",
}
ASKED_FOR = LATENCY | FILL_RATE | VENUE | PRICE | INTEGRITY
FEWEST_WORDS = 6
EXAMPLES = [
    pytest.param(name, example, id=f"{name}: {example.title}")
    for name, rule in catalogue().items()
    for example in rule.card.examples
]


def _assess(engine: Engine, example: Example) -> list[Finding]:
    found: list[Finding] = []
    for fact in facts_of(example.facts):
        if isinstance(fact, Failure):
            judges = engine._asked[LooksAt.FAILURE]
            found.extend(finding for judge in judges if (finding := engine._judge(judge, fact)))
        else:
            found.extend(engine.assess(fact))
    return found


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_a_card_s_example_fires_or_stays_quiet_as_it_says(name: str, example: Example) -> None:
    """The example's facts raise this rule's finding exactly when the card says so, with the severity it names."""
    found = [finding for finding in _assess(an_engine(), example) if finding.rule == name]

    assert bool(found) is example.fires
    assert example.severity is None or found[0].severity is example.severity


@pytest.mark.parametrize("name", catalogue())
def test_a_card_shows_its_rule_firing_and_quiet(name: str) -> None:
    """Every card has an example of each kind, the name of its file, and a manual."""
    rule = catalogue()[name]

    assert {example.fires for example in rule.card.examples} == {True, False}
    assert rule.card.name == name
    assert rule.manual.startswith("Report")


@pytest.mark.parametrize("name", catalogue())
def test_a_card_asks_for_what_its_functions_take(name: str) -> None:
    """A rule with a window can observe; one that looks at feed events names them."""
    rule = catalogue()[name]

    assert bool(rule.card.window) is bool(rule.observe)
    assert (LooksAt.FEED_EVENT in rule.card.looks_at) is bool(rule.card.events)


def test_the_catalogue_holds_every_rule_that_was_asked_for() -> None:
    """Latency, fill rate, venue, price and integrity: others may be beside them."""
    assert set(catalogue()) >= ASKED_FOR


@pytest.mark.parametrize("name", catalogue())
def test_a_card_is_complete(name: str) -> None:
    """Whoever reads it knows why, on what basis, of what, by which numbers, and what to do."""
    card = catalogue()[name].card
    told = {"why": card.why, "citation": card.citation, "population": card.population, "runbook": card.runbook}

    assert card.title
    assert not card.title.endswith(".")
    assert [part for part, text in told.items() if len(text.split()) < FEWEST_WORDS or text[-1] not in ".?"] == []
    assert [what for what, one in card.parameters.items() if len(one.meaning.split()) < FEWEST_WORDS] == []
    assert card.examples
    assert len({example.title for example in card.examples}) == len(card.examples)


@pytest.mark.parametrize("name", catalogue())
def test_a_card_that_measures_an_interval_names_its_clocks(name: str) -> None:
    """What has a longest or a shortest time allowed lies between two clocks, or two stamps of one."""
    card = catalogue()[name].card
    intervals = [what for what in card.parameters if what.endswith("at_most") and what in _durations(card)]

    assert not intervals or card.clocks is not None


@pytest.mark.parametrize("name", catalogue())
def test_a_card_of_the_market_names_the_level_that_it_counts(name: str) -> None:
    """Each share counts once; what is about the feed looks at whatever came."""
    card = catalogue()[name].card

    assert card.scope is Scope.FEED or card.level is not None


def _durations(card: Card) -> set[str]:
    return {name for name, parameter in card.parameters.items() if parameter.kind is Kind.DURATION}


def test_no_feed_event_is_silent() -> None:
    """Each kind of feed event raises a finding by at least one rule, or ends the condition of exactly one."""
    cards = [rule.card for rule in catalogue().values()]
    raising = {kind for card in cards for kind in card.events}
    relieving = [kind for card in cards for kind in card.relieved_by]

    assert raising | set(relieving) == set(FeedEventKind)
    assert not raising & set(relieving)
    assert len(relieving) == len(set(relieving))


def test_the_catalogue_is_in_alphabetical_order() -> None:
    """Rules are asked in one order, on every machine."""
    assert all(before < after for before, after in pairwise(catalogue()))
