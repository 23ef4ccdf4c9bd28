"""Scopes: what the rulebook's text may say of them, which line decides for a fact, and which lines clash."""

from __future__ import annotations

from itertools import combinations as pairs_of
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.cards import catalogue
from rules.fact_kinds import KINDS, told_in
from rules.facts import AnyFact, Fade, Fill, Level, Markout, OrderChanged, OrderOutcome, Tick
from rules.finding import Severity
from rules.rule import LooksAt
from rules.rulebook import RulebookError, Written, parse_rulebook, read_rulebook
from rules.scopes import Deciding, Dimension, When, clashes, in_words, specificity, tellable
from tests.factories import a_change, a_feed_event, a_fill, a_tick, an_outcome
from tests.factories_marks import a_markout

SCOPED = """\
version: 2026-12
symbol_lists:
  penny: [PNNY, CENT]
rules:
  slow_fill:
    severity: high
    parameters:
      at_most: 2 s
    scopes:
      - when: {venue: [XCHI, XBOS, XBOS]}
        severity: low
        level: parent
      - when:
          symbol: [IBM, penny]
          account: "007"
        enabled: no
      - when: {session_of_day: opening, order_type: market}
        parameters: {at_most: 5 s}
"""
BROKEN = """\
symbol_lists:
  Penny: [A]
  empty: []
  nested: [[A], {b: c}]
  blank: ""
rules:
  slow_fill:
    scopes:
      - {severity: low}
      - when: {}
      - when: {colour: red, venu: XBOS}
        grouping: [rule]
      - when: {order_type: [limt, market], session_of_day: noon}
        severity: grave
        parameters: {at_most: 5, least: 1 s}
      - when: {symbol: [cheap, IBM], account: []}
      - when: XBOS
      - 7
  sequence_gap:
    scopes:
      - when: {venue: XBOS, counterparty: demo}
        level: child
  no_quote:
    scopes: {when: {venue: XBOS}}
"""


def test_a_scope_takes_what_it_does_not_name_from_the_rules_own_lines_then_from_the_card() -> None:
    """Severity of its own, the limit of the rule's lines, the level of the card; the most specific scope first."""
    own = parse_rulebook(SCOPED).settings("slow_fill")

    account, opening, venue = own.scopes
    assert (own.severity, own.level, own.limits, own.enabled) == (
        Severity.HIGH,
        Level.CHILD,
        {"at_most": 2 * 10**9},
        True,
    )
    assert (account.enabled, account.severity, account.limits) == (False, Severity.HIGH, {"at_most": 2 * 10**9})
    assert (opening.limits, opening.level) == ({"at_most": 5 * 10**9}, Level.CHILD)
    assert (venue.severity, venue.level, venue.limits) == (Severity.LOW, Level.PARENT, {"at_most": 2 * 10**9})


def test_a_scope_says_when_it_decides_in_words_and_with_its_symbol_lists_written_out() -> None:
    """By rank of the dimensions, words in order and each once."""
    account, opening, venue = parse_rulebook(SCOPED).settings("slow_fill").scopes

    assert account.words == "account 007, symbol IBM or penny"
    assert account.when == {"account": ("007",), "symbol": ("CENT", "IBM", "PNNY")}
    assert opening.words == "order type market, session of day opening"
    assert venue.words == "venue XBOS or XCHI"
    assert len({account.key, opening.key, venue.key}) == 3


def test_the_example_of_the_manual_is_a_rulebook() -> None:
    """What the README shows can be written as it stands."""
    text = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    example = text.split("```yaml\nsymbol_lists:")[1].split("```")[0]

    scopes = parse_rulebook(f"symbol_lists:{example}").settings("slow_fill").scopes

    assert [one.words for one in scopes] == [
        "order type limit or market, session of day opening",
        "symbol IBM or penny",
        "venue XBOS",
    ]


