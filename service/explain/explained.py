"""What each rule said of one fact: the line that decided, the limits in force, the answer, the findings recorded. Pure.

It asks the rules again under the rulebook of then; of a rule with a window it says only whether the fact was counted,
for what the window held is not in the store.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from rules.bench import line_judge
from rules.cards import catalogue
from rules.fact_kinds import KINDS
from rules.facts import AnyFact, FeedEvent, Nanos
from rules.finding import Draft, Finding, Severity
from rules.levels import off_level
from rules.limit_words import limit_words
from rules.reassessment import Reassessment
from rules.register import VenueRegister
from rules.rule import Card, NotEvaluated, Observation, Rule
from rules.rulebook import Lines, Rulebook, RuleSettings, Written
from rules.scopes import Dimension, Scoped, matching, specificity, told


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The rulebook in force for a fact: where in the journal it came into force, when, and who put it there."""

    rulebook: Rulebook
    lines: Lines
    registers: Mapping[str, VenueRegister]
    since: int
    at: Nanos | None = None
    actor: str = ""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the rulebook: its scope (None: the rule's own), where it is written, why it decided or did not."""

    scope: str | None
    line: int | None
    why: str


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """One thing in force, in words, and the line that says so; None: the card."""

    name: str
    value: str
    line: int | None


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule says: finding, fine, not evaluated, off, counted (in a window) or failed; and more in words."""

    verdict: str
    words: str


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """A finding as it was recorded, with the second looks at it in words."""

    finding_id: str
    severity: Severity
    subject: str
    sentence: str
    rulebook_hash: str
    looks: tuple[str, ...]


class Ruled(msgspec.Struct, frozen=True, kw_only=True):
    """One rule and the fact."""

    rule: str
    decided: Line
    passed_over: tuple[Line, ...]
    limits: tuple[Limit, ...]
    said: Said
    findings: tuple[Recorded, ...]


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """One fact and all rules that look at it."""

    what: str
    offset: int
    counterparty: str
    trade_date: str
    tells: dict[str, str | None]
    rulebook: str
    rulebook_version: str
    in_force_since: int
    in_force_at: Nanos | None
    actor: str
    rules: tuple[Ruled, ...]


Stood = Sequence[tuple[Finding, Sequence[Reassessment]]]
"""Findings about a fact, with the second looks at each."""


def explained(fact: AnyFact, what: str, standing: Standing, stood: Stood, rule: str | None = None) -> Explained:
    """Return what every rule (or one) that looks at the fact comes to; `what` is the fact in words."""
    book = standing.rulebook
    return Explained(
        what=what,
        offset=fact.offset,
        counterparty=fact.counterparty,
        trade_date=fact.trade_date,
        tells={dimension.value: word for dimension, word in told(fact).items()},
        rulebook=book.hash,
        rulebook_version=book.version,
        in_force_since=standing.since,
        in_force_at=standing.at,
        actor=standing.actor,
        rules=tuple(
            _ruled(settings, fact, standing, stood)
            for settings in book.rules
            if rule in (None, settings.name) and looks_at(catalogue()[settings.name].card, fact)
        ),
    )


def looks_at(card: Card, fact: AnyFact) -> bool:
    """Return whether a rule is asked about the fact."""
    if isinstance(fact, FeedEvent):
        return fact.kind in card.events
    return KINDS[type(fact)] in card.looks_at


def _ruled(settings: RuleSettings, fact: AnyFact, standing: Standing, stood: Stood) -> Ruled:
    rule, lines = catalogue()[settings.name], standing.lines[settings.name]
    under = matching(settings.scopes, fact)
    scope = under[0] if under else None
    line = settings if scope is None else settings.under(scope)
    own = Line(scope=None, line=lines[""].line, why=_why_own(settings))
    return Ruled(
        rule=settings.name,
        decided=own if scope is None else Line(scope=scope.words, line=lines[scope.key].line, why=_why(under)),
        passed_over=tuple(
            Line(scope=other.words, line=lines[other.key].line, why=_why_not(under[0], other)) for other in under[1:]
        ),
        limits=tuple(_limits(rule.card, line, [lines[scope.key], lines[""]] if scope else [lines[""]])),
        said=_said(rule, line, fact, standing.registers),
        findings=tuple(_recorded(finding, looks) for finding, looks in stood if finding.rule == settings.name),
    )


def _why_own(settings: RuleSettings) -> str:
    if not settings.scopes:
        return "it has no scopes"
    many = len(settings.scopes)
    return "its only scope is not for this" if many == 1 else f"none of its {many} scopes is for this"


def _why(under: Sequence[Scoped]) -> str:
    if len(under) == 1:
        return "the only scope for this"
    return f"the most specific of {len(under)} scopes for this"


def _why_not(decided: Scoped, other: Scoped) -> str:
    if len(other.when) < len(decided.when):
        return "it names less"
    better, worse = specificity(decided.when)[1], specificity(other.when)[1]
    names = list(Dimension)
    first = next((one, two) for one, two in zip(better, worse, strict=True) if one != two)
    return f"it names as much, and {names[first[0]]} ranks before {names[first[1]]}"


def _limits(card: Card, line: RuleSettings, written: Sequence[Written]) -> Iterator[Limit]:
    """Yield what is in force, each with the line that says so: the scope's, else the rule's own, else none."""

    def where(name: str) -> int | None:
        return next((one.settings[name] for one in written if name in one.settings), None)

    for name, parameter in card.parameters.items():
        yield Limit(name=name, value=limit_words(parameter.kind, line.limits[name]), line=where(name))
    yield Limit(name="severity", value=line.severity.value, line=where("severity"))
    if line.level is not None:
        yield Limit(name="level", value=line.level.value, line=where("level"))


def _said(rule: Rule, line: RuleSettings, fact: AnyFact, registers: Mapping[str, VenueRegister]) -> Said:
    """Return what the rule says of the fact under this line."""
    if not line.enabled:
        return Said(verdict="off", words="it is switched off here")
    off = off_level(line.level, fact)
    try:
        found = off or (
            _counted(rule, line, fact) if rule.card.window else line_judge(rule, line, registers).look(fact)
        )
    except Exception as error:  # noqa: BLE001 - a rule that raises is told, and the others go on
        return Said(verdict="failed", words=f"the rule failed on it ({type(error).__name__})")
    if found is None:
        return Said(verdict="fine", words="nothing of it is counted" if rule.card.window else "within the limits")
    if isinstance(found, NotEvaluated):
        return Said(verdict="not evaluated", words=found.reason)
    if isinstance(found, Draft):
        return Said(verdict="finding", words=found.sentence)
    key = ", ".join(part for part in found.key if part)
    return Said(verdict="counted", words=f"under {key}; what the rule says needs the window of then")


def _counted(rule: Rule, line: RuleSettings, fact: AnyFact) -> Observation | NotEvaluated | None:
    assert rule.observe is not None
    seen: Observation | NotEvaluated | None = rule.observe(fact, line.limits)
    return seen


def _recorded(finding: Finding, looks: Sequence[Reassessment]) -> Recorded:
    return Recorded(
        finding_id=finding.finding_id,
        severity=finding.severity,
        subject=finding.subject,
        sentence=finding.sentence,
        rulebook_hash=finding.rulebook_hash,
        looks=tuple(f"{look.verdict.value}: {look.reason}" for look in looks),
    )
