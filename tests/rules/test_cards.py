"""Cards are read whole or not at all, and the manual is made of them."""

from __future__ import annotations

import msgspec
import pytest
import yaml

from rules.cards import catalogue, read_card
from rules.manual import manual, section
from rules.rule import Card

CARD = {
    "name": "x",
    "version": 1,
    "title": "t",
    "why": "w",
    "citation": "c",
    "severity": "low",
    "scope": "market",
    "looks_at": ["fill"],
    "population": "p",
    "runbook": "r",
    "examples": [],
    "parameters": {"span": {"kind": "duration", "default": "1 s", "meaning": "m"}},
}


def _read(**changed: object) -> Card:
    return read_card(yaml.safe_dump(CARD | changed))


def test_a_card_without_a_window_is_read() -> None:
    """The plain case."""
    assert _read().parameters["span"].default == "1 s"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"parameters": {"n": {"kind": "count", "default": "few", "meaning": "m"}}}, "card x, parameter n, default"),
        (
            {"window": {"key": ["a"], "span": "span", "minimum": "n", "repeat": "n"}},
            "needs a parameter n that is a count",
        ),
        ({"window": {"key": ["a"], "span": "n", "minimum": "n", "repeat": "n"}}, "needs a parameter n that is a dur"),
        (
            {"window": {"key": ["a"], "span": "span", "minimum": "span", "repeat": "span"}},
            "needs a parameter span that is a count",
        ),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_a_card_with_a_mistake_is_refused(changed: dict[str, object], said: str) -> None:
    """A wrong default, a window without its parameters, an unknown key: a bug in the card, said in words."""
    with pytest.raises((ValueError, msgspec.ValidationError), match=said):
        _read(**changed)


def test_the_manual_names_every_rule_and_every_parameter() -> None:
    """Nothing that can be set is undocumented; market rules come first."""
    text = manual(catalogue().values())

    for name, rule in catalogue().items():
        assert f"### `{name}` — {rule.card.title}" in text
        assert all(f"| `{parameter}` |" in text for parameter in rule.card.parameters)
    assert text.index("`slow_fill`") < text.index("`feed_silent`")


def test_a_section_says_what_matters() -> None:
    """The docstring, the reason, the level, the clocks, the window, and an example each way."""
    slow, drop = section(catalogue()["slow_fill"]), section(catalogue()["fill_rate_drop"])

    assert slow.startswith("### `slow_fill` — Slow execution of a marketable order\n\nReport an execution of a")
    assert "level `child`; clocks: the order's latest of receipt" in slow
    assert "* Reported: a market order that waited three seconds." in slow
    assert "* Not reported: a market order filled within a millisecond." in slow
    assert "window by counterparty, kind of order, venue." in drop


@pytest.mark.parametrize("name", catalogue())
def test_a_card_never_speaks_of_a_violation_of_rule_611(name: str) -> None:
    """The product finds exceptions; it does not convict (domain.md §1)."""
    assert "611" not in section(catalogue()[name])
