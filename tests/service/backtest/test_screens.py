"""A screen never hides a finding: what it leaves out, its rule says nothing of."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.cards import catalogue
from rules.facts import Fill
from rules.finding import Draft
from rules.rulebook import parse_rulebook
from service.backtest.screens import _COLUMNS, Screen, screen_of
from tests.factories import a_fill, a_quote
from tests.service.store.test_read_back import fills, measures

near = st.integers(-3, 3)
quoted = fills.map(lambda fill: msgspec.structs.replace(fill, at_execution=a_quote()))
executions = st.just(a_fill()) | quoted
"""Likely ones, and wild ones at whose instant there was a quote: without one nothing can lie outside of it."""


@pytest.mark.parametrize("rule", _COLUMNS)
def test_only_rules_without_a_window_are_screened(rule: str) -> None:
    """A window counts every fact."""
    assert catalogue()[rule].card.window is None


@settings(max_examples=300, deadline=None)
@given(executions, st.sampled_from(sorted(_COLUMNS)), st.none() | near, near)
def test_what_a_screen_leaves_out_the_rule_finds_nothing_on(
    base: Fill, rule: str, distance: int | None, lower: int
) -> None:
    """Of wild executions, and of likely ones right beside the limit; under the limit or any above the bound."""
    column, parameter = _COLUMNS[rule]
    limits = dict(parse_rulebook("").settings(rule).limits)
    value = None if distance is None else limits[parameter] + distance
    fill = msgspec.structs.replace(base, measures=msgspec.structs.replace(base.measures, **{column: value}))
    screen = Screen(column=column, bound=limits[parameter] - abs(lower))

    found = catalogue()[rule].check(fill, limits)

    assert screen.passes(fill) or not isinstance(found, Draft)


@given(measures, st.sampled_from(sorted(_COLUMNS)))
def test_a_screen_lets_through_what_lies_above_its_bound(numbers: object, rule: str) -> None:
    """None but those, and none without a number."""
    fill = msgspec.structs.replace(a_fill(), measures=numbers)
    column, _ = _COLUMNS[rule]
    value = getattr(numbers, column)

    assert Screen(column=column, bound=0).passes(fill) is (value is not None and value > 0)


def test_the_bound_is_the_least_limit_of_all_rulebooks() -> None:
    """So that no side misses anything; a rule without a screen is read whole."""
    books = [parse_rulebook(f"rules: {{slow_fill: {{parameters: {{at_most: {text}}}}}}}") for text in ("2 s", "5 ms")]

    assert screen_of("slow_fill", books) == Screen(column="time_to_fill", bound=5_000_000)
    assert screen_of("poor_fill", books) is None
