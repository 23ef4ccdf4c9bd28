"""What a backtest is asked to do: sweeps in words, the rules that differ, and the dates of a range."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.limit_words import limit_words
from rules.rule import Kind
from rules.rulebook import parse_rulebook
from rules.units import number
from service.backtest.plan import MOST_POINTS, Sweep, changed_rules, dates, only, read_sweep, swept


def test_a_sweep_has_its_points_evenly_spread_with_both_ends() -> None:
    """As many as asked for; two that fall together are one."""
    wide, narrow, down = (
        read_sweep(text)
        for text in (
            "slow_fill.at_most = 1 s .. 2 s : 5",
            "fill_rate_drop.minimum=20..22:9",
            "slow_fill.at_most=2 s..1 s:2",
        )
    )

    assert isinstance(wide, Sweep)
    assert isinstance(narrow, Sweep)
    assert isinstance(down, Sweep)
    assert [point.words for point in wide.points] == ["1 s", "1.25 s", "1.5 s", "1.75 s", "2 s"]
    assert [point.value for point in narrow.points] == [20, 21, 22]
    assert [point.words for point in down.points] == ["2 s", "1 s"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("slow.at_most=1 s..2 s:2", "there is no rule 'slow'; expected one of "),
        ("slow_fill.most=1 s..2 s:2", "slow_fill has no parameter 'most'; it has at_most"),
        ("undecodable.most=1..2:2", "undecodable has no parameter 'most'; it has none"),
        ("fill_rate_drop.confidence=95 %..99 %:2", "fill_rate_drop.confidence is no scale"),
        ("slow_fill.at_most=1 s:2", "is no range; expected a..b:n with n from 2 to 200"),
        ("slow_fill.at_most=1 s..2 s", "is no range"),
        ("slow_fill.at_most=1 s..2 s:1", "is no range"),
        (f"slow_fill.at_most=1 s..2 s:{MOST_POINTS + 1}", "is no range"),
        ("slow_fill.at_most=1..2 s:2", '"1" is not usable'),
        ("slow_fill.at_most=1 s..2:2", '"2" is not usable'),
        ("slow_fill", "slow_fill has no parameter"),
    ],
)
def test_a_sweep_that_cannot_be_is_refused_in_words(text: str, problem: str) -> None:
    """Which rule, which parameter, which value, and what is expected."""
    read = read_sweep(text)

    assert isinstance(read, str)
    assert problem in read


@given(st.sampled_from([Kind.DURATION, Kind.RATIO, Kind.MULTIPLE, Kind.PRICE, Kind.COUNT]), st.integers(0, 10**6))
def test_a_limit_in_words_means_the_same_limit(kind: Kind, value: int) -> None:
    """A point can be written into the rulebook as it is shown."""
    assert number(kind, limit_words(kind, value)) == value


def test_a_swept_rulebook_has_one_limit_otherwise_and_no_other_rule() -> None:
    """Under a hash of its own."""
    book = parse_rulebook("rules: {slow_fill: {enabled: no}}")
    sweep = read_sweep("slow_fill.at_most=1 s..2 s:2")
    assert isinstance(sweep, Sweep)

    tried = swept(book, sweep, 7)

    assert [rule.name for rule in tried.rules if rule.enabled] == ["rule_failure", "slow_fill"]
    assert tried.settings("slow_fill").limits["at_most"] == 7
    assert len({book.hash, tried.hash, swept(book, sweep, 8).hash, only(book, ()).hash}) == 4


def test_only_what_can_change_a_finding_makes_a_rule_differ() -> None:
    """Not how findings become cases."""
    book = parse_rulebook("")
    other = parse_rulebook("rules: {slow_fill: {severity: low}, poor_fill: {cooldown: 1 h, grouping: [rule]}}")

    assert changed_rules(book, [book, other]) == {"slow_fill"}


def test_a_range_has_every_date_of_it() -> None:
    """Both ends included; none when they are the wrong way round."""
    assert dates("2026-02-27", "2026-03-01") == ["2026-02-27", "2026-02-28", "2026-03-01"]
    assert dates("2026-03-01", "2026-02-28") == []
