"""The rulebook: the catalogue and what the firm changes, or every problem at once with its line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.cards import catalogue
from rules.facts import Level
from rules.finding import Severity
from rules.rulebook import DEFAULT_COOLDOWN, DEFAULT_GROUPING, DEFAULT_INCIDENT_SPAN, RulebookError, parse_rulebook

FIRM = """
version: 2026-11
rules:
  slow_fill:
    severity: high
    level: parent
    parameters:
      at_most: 500 ms
    grouping: [rule, venue]
    cooldown: 1 h
  outside_nbbo: {parameters: {tolerance: 0.0001}}
  session_down:
    enabled: no
  poor_fill:
"""

BROKEN = """\
version: [1]
colour: blue
rules:
  slow_fil: {}
  slow_fill:
    severity: grave
    level: grandchild
    parameters: {at_most: 500, at_least: 1 s}
    cooldown: soon
    grouping: [moon, [sun]]
  feed_silent:
    level: child
    enabled: perhaps
    enabled: yes
    parameters: 7
  no_quote:
    grouping: rule
    severity: [low]
"""

BOMB = "\n".join(
    [f"a0: &a0 [{', '.join('x' * 10)}]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
)
"""Ten to the twelfth values in a dozen lines."""


def test_an_empty_text_is_the_catalogue() -> None:
    """Without a word of the firm every rule is in force under its card."""
    rulebook = parse_rulebook("")

    assert rulebook.version == "catalogue"
    assert [rule.name for rule in rulebook.rules] == list(catalogue())
    settings = rulebook.settings("slow_fill")
    assert (settings.enabled, settings.severity, settings.level) == (True, Severity.MEDIUM, Level.CHILD)
    assert (settings.grouping, settings.cooldown) == (DEFAULT_GROUPING, DEFAULT_COOLDOWN)
    assert settings.limits == {"at_most": 1_000_000_000}


def test_the_firm_s_words_win_over_the_card() -> None:
    """Severity, level, parameters, grouping and cooldown are the firm's where it says so."""
    rulebook = parse_rulebook(FIRM)

    settings = rulebook.settings("slow_fill")
    assert rulebook.version == "2026-11"
    assert (settings.severity, settings.level, settings.limits) == (
        Severity.HIGH,
        Level.PARENT,
        {"at_most": 500_000_000},
    )
    assert (settings.grouping, settings.cooldown) == (("rule", "venue"), 3_600_000_000_000)
    assert rulebook.settings("outside_nbbo").limits == {"tolerance": 100_000}
    assert not rulebook.settings("session_down").enabled


def test_the_span_of_incidents_is_the_firm_s_and_changes_no_finding() -> None:
    """Like grouping and cooldown it is for people, and not in the hash."""
    catalogues, firms = parse_rulebook(""), parse_rulebook("incident_span: 2 min")

    assert (catalogues.incident_span, firms.incident_span) == (DEFAULT_INCIDENT_SPAN, 120_000_000_000)
    assert catalogues.hash == firms.hash
    with pytest.raises(RulebookError, match='line 2: incident_span: "soon" is not usable'):
        parse_rulebook("version: 1\nincident_span: soon")


def test_every_problem_is_listed_at_once_with_its_line() -> None:
    """One reading names everything that is wrong, in the order of the lines."""
    with pytest.raises(RulebookError) as refused:
        parse_rulebook(BROKEN)

    assert refused.value.problems == [
        "line 1: version is one value, not a list or a mapping",
        'line 2: the rulebook knows no "colour"; expected version, incident_span, symbol_lists, rules',
        'line 4: the catalogue knows no "slow_fil"; did you mean slow_fill?',
        'line 6: slow_fill.severity cannot be "grave"; expected one of low, medium, high, critical',
        'line 7: slow_fill.level cannot be "grandchild"; expected one of parent, child, package, leg',
        'line 8: slow_fill.parameters knows no "at_least"; did you mean at_most?',
        (
            'line 8: slow_fill.at_most: "500" is not usable; expected a length of time with its unit '
            '(ns, us, ms, s, min, h), for example "250 ms"'
        ),
        (
            'line 9: slow_fill.cooldown: "soon" is not usable; expected a length of time with its unit '
            '(ns, us, ms, s, min, h), for example "250 ms"'
        ),
        "line 10: slow_fill.grouping is one value, not a list or a mapping",
        (
            'line 10: slow_fill.grouping cannot hold "moon"; expected some of rule, counterparty, session, cause, '
            "subject, symbol, venue, accounts, trade_date"
        ),
        (
            'line 10: slow_fill.grouping cannot hold ""; expected some of rule, counterparty, session, cause, '
            "subject, symbol, venue, accounts, trade_date"
        ),
        "line 12: feed_silent counts no level; take the line out",
        "line 14: enabled is written twice; first on line 13",
        "line 15: feed_silent.parameters is not a mapping; expected no keys",
        "line 17: no_quote.grouping is a list",
        "line 18: no_quote.severity is one value, not a list or a mapping",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("rules: {slow_fill: {", "line [12]: this is not YAML"),
        ("rules:\n  - slow_fill", "line 2: the catalogue is not a mapping"),
        ("version: \x00", "this is not YAML"),
        ("[" * 60 + "]" * 60, "line 1: nested deeper than 20 levels"),
        ("rules: &again {slow_fill: *again}", "line 1: nested deeper than 20 levels"),
        (BOMB, "longer than 50000 values"),
    ],
)
def test_a_text_that_is_no_rulebook_is_refused_in_words(text: str, problem: str) -> None:
    """Broken YAML, another shape, or absurd nesting: a problem, never another exception."""
    with pytest.raises(RulebookError, match=problem):
        parse_rulebook(text)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.integers(0, len(FIRM)))
def test_any_text_is_a_rulebook_or_a_list_of_problems(noise: str, at: int) -> None:
    """Whatever is written into the firm's text, nothing but RulebookError comes out, and it says something."""
    problems: list[str] = []
    try:
        rules = parse_rulebook(FIRM[:at] + noise + FIRM[at:]).rules
    except RulebookError as refused:
        rules, problems = (), refused.problems

    assert problems or len(rules) == len(catalogue())


def test_the_hash_follows_what_can_change_a_finding_and_nothing_else() -> None:
    """Limits change it; the firm's name for the rulebook, grouping and cooldown do not."""
    plain = parse_rulebook("")
    renamed = parse_rulebook("{version: other, rules: {slow_fill: {cooldown: 1 h, grouping: [rule]}}}")
    stricter = parse_rulebook("rules: {slow_fill: {parameters: {at_most: 999 ms}}}")

    assert plain.hash == renamed.hash
    assert plain.hash != stricter.hash


def test_a_rule_that_does_not_exist_has_no_settings() -> None:
    """Asking for another name is a bug, and says so."""
    with pytest.raises(KeyError, match="no_such_rule"):
        parse_rulebook("").settings("no_such_rule")
