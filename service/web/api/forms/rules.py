"""The rules on the wire: the card of each, which is its manual. Pure."""

from __future__ import annotations

from pydantic import Field

from rules.rule import Rule
from service.web.api.forms.common import Told


class ParameterTold(Told):
    """One number of a rule that the firm may set, as text with its unit."""

    name: str
    kind: str
    default: str
    meaning: str
    minimum: str | None
    maximum: str | None
    choices: list[str]


class RuleTold(Told):
    """A rule as its card describes it; what the firm set instead is in the rulebook."""

    name: str = Field(examples=["slow_fill"])
    version: int
    title: str
    why: str
    citation: str
    severity: str
    scope: str
    population: str
    runbook: str
    looks_at: list[str]
    parameters: list[ParameterTold]
    manual: str


class RulesTold(Told):
    """Every rule that there is, by name."""

    rules: list[RuleTold]


def rule_told(rule: Rule) -> RuleTold:
    """Return a rule."""
    card = rule.card
    return RuleTold(
        name=card.name,
        version=card.version,
        title=card.title,
        why=card.why,
        citation=card.citation,
        severity=card.severity.value,
        scope=card.scope.value,
        population=card.population,
        runbook=card.runbook,
        looks_at=[what.value for what in card.looks_at],
        parameters=[
            ParameterTold(
                name=name,
                kind=one.kind.value,
                default=one.default,
                meaning=one.meaning,
                minimum=one.minimum,
                maximum=one.maximum,
                choices=list(one.choices),
            )
            for name, one in card.parameters.items()
        ],
        manual=rule.manual,
    )