def test_the_lines_of_a_text_are_told() -> None:
    """Where a rule's own words begin, where each scope does, and where each setting stands."""
    rulebook, lines = read_rulebook(SCOPED)
    account, opening, venue = rulebook.settings("slow_fill").scopes

    told = lines["slow_fill"]
    assert told[""] == Written(line=5, settings={"severity": 6, "parameters": 7, "at_most": 8})
    assert told[venue.key] == Written(line=10, settings={"severity": 11, "level": 12})
    assert told[account.key] == Written(line=13, settings={"enabled": 16})
    assert told[opening.key] == Written(line=17, settings={"parameters": 18, "at_most": 18})
    assert lines["poor_fill"] == {"": Written(line=None, settings={})}


def test_every_problem_of_scopes_is_listed_at_once_with_its_line() -> None:
    """Unknown dimensions, words, settings and lists, and what the rule's facts cannot tell."""
    with pytest.raises(RulebookError) as refused:
        parse_rulebook(BROKEN)

    dimensions = ", ".join(Dimension)
    assert refused.value.problems == [
        'line 2: symbol_lists: "Penny" is no name; expected small letters, digits, "_" and "-"',
        "line 3: symbol_lists.empty holds no word",
        "line 4: symbol_lists.nested is one value, not a list or a mapping",
        "line 4: symbol_lists.nested is one value, not a list or a mapping",
        "line 5: symbol_lists.blank holds an empty word",
        f"line 9: slow_fill.scopes.when names nothing; expected some of {dimensions}",
        f"line 10: slow_fill.scopes.when names nothing; expected some of {dimensions}",
        f'line 11: slow_fill.scopes.when knows no "colour"; expected {dimensions}',
        'line 11: slow_fill.scopes.when knows no "venu"; did you mean venue?',
        'line 12: slow_fill.scopes knows no "grouping"; expected when, enabled, severity, level, parameters',
        (
            'line 13: slow_fill.scopes.when.order_type cannot be "limt"; '
            "expected one of market, limit, stop, stop_limit, pegged, other, unknown"
        ),
        (
            'line 13: slow_fill.scopes.when.session_of_day cannot be "noon"; '
            "expected one of early, pre, opening, regular, closing, post, closed"
        ),
        'line 14: slow_fill.severity cannot be "grave"; expected one of low, medium, high, critical',
        'line 15: slow_fill.parameters knows no "least"; expected at_most',
        (
            'line 15: slow_fill.at_most: "5" is not usable; expected a length of time with its unit '
            '(ns, us, ms, s, min, h), for example "250 ms"'
        ),
        "line 16: slow_fill.scopes.when.account holds no word",
        'line 16: there is no symbol list "cheap"; those under symbol_lists: Penny, empty, nested, blank',
        f"line 17: slow_fill.scopes.when is not a mapping; expected keys among {dimensions}",
        f"line 17: slow_fill.scopes.when names nothing; expected some of {dimensions}",
        "line 18: slow_fill.scopes is not a mapping; expected keys among when, enabled, severity, level, parameters",
        f"line 18: slow_fill.scopes.when names nothing; expected some of {dimensions}",
        "line 21: sequence_gap looks at facts (feed event) that tell no venue; expected some of counterparty",
        "line 22: sequence_gap counts no level; take the line out",
        "line 24: no_quote.scopes is a list",
    ]


def test_a_list_that_is_not_there_is_told_where_no_list_is_written() -> None:
    """A word in small letters is never taken for a symbol."""
    with pytest.raises(RulebookError, match=r'line 1: there is no symbol list "penny"; .*: none is written'):
        parse_rulebook("rules: {slow_fill: {scopes: [{when: {symbol: penny}}]}}")


def test_symbol_lists_are_a_mapping() -> None:
    """A list of symbols without a name is refused."""
    with pytest.raises(
        RulebookError, match="line 1: symbol_lists is not a mapping; expected keys among names of lists"
    ):
        parse_rulebook("symbol_lists: [A, B]")


