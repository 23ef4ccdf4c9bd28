"""What differs between two rulebooks in meaning, rule by rule and limit by limit, in words for people. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any

import msgspec

from rules.cards import catalogue
from rules.rule import Kind
from rules.rulebook import Rulebook, RuleSettings
from rules.words import dollars, duration, percent

_SHOWN: dict[Kind, Callable[[int], str]] = {
    Kind.DURATION: duration,
    Kind.RATIO: percent,
    Kind.MULTIPLE: percent,
    Kind.PRICE: dollars,
    Kind.COUNT: str,
    Kind.FLAG: lambda value: "true" if value else "false",
}

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
    parameters = catalogue()[new.name].card.parameters
    for name in RuleSettings.__struct_fields__:
        before, after = getattr(old, name), getattr(new, name)
        if name != "limits":
            yield from _changed(new.name, name, before, after)
            continue
        for limit, parameter in parameters.items():
            shown = _SHOWN[parameter.kind]
            yield from _changed(new.name, limit, shown(before[limit]), shown(after[limit]))


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
