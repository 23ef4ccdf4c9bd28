"""Judges of rules with scopes: for each fact the judge of the line that decides. Windows are kept apart by that line.

A rule without scopes has none of these, and pays nothing for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from rules.facts import AnyFact, Nanos
from rules.finding import Value
from rules.judges import Found, Judge, Move, PlacedRow, WindowJudge
from rules.levels import off_level
from rules.rule import Failure, Limits, NotEvaluated, Observation, Rule
from rules.rulebook import RuleSettings
from rules.scopes import Deciding, Scoped
from rules.windows import Windows

_SWITCHED_OFF = NotEvaluated("switched off by a scope")
Make = Callable[[Rule, RuleSettings], Judge]
"""Makes the judge of one line."""


class Off(Judge):
    """The judge of a line that switches its rule off: it says that much of every fact, or nothing."""

    __slots__ = ("_answer",)

    def __init__(self, rule: Rule, settings: RuleSettings, answer: NotEvaluated | None) -> None:
        super().__init__(rule, settings)
        self.level = None
        self._answer = answer

    def look(self, fact: AnyFact | Failure) -> Found:
        """Return the one answer."""
        del fact
        return self._answer

    def goes_by(self, thresholds: Mapping[str, Value]) -> bool:
        """Return that it has no limits."""
        del thresholds
        return False


class Lines:
    """The judges of a rule's lines: of its own, and of each scope by its key."""

    __slots__ = ("_deciding", "_judges", "_own", "by_key")

    def __init__(self, rule: Rule, settings: RuleSettings, make: Make) -> None:
        self._own = make(rule, settings) if settings.enabled else Off(rule, settings, None)
        self._judges = [_of_scope(rule, settings, scope, make) for scope in settings.scopes]
        self._deciding = Deciding([scope.when for scope in settings.scopes])
        self.by_key = dict(zip([scope.key for scope in settings.scopes], self._judges, strict=True))

    def of(self, fact: AnyFact | Failure) -> Judge:
        """Return the judge of the line that decides for the fact."""
        line = self._deciding.line(fact)
        return self._own if line is None else self._judges[line]

    def look(self, fact: AnyFact | Failure) -> Found:
        """Return what the line that decides says of the fact, if it counts the fact's level."""
        judge = self.of(fact)
        return off_level(judge.level, fact) or judge.look(fact)

    def go_by(self, thresholds: Mapping[str, Value]) -> bool:
        """Return whether these are the limits of one of the lines."""
        return any(judge.goes_by(thresholds) for judge in (self._own, *self._judges))


class ScopedJudge(Judge):
    """A judge that lets the line that decides look at each fact."""

    __slots__ = ("_lines",)

    def __init__(self, rule: Rule, settings: RuleSettings, make: Make) -> None:
        super().__init__(rule, settings)
        self.level = None  # each line has its own
        self._lines = Lines(rule, settings, make)

    def look(self, fact: AnyFact | Failure) -> Found:
        """Return what the line that decides says of the fact."""
        return self._lines.look(fact)

    def deciding(self, fact: AnyFact | Failure) -> Judge:
        """Return the judge of the line that decides for the fact."""
        return self._lines.of(fact)

    def goes_by(self, thresholds: Mapping[str, Value]) -> bool:
        """Return whether these are the limits of one of its lines."""
        return self._lines.go_by(thresholds)


class ScopedWindowJudge(WindowJudge):
    """A judge with windows of which each line has its own, told apart by the first part of their keys."""

    __slots__ = ("_lines",)

    def __init__(self, rule: Rule, settings: RuleSettings, windows: Windows) -> None:
        super().__init__(rule, settings, windows)
        self.level = None  # each line has its own
        self._lines = Lines(rule, settings, lambda rule, line: WindowJudge(rule, line, windows))

    def look(self, fact: AnyFact | Failure) -> Found:
        """Return what the line that decides says of its window, once the fact is in it."""
        return self._lines.look(fact)

    def deciding(self, fact: AnyFact | Failure) -> Judge:
        """Return the judge of the line that decides for the fact."""
        return self._lines.of(fact)

    def goes_by(self, thresholds: Mapping[str, Value]) -> bool:
        """Return whether these are the limits of one of its lines."""
        return self._lines.go_by(thresholds)

    def amend(self, move: Move, clock: Nanos) -> None:
        """Make a move in the windows, by the span of the line to which the fact belongs now."""
        line = None if move.now is None else self._lines.by_key.get(move.now[0][1][0])
        if isinstance(line, WindowJudge):
            line.amend(move, clock)
        else:
            super().amend(move, clock)

    def _row_of(self, fact: AnyFact) -> PlacedRow | None:
        line = self._lines.of(fact)
        if not isinstance(line, WindowJudge) or off_level(line.level, fact) is not None:
            return None
        return line._row_of(fact)  # noqa: SLF001 - its own kind


def _of_scope(rule: Rule, settings: RuleSettings, scope: Scoped, make: Make) -> Judge:
    line = settings.under(scope)
    if not scope.enabled:
        return Off(rule, line, _SWITCHED_OFF)
    judge = make(_apart(rule, scope.key), line)
    judge.thresholds = {**judge.thresholds, "scope": scope.words}
    return judge


def _apart(rule: Rule, key: str) -> Rule:
    """Return a rule with windows so that what it counts is counted apart, under this key."""
    observe = rule.observe
    if observe is None:
        return rule

    def observe_apart(fact: Any, limits: Limits) -> Any:
        seen = observe(fact, limits)
        return msgspec.structs.replace(seen, key=(key, *seen.key)) if isinstance(seen, Observation) else seen

    return msgspec.structs.replace(rule, observe=observe_apart)
