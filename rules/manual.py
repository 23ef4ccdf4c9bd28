"""The rule manual as Markdown, made from the cards, so that it cannot differ from what runs."""

from __future__ import annotations

from collections.abc import Iterable

from rules.rule import Card, Rule


def manual(rules: Iterable[Rule]) -> str:
    """Return one section for each rule, market rules first."""
    ordered = sorted(rules, key=lambda rule: (rule.card.scope.value != "market", rule.card.name))
    return "\n".join(section(rule) for rule in ordered)


def section(rule: Rule) -> str:
    """Return a rule's section: what it reports, why, by which numbers, what to do, and an example each way."""
    card = rule.card
    lines = [
        f"### `{card.name}` — {card.title}",
        "",
        rule.manual,
        "",
        f"**Why.** {card.why}",
        "",
        f"**Basis.** {card.citation}",
        "",
        f"**Counts.** {card.population}",
        "",
        _facts(card),
        "",
        *_parameters(card),
        f"**What to do.** {card.runbook}",
        "",
        *(f"* {'Reported' if example.fires else 'Not reported'}: {example.title}." for example in card.examples),
        "",
    ]
    return "\n".join(lines)


def _facts(card: Card) -> str:
    """Return severity, level, clocks and window in one line."""
    parts = [f"Severity `{card.severity.value}`", f"version {card.version}"]
    if card.level:
        parts.append(f"level `{card.level.value}`")
    if card.clocks:
        parts.append(f"clocks: {card.clocks[0]} → {card.clocks[1]}")
    if card.window:
        parts.append(f"window by {', '.join(card.window.key)}")
    return "; ".join(parts) + "."


def _parameters(card: Card) -> list[str]:
    if not card.parameters:
        return []
    rows = [
        f"| `{name}` | {parameter.kind.value} | `{parameter.default}` | {parameter.meaning} |"
        for name, parameter in card.parameters.items()
    ]
    return ["| parameter | kind | default | meaning |", "|---|---|---|---|", *rows, ""]
