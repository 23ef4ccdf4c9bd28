"""What a backtest is asked to do: the rulebook that is tried, and a sweep over one of its limits. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from datetime import date, timedelta

import msgspec

from rules.cards import catalogue
from rules.limit_words import limit_words
from rules.rule import Kind, Parameter
from rules.rulebook import Rulebook, RuleSettings
from rules.units import setting

LEAST_POINTS, MOST_POINTS = 2, 200
FAILURES = "rule_failure"


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One value of a swept limit, as the engine knows it and in the words of the rulebook."""

    value: int
    words: str


class Sweep(msgspec.Struct, frozen=True, kw_only=True):
    """A rule, the parameter of it that is swept, and its values in order."""

    rule: str
    parameter: str
    points: tuple[Point, ...]


def read_sweep(text: str) -> Sweep | str:
    """Return what `rule.parameter=a..b:n` asks for (n values, both ends included), or in words why it cannot be."""
    name, _, values = text.partition("=")
    rule_name, _, parameter_name = name.strip().partition(".")
    rule = catalogue().get(rule_name)
    if rule is None:
        return f"there is no rule {rule_name!r}; expected one of {', '.join(catalogue())}"
    parameter = rule.card.parameters.get(parameter_name)
    if parameter is None:
        return f"{rule_name} has no parameter {parameter_name!r}; it has {', '.join(rule.card.parameters) or 'none'}"
    if parameter.kind is Kind.FLAG or parameter.choices:
        return f"{rule_name}.{parameter_name} is no scale: it takes one of a few words"
    points = _points(parameter, values)
    return points if isinstance(points, str) else Sweep(rule=rule_name, parameter=parameter_name, points=points)


def _points(parameter: Parameter, values: str) -> tuple[Point, ...] | str:
    ends, _, count = values.rpartition(":")
    low, dots, high = ends.partition("..")
    if not dots or not count.strip().isdecimal() or not LEAST_POINTS <= int(count) <= MOST_POINTS:
        form = f"expected a..b:n with n from {LEAST_POINTS} to {MOST_POINTS}"
        return f"{values!r} is no range; {form}, for example slow_fill.at_most=100 ms..1 s:10"
    first, last = (setting(parameter, end.strip()) for end in (low, high))
    if isinstance(first, str) or isinstance(last, str):
        return first if isinstance(first, str) else str(last)
    steps = int(count) - 1
    spread = dict.fromkeys(first + (last - first) * step // steps for step in range(steps + 1))
    return tuple(Point(value=value, words=limit_words(parameter.kind, value)) for value in spread)


def swept(rulebook: Rulebook, sweep: Sweep, value: int) -> Rulebook:
    """Return the rulebook with one limit at that value, and no rule but that one."""
    settings = rulebook.settings(sweep.rule)
    changed = msgspec.structs.replace(settings, enabled=True, limits={**settings.limits, sweep.parameter: value})
    return only(_with(rulebook, changed), (sweep.rule,))


def only(rulebook: Rulebook, names: Collection[str]) -> Rulebook:
    """Return the rulebook with every rule switched off but these, and the one that tells of rules that fail."""
    rules = tuple(
        rule if rule.name in names or rule.name == FAILURES else switched_off(rule) for rule in rulebook.rules
    )
    return _hashed(rulebook, rules)


def switched_off(rule: RuleSettings) -> RuleSettings:
    """Return the settings with which a rule is never asked, whatever else they say."""
    return RuleSettings(
        name=rule.name,
        version=rule.version,
        enabled=False,
        severity=rule.severity,
        level=rule.level,
        limits=rule.limits,
    )


def _with(rulebook: Rulebook, changed: RuleSettings) -> Rulebook:
    rules = tuple(changed if rule.name == changed.name else rule for rule in rulebook.rules)
    return _hashed(rulebook, rules)


def _hashed(rulebook: Rulebook, rules: tuple[RuleSettings, ...]) -> Rulebook:
    """Return another rulebook, under a hash of its own: one that is only tried never bears that of one in force."""
    text = msgspec.json.encode(["tried", rulebook.hash, rules], order="sorted")
    return msgspec.structs.replace(rulebook, rules=rules, hash=hashlib.sha256(text).hexdigest())


def changed_rules(tried: Rulebook, stood: Iterable[Rulebook]) -> set[str]:
    """Return the rules that are set otherwise in one of these rulebooks: of all others both sides say the same."""
    return {
        rule.name
        for rulebook in stood
        for rule, other in zip(tried.rules, rulebook.rules, strict=True)
        if _judged(rule) != _judged(other)
    }


def _judged(rule: RuleSettings) -> RuleSettings:
    """Return what can change a finding: not how findings become cases."""
    return msgspec.structs.replace(rule, grouping=(), cooldown=0)


def dates(first: str, last: str) -> list[str]:
    """Return every date from the first to the last, both included; none where the first comes after the last."""
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    return [(begin + timedelta(days=number)).isoformat() for number in range((end - begin).days + 1)]
