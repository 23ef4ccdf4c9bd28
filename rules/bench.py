"""The bench: a judge for every rule that is in force, whole or in some of its scopes."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from rules.cards import catalogue
from rules.facts import AnyFact
from rules.judges import NO_REGISTER, Found, Judge, RegisterJudge, WindowJudge
from rules.register import VenueRegister
from rules.rule import Failure, Limits, Rule
from rules.rulebook import Rulebook, RuleSettings
from rules.scoped import ScopedJudge, ScopedWindowJudge
from rules.windows import Window, Windows

Registers = Mapping[str, VenueRegister]


def judges(rulebook: Rulebook, registers: Registers, kept: Mapping[str, Windows]) -> list[Judge]:
    """Return a judge for every enabled rule; windows in `kept` go on, others begin empty."""
    bench: list[Judge] = []
    for settings in rulebook.rules:
        rule = catalogue()[settings.name]
        if not settings.in_force:
            continue
        if rule.card.window:
            rule = _with_register(rule, registers) if rule.card.needs_register else rule
            windows = kept.get(settings.name) or Windows()
            counting = ScopedWindowJudge if settings.scopes else WindowJudge
            bench.append(counting(rule, settings, windows))
        elif settings.scopes:
            bench.append(ScopedJudge(rule, settings, lambda rule, line: line_judge(rule, line, registers)))
        else:
            bench.append(line_judge(rule, settings, registers))
    return bench


def _with_register(rule: Rule, registers: Registers) -> Rule:
    """Return a rule with a window whose check is handed the register of the fact's counterparty too."""

    def check(fact: AnyFact | Failure, limits: Limits, window: Window) -> Found:
        found: Found = rule.check(fact, limits, window, registers.get(fact.counterparty, NO_REGISTER))
        return found

    return msgspec.structs.replace(rule, check=check)


def going_on(windows: Windows, before: RuleSettings, now: RuleSettings) -> Windows:
    """Return a rule's windows without those of scopes that it no longer has."""
    gone = {scope.key for scope in before.scopes} - {scope.key for scope in now.scopes}
    return Windows.of([state for state in windows.snapshot() if state.key[0] not in gone]) if gone else windows


def line_judge(rule: Rule, settings: RuleSettings, registers: Registers) -> Judge:
    """Return the judge of one line of a rule that has no windows."""
    return RegisterJudge(rule, settings, registers) if rule.card.needs_register else Judge(rule, settings)