def test_two_scopes_of_the_same_dimensions_that_overlap_are_refused_with_both_lines() -> None:
    """Neither is the more specific; a third that shares a word of each is refused with each."""
    text = """\
symbol_lists: {penny: [PNNY]}
rules:
  slow_fill:
    scopes:
      - when: {account: A1, symbol: penny}
      - when: {symbol: [PNNY, IBM], account: [A1, A2]}
      - when: {account: A2, symbol: [IBM, PNNY]}
      - when: {account: A2, venue: XBOS}
"""
    with pytest.raises(RulebookError) as refused:
        parse_rulebook(text)

    ends = "name the same and overlap: neither is the more specific"
    assert refused.value.problems == [
        (
            "line 6: slow_fill: this scope (account A1 or A2, symbol IBM or PNNY) and that of line 5 "
            f"(account A1, symbol penny) {ends}"
        ),
        (
            "line 7: slow_fill: this scope (account A2, symbol IBM or PNNY) and that of line 6 "
            f"(account A1 or A2, symbol IBM or PNNY) {ends}"
        ),
    ]


def test_scopes_that_name_too_much_are_refused() -> None:
    """Nobody could say which line decides, and the daemon would be slow to learn it."""
    many = ", ".join(f"W{n}" for n in range(700))

    with pytest.raises(RulebookError, match=r"line 1: the scopes of slow_fill name 490000 combinations of words"):
        parse_rulebook(f"rules: {{slow_fill: {{scopes: [{{when: {{account: [{many}], symbol: [{many}]}}}}]}}}}")


def test_a_long_list_of_words_is_told_by_its_first_and_a_digest() -> None:
    """Two that begin alike are told apart."""
    words = tuple(f"A{n}" for n in range(10))
    one = in_words({Dimension.ACCOUNT: words}, {Dimension.ACCOUNT: words})
    other = in_words({}, {}) + in_words({Dimension.ACCOUNT: ()}, {Dimension.ACCOUNT: (*words, "B")})

    assert one.startswith("account A0 or A1 or A2 or A3 or A4 or A5 or A6 or A7 or 2 more (")
    assert other != one


def test_the_hash_follows_the_meaning_of_scopes_and_not_their_order() -> None:
    """Another order of the lines, or a name for two symbols, is no other rulebook in what it decides."""
    one = "rules: {slow_fill: {scopes: [{when: {venue: A}, severity: low}, {when: {account: B}}]}}"
    turned = "rules: {slow_fill: {scopes: [{when: {account: [B]}}, {severity: low, when: {venue: A}}]}}"
    listed = "{symbol_lists: {penny: [P, Q]}, rules: {slow_fill: {scopes: [{when: {symbol: penny}}]}}}"
    longer = listed.replace("[P, Q]", "[P, Q, R]")

    assert parse_rulebook(one).hash == parse_rulebook(turned).hash
    assert parse_rulebook(one).hash != parse_rulebook(one.replace(": low", ": high")).hash
    assert parse_rulebook(listed).hash != parse_rulebook(longer).hash


def test_every_kind_of_fact_says_what_a_scope_may_name() -> None:
    """A fill tells all, a fade its symbol, the feed the counterparty alone; a new kind must be listed."""
    assert set(KINDS.values()) == set(LooksAt)
    known = {kind: tuple(one.value for one in Dimension if told_in(kind, one)) for kind in KINDS}
    everything = tuple(one.value for one in Dimension)
    assert known[Fill] == known[OrderOutcome] == known[Markout] == everything
    assert set(everything) - set(known[OrderChanged]) <= {"venue"}
    assert known[Fade] == ("symbol", "counterparty")
    assert known[Tick] == ("counterparty",)
    assert tellable(catalogue()["clock_suspect"].card) == tuple(Dimension)
    assert tellable(catalogue()["feed_silent"].card) == (Dimension.COUNTERPARTY,)


