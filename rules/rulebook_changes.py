"""What differs between two rulebooks in meaning, rule by rule and limit by limit, in words for people. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any

import msgspec

from rules.cards import catalogue
from rules.limit_words import limit_words
from rules.rule import Limits
from rules.rulebook import Rulebook, RuleSettings
from rules.scopes import Scoped
from rules.words import duration

_TIMES = ("cooldown", "incident_span")


class RuleChange(msgspec.Struct, frozen=True):
    """One thing that is otherwise: of which rule (empty: of the rulebook itself), what, from and to, as text."""

    rule: str
    what: str
    old: str
    new: str

    @property
    def words(self) -> str:
        """Return the change in a line: "slow_fill.at_most: 1 s → 2 s"."""
        return f"{self.rule}{'.' if self.rule else ''}{self.what}: {self.old} → {self.new}"


def rulebook_changes(old: Rulebook, new: Rulebook) -> tuple[RuleChange, ...]:
    """Return every difference in meaning, the rulebook's own first, then rule by rule."""
    return (*_of_the_book(old, new), *(change for one in new.rules for change in _of_rule(old.settings(one.name), one)))


def _of_the_book(old: Rulebook, new: Rulebook) -> Iterator[RuleChange]:
    for name in Rulebook.__struct_fields__:
        if name not in ("hash", "rules"):
            yield from _changed("", name, getattr(old, name), getattr(new, name))


def _of_rule(old: RuleSettings, new: RuleSettings) -> Iterator[RuleChange]:
    for name in RuleSettings.__struct_fields__:
        if name == "limits":
            yield from _of_limits(new.name, old.limits, new.limits)
        elif name == "scopes":
            yield from _of_scopes(old, new)
        else:
            yield from _changed(new.name, name, getattr(old, name), getattr(new, name))


def _of_limits(rule: str, old: Limits, new: Limits, where: str = "") -> Iterator[RuleChange]:
    for name, parameter in catalogue()[rule].card.parameters.items():
        before, after = (limit_words(parameter.kind, limits[name]) for limits in (old, new))
        yield from _changed(rule, name + where, before, after)


def _of_scopes(old: RuleSettings, new: RuleSettings) -> Iterator[RuleChange]:
    """Return what differs scope by scope; one that only one of both has is held against the rule's own lines."""
    before, after = ({scope.key: scope for scope in each.scopes} for each in (old, new))
    for key in sorted(before.keys() | after.keys(), key=lambda key: (before.get(key) or after[key]).words):
        was, now = before.get(key), after.get(key)
        where = f" [{(now or before[key]).words}]"
        if was is None or now is None:
            yield RuleChange(new.name, f"scopes{where}", _there(was), _there(now))
        theirs = (old if was is None else old.under(was)), (new if now is None else new.under(now))
        for name in ("enabled", "severity", "level"):
            yield from _changed(new.name, name + where, *(getattr(each, name) for each in theirs))
        yield from _of_limits(new.name, theirs[0].limits, theirs[1].limits, where)


def _there(scope: Scoped | None) -> str:
    return "none" if scope is None else "there"


def _changed(rule: str, what: str, old: Any, new: Any) -> Iterator[RuleChange]:
    if old != new:
        shown = duration if what in _TIMES else _text
        yield RuleChange(rule, what, shown(old), shown(new))


def _text(value: Any) -> str:
    """Return any setting as text: words as they are, lists in order, what is made of parts as JSON."""
    if isinstance(value, tuple):
        return ", ".join(map(_text, value)) or "none"
    if isinstance(value, Enum | str):
        return str(value)
    return msgspec.json.encode(value, order="sorted").decode()
