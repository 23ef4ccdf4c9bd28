"""One rule's card with what is in force of it: which line decides for which orders, and by which limits. Pure."""

from __future__ import annotations

import msgspec

from rules.limit_words import limit_words
from rules.rule import Card, Kind, LooksAt, Parameter, Rule
from rules.rulebook import RuleSettings
from rules.scopes import Scoped
from rules.units import EXPECTED, number
from service.change.history import Held
from service.change.one_rule import Filled
from service.web.said import Instant, instant, words

LOOKS_AT = {
    LooksAt.FILL: "executions",
    LooksAt.ORDER_CHANGED: "changes of orders",
    LooksAt.ORDER_OUTCOME: "orders at their end",
    LooksAt.FEED_EVENT: "events of sessions and messages",
    LooksAt.MARKOUT: "the market after executions",
    LooksAt.FADE: "the market between child orders",
    LooksAt.TICK: "time passing",
    LooksAt.FAILURE: "rules that failed",
}
KINDS = {
    Kind.DURATION: "length of time",
    Kind.RATIO: "share, at most 100 %",
    Kind.MULTIPLE: "ratio, may be above 100 %",
    Kind.PRICE: "dollars a share",
    Kind.COUNT: "count",
    Kind.FLAG: "yes or no",
}


class ParameterRow(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter: the card's value, the one in force, and the one of each scope that differs from it."""

    name: str
    kind: str
    meaning: str
    default: str
    bounds: str
    value: str
    changed: bool
    scoped: tuple[tuple[str, str], ...]


class ScopeRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line that decides in place of the rule's own, and what it has otherwise."""

    when: str
    told: str


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field of the form that changes a rule; with `choices` it is a list to choose from."""

    name: str
    label: str
    value: str
    now: str
    hint: str
    choices: tuple[str, ...] = ()


class VersionRow(msgspec.Struct, frozen=True, kw_only=True):
    """One change of the rule by a version of the rulebook."""

    hash: str
    since: Instant | None
    by: str
    told: tuple[str, ...]


def parameter_rows(card: Card, settings: RuleSettings) -> list[ParameterRow]:
    """Return every parameter of a rule with the values in force."""
    return [_parameter(name, parameter, settings) for name, parameter in card.parameters.items()]


def _parameter(name: str, parameter: Parameter, settings: RuleSettings) -> ParameterRow:
    value = settings.limits[name]
    return ParameterRow(
        name=name,
        kind=KINDS[parameter.kind],
        meaning=parameter.meaning,
        default=parameter.default,
        bounds=_bounds(parameter),
        value=_said(parameter, value),
        changed=number(parameter.kind, parameter.default) != value,
        scoped=tuple(
            (scope.words, _said(parameter, scope.limits[name]))
            for scope in settings.scopes
            if scope.limits[name] != value
        ),
    )


def _said(parameter: Parameter, value: int) -> str:
    """Return a value as the card writes it where it is the card's, else in the unit that reads best."""
    own = number(parameter.kind, parameter.default) == value
    return parameter.default if own else limit_words(parameter.kind, value)


def _bounds(parameter: Parameter) -> str:
    if parameter.choices:
        return f"one of {', '.join(parameter.choices)}"
    told = {"at least": parameter.minimum, "at most": parameter.maximum}
    return ", ".join(f"{which} {bound}" for which, bound in told.items() if bound)


def scope_rows(settings: RuleSettings) -> list[ScopeRow]:
    """Return the lines that decide in place of the rule's own, the most specific first."""
    return [ScopeRow(when=scope.words, told=_otherwise(scope, settings)) for scope in settings.scopes]


def _otherwise(scope: Scoped, settings: RuleSettings) -> str:
    if not scope.enabled:
        return "switched off"
    told = [f"severity {scope.severity}"] if scope.severity != settings.severity else []
    told += ["switched on"] if not settings.enabled else []
    told += [f"counts {scope.level}"] if scope.level != settings.level else []
    return ", ".join(told) or "other limits"


def needs(rule: Rule) -> list[tuple[str, str]]:
    """Return what a rule goes by, name and words."""
    card = rule.card
    told = [("looks at", ", ".join(LOOKS_AT[one] for one in card.looks_at)), ("counts", card.population)]
    told += [("level", f"{card.level} orders")] if card.level else []
    told += [("clocks", f"{card.clocks[0]} → {card.clocks[1]}")] if card.clocks else []
    told += [("register", "the venues approved for the counterparty")] if card.needs_register else []
    if card.window:
        told.append(("window", f"of {words(card.window.span)} by {', '.join(card.window.key)}"))
    if card.events:
        told.append(("events", ", ".join(words(one.value) for one in card.events)))
    return told


def fields(card: Card, settings: RuleSettings, filled: Filled) -> list[Field]:
    """Return the form that changes a rule: what is in force, and what was filled in."""
    severities = ("low", "medium", "high", "critical")
    own = [
        _choice("enabled", "Switched on", filled.enabled, "true" if settings.enabled else "false", ("true", "false")),
        _choice("severity", "Severity", filled.severity, settings.severity.value, severities),
    ]
    return own + [
        Field(
            name=f"parameter.{name}",
            label=words(name),
            value=filled.parameters.get(name) or _said(parameter, settings.limits[name]),
            now=_said(parameter, settings.limits[name]),
            hint=f"{parameter.meaning} {_expected(parameter)}",
            choices=_choices(parameter),
        )
        for name, parameter in card.parameters.items()
    ]


def _choice(name: str, label: str, filled: str, now: str, choices: tuple[str, ...]) -> Field:
    return Field(name=name, label=label, value=filled or now, now=now, hint="", choices=choices)


def _choices(parameter: Parameter) -> tuple[str, ...]:
    return ("true", "false") if parameter.kind is Kind.FLAG else parameter.choices


def _expected(parameter: Parameter) -> str:
    bounds = _bounds(parameter)
    expected = "" if _choices(parameter) else f"{EXPECTED[parameter.kind]}"
    told = "; ".join(part for part in (expected, bounds if not parameter.choices else "") if part)
    return told[:1].upper() + told[1:] + "." if told else ""


def version_rows(rule: str, told: list[tuple[Held, tuple[str, ...]]]) -> list[VersionRow]:
    """Return the versions of the rulebook that changed a rule, the newest first, each with what it changed."""
    mine = [(held, tuple(line for line in lines if line.startswith(f"{rule}."))) for held, lines in told]
    return [
        VersionRow(
            hash=held.version.hash,
            since=None if held.since is None else instant(held.since),
            by=_by(held),
            told=lines,
        )
        for held, lines in reversed(mine)
        if lines
    ]


def _by(held: Held) -> str:
    version = held.version
    if not version.proposer:
        return version.actor or "the start"
    return f"proposed by {version.proposer}, approved by {version.approver}"