WORDS: dict[Dimension, tuple[str, ...]] = {
    **dict.fromkeys((Dimension.ACCOUNT, Dimension.CLIENT, Dimension.DESK), ("A", "B", "C")),
    Dimension.SYMBOL: ("IBM", "XYZ", "KO"),
    Dimension.VENUE: ("XNYS", "XBOS", "XCHI"),
    Dimension.ORDER_TYPE: ("market", "limit", "stop"),
    Dimension.SESSION_OF_DAY: ("opening", "regular", "closing"),
    Dimension.COUNTERPARTY: ("demo", "other", "third"),
}
_some = {
    one: st.sets(st.sampled_from(words), min_size=1).map(lambda chosen: tuple(sorted(chosen)))
    for one, words in WORDS.items()
}
whens = st.fixed_dictionaries({}, optional=_some).filter(bool)
told = st.fixed_dictionaries({one: st.sampled_from((*words, None)) for one, words in WORDS.items()})
MAKERS: tuple[Any, ...] = (a_fill, an_outcome, a_change, a_markout)


def overlap(one: When, other: When) -> bool:
    """Return whether two lines name the same dimensions and one fact could be under both."""
    return set(one) == set(other) and all(set(one[dimension]) & set(other[dimension]) for dimension in one)


def under(when: When, fact: dict[Dimension, str | None]) -> bool:
    """Return whether a fact tells a word of every dimension of a line."""
    return all(fact[dimension] in words for dimension, words in when.items())


@given(st.lists(whens, max_size=8))
def test_lines_clash_where_one_fact_could_be_under_both(lines: list[When]) -> None:
    """By comparing each pair; the later is named with the first that it clashes with on a combination."""
    clashing = set(clashes(lines))

    expected = {(one, other) for one, other in pairs_of(range(len(lines)), 2) if overlap(lines[one], lines[other])}
    assert clashing <= expected
    assert {later for _, later in clashing} == {later for _, later in expected}


@given(st.lists(whens, max_size=8), told, st.sampled_from(MAKERS))
def test_the_line_that_decides_is_the_most_specific_of_those_that_the_fact_is_under(
    lines: list[When], known: dict[Dimension, str | None], maker: Any
) -> None:
    """By trying every line; what a fact does not tell is under no line that names it."""
    lines = [line for n, line in enumerate(lines) if not any(overlap(line, other) for other in lines[:n])]
    fact: AnyFact = maker(**({"venue": "XNYS"} | {one.value: word for one, word in known.items() if word is not None}))
    account, session = known[Dimension.ACCOUNT], known[Dimension.SESSION_OF_DAY]
    actual = known | {
        Dimension.ACCOUNT: account or "A1",
        Dimension.SYMBOL: known[Dimension.SYMBOL] or "XYZ",
        Dimension.VENUE: (known[Dimension.VENUE] or "XNYS") if told_in(type(fact), "venue") else None,
        Dimension.ORDER_TYPE: known[Dimension.ORDER_TYPE] or "market",
        Dimension.SESSION_OF_DAY: session or "regular",
        Dimension.COUNTERPARTY: known[Dimension.COUNTERPARTY] or "demo",
    }

    decided = Deciding(lines).line(fact)

    matching = [n for n, line in enumerate(lines) if under(line, actual)]
    assert decided == min(matching, key=lambda n: specificity(lines[n]), default=None)


def test_more_dimensions_win_then_the_higher_rank() -> None:
    """Account before client before desk before symbol, and so on; two before one, whichever they are."""
    ranked = ["account", "client", "desk", "symbol", "venue", "order_type", "session_of_day", "counterparty"]
    single: list[When] = [{Dimension(name): ("demo",)} for name in reversed(ranked)]
    double: When = {Dimension.SESSION_OF_DAY: ("opening",), Dimension.COUNTERPARTY: ("demo",)}
    better: When = {Dimension.ACCOUNT: ("A1",), Dimension.COUNTERPARTY: ("demo",)}

    ordered = sorted([*single, double, better], key=specificity)

    assert ordered == [better, double, *reversed(single)]


def test_a_feed_event_is_under_its_counterparty_alone() -> None:
    """It tells nothing of an order."""
    deciding = Deciding([{Dimension.VENUE: ("XNYS",)}, {Dimension.COUNTERPARTY: ("demo",)}])

    assert deciding.line(a_feed_event()) == 1
    assert deciding.line(a_feed_event(counterparty="other")) is None
    assert deciding.line(a_tick()) == 1
    assert deciding.line(a_fill(counterparty="other")) == 0
