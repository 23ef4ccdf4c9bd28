"""What each rule said of a fact, and which line of the rulebook decided: as values, in words and as JSON."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from rules.engine import Engine
from rules.facts import AnyFact, FeedEvent, FeedEventKind
from rules.finding import Finding
from rules.reassessment import Reassessment, Verdict
from rules.rulebook import parse_rulebook, read_rulebook
from service.explain.explained import Explained, Limit, Line, Ruled, Said, Standing, explained
from service.explain.words import as_json, as_text, fact_words
from tests.factories import NOON, a_change, a_feed_event, a_fill, a_tick, an_outcome
from tests.factories_rules import a_register

TEXT = """\
version: firm-7
rules:
  slow_fill:
    severity: high
    scopes:
      - when: {account: VIP, venue: XNYS}
        parameters: {at_most: 100 ms}
      - when: {account: VIP, order_type: market}
        severity: critical
      - when: {venue: XNYS}
        level: parent
      - when: {venue: XBOS}
        enabled: no
  outside_nbbo:
    enabled: no
"""


def standing(text: str = TEXT, **named: Any) -> Standing:
    """Return a rulebook in force since the fourth record."""
    rulebook, lines = read_rulebook(text)
    return Standing(rulebook=rulebook, lines=lines, registers={"demo": a_register()}, since=4, **named)


def told(fact: AnyFact, rule: str | None = None, text: str = TEXT, stood: Any = ()) -> Explained:
    """Return the explanation of a fact."""
    return explained(fact, fact_words(fact), standing(text), stood, rule)


def ruled(fact: AnyFact, rule: str, text: str = TEXT, stood: Any = ()) -> Ruled:
    """Return what is explained of one rule."""
    (only,) = told(fact, rule, text, stood).rules
    return only


def test_the_line_that_decided_is_told_with_those_that_it_was_preferred_to() -> None:
    """Two dimensions before one; of two with two, the one whose first difference ranks higher."""
    slow = ruled(a_fill(account="VIP"), "slow_fill")

    assert slow.decided == Line(scope="account VIP, venue XNYS", line=6, why="the most specific of 3 scopes for this")
    assert slow.passed_over == (
        Line(
            scope="account VIP, order type market",
            line=8,
            why="it names as much, and venue ranks before order_type",
        ),
        Line(scope="venue XNYS", line=10, why="it names less"),
    )
    assert slow.limits == (
        Limit(name="at_most", value="100 ms", line=7),
        Limit(name="severity", value="high", line=4),
        Limit(name="level", value="child", line=None),
    )


def test_a_fact_that_no_scope_is_for_is_under_the_rules_own_lines_or_the_card() -> None:
    """Which of the two is told by the line."""
    own = ruled(a_fill(venue="XNAS"), "slow_fill").decided
    card = ruled(a_fill(venue="XNAS"), "unexpected_venue").decided

    assert own == Line(scope=None, line=3, why="none of its 4 scopes is for this")
    assert card == Line(scope=None, line=None, why="it has no scopes")


@pytest.mark.parametrize(
    ("fact", "rule", "said"),
    [
        (a_fill(venue="XNAS"), "slow_fill", Said(verdict="fine", words="within the limits")),
        (a_fill(venue="XNYS"), "slow_fill", Said(verdict="not evaluated", words="level child")),
        (a_fill(venue="XBOS"), "slow_fill", Said(verdict="off", words="it is switched off here")),
        (a_fill(), "outside_nbbo", Said(verdict="off", words="it is switched off here")),
        (a_fill(venue="XNAS", auction=True), "slow_fill", Said(verdict="not evaluated", words="auction")),
        (
            a_fill(venue="XTOX"),
            "unexpected_venue",
            Said(verdict="finding", words="100 XYZ were executed at 10.01 at XTOX, which is not in the register."),
        ),
        (
            an_outcome(),
            "fill_rate_drop",
            Said(
                verdict="counted",
                words="under demo, marketable, XNYS; what the rule says needs the window of then",
            ),
        ),
        (an_outcome(venue="venue_unknown"), "fill_rate_drop", Said(verdict="not evaluated", words="venue unknown")),
        (a_fill(), "clock_suspect", Said(verdict="fine", words="nothing of it is counted")),
    ],
)
def test_what_a_rule_says_is_asked_again_under_the_line_that_decided(fact: AnyFact, rule: str, said: Said) -> None:
    """All that can happen, but a failure; of a window only whether the fact was counted."""
    assert ruled(fact, rule).said == said


def test_a_rule_that_fails_is_told_and_the_others_go_on() -> None:
    """The register is not what it should be."""
    broken = msgspec.structs.replace(standing(), registers={"demo": "no register"})

    rules = {one.rule: one.said for one in explained(a_fill(), "", broken, ()).rules}

    assert rules["unexpected_venue"] == Said(verdict="failed", words="the rule failed on it (AttributeError)")
    assert rules["slow_fill"].verdict == "not evaluated"


def test_every_rule_that_looks_at_a_fact_is_told_and_no_other() -> None:
    """A feed event is of the rules that name its kind."""
    fill = {one.rule for one in told(a_fill()).rules}
    event = {one.rule for one in told(a_feed_event(kind=FeedEventKind.OVERFILL)).rules}

    assert {"slow_fill", "outside_nbbo", "no_quote", "clock_suspect"} <= fill
    assert not {"poor_fill", "overfill"} & fill
    assert event == {"overfill"}


def a_look(finding: Finding) -> Reassessment:
    """Return a second look that let a finding stand."""
    return Reassessment(
        offset=9,
        counterparty="demo",
        session="s",
        trade_date=finding.trade_date,
        finding_id=finding.finding_id,
        rule=finding.rule,
        verdict=Verdict.STANDS,
        reason="nothing that came changes it",
        missing="messages 3-6",
        at=NOON,
    )


def test_the_findings_that_were_recorded_stand_with_their_rule_and_the_second_looks_at_them() -> None:
    """Words first: the paragraph of one rule, whole."""
    fact = a_fill(venue="XTOX", offset=12, time_to_fill="3 s")
    found = Engine(parse_rulebook(TEXT), {"demo": a_register()}).assess(fact)
    stood = [(one, [a_look(one)] if one.rule == "unexpected_venue" else []) for one in found]
    book = standing(at=NOON, actor="pat")

    text = as_text([explained(fact, fact_words(fact), book, stood, "unexpected_venue")])

    (venue,) = [one for one in found if one.rule == "unexpected_venue"]
    words = "100 XYZ were executed at 10.01 at XTOX, which is not in the register."
    assert text.splitlines() == [
        "execution E1: buy 100 XYZ at 10.01 at XTOX (trade date 2026-11-20, journal 12)",
        (
            "  account A1, client –, desk –, symbol XYZ, venue XTOX, order type market, session of day regular, "
            "counterparty demo"
        ),
        (
            f"  rulebook firm-7 {book.rulebook.hash[:12]}, in force since journal 4 (2026-11-20T17:00:00.000000000Z), "
            "put in force by pat"
        ),
        "",
        f"  unexpected_venue: finding: {words}",
        "    decided by the card, for the rulebook says nothing of it: it has no scopes",
        "    in force: severity high (card), level child (card)",
        f"    recorded: finding {venue.finding_id}, high, E1: {words}",
        "      second look: stands: nothing that came changes it",
    ]


def test_an_explanation_names_the_lines_of_the_text() -> None:
    """The scope that decided, what it was preferred to, where each limit is from."""
    text = as_text([told(a_fill(account="VIP"), "slow_fill")])

    assert text.splitlines()[2:] == [
        f"  rulebook firm-7 {parse_rulebook(TEXT).hash[:12]}, in force since journal 4",
        "",
        "  slow_fill: fine: within the limits",
        "    decided by the scope account VIP, venue XNYS (line 6): the most specific of 3 scopes for this",
        (
            "    passed over the scope account VIP, order type market (line 8): "
            "it names as much, and venue ranks before order_type"
        ),
        "    passed over the scope venue XNYS (line 10): it names less",
        "    in force: at_most 100 ms (line 7), severity high (line 4), level child (card)",
    ]
    assert "decided by the rule's own lines (line 3): none of its 4 scopes" in as_text([told(a_fill(venue="XNAS"))])


def test_the_same_is_told_to_programs() -> None:
    """A key is there with null rather than absent."""
    value = json.loads(as_json([told(a_fill(account="VIP"), "slow_fill")]))

    (fact,) = value["facts"]
    assert (value["schema"], fact["in_force_since"], fact["in_force_at"]) == (1, 4, None)
    assert fact["tells"]["client"] is None
    assert fact["rules"][0]["decided"]["line"] == 6
    assert fact["rules"][0]["limits"][2] == {"name": "level", "value": "child", "line": None}


def test_each_kind_of_fact_is_told_in_words() -> None:
    """As a person at the desk would name it."""
    silent: FeedEvent = a_feed_event()

    assert fact_words(an_outcome(executed="0", end="canceled_by_customer")) == (
        "end of order O1: canceled by customer, 0 of 100 executed"
    )
    assert fact_words(a_change()) == "event of order O1: new"
    assert fact_words(silent) == "event of the feed: silent of FIX.4.4:FIRM->SOR"
    with pytest.raises(AssertionError):
        fact_words(a_tick())
