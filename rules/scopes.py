"""Scopes: where a rule goes by other settings than its own lines. Which line decides for a fact, and which clash. Pure.

Most specific wins: the line that names more dimensions, else the one that names the dimension of the highest rank.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import product
from math import prod
from operator import attrgetter
from typing import Any

import msgspec

from rules.fact_kinds import KINDS, told_in
from rules.facts import Level
from rules.finding import Severity
from rules.rule import Card

MOST_COMBINATIONS = 200_000
"""What the lines of one rule may name at most, counted as combinations of their words."""
_SHOWN = 8


class Dimension(StrEnum):
    """What a scope may name, the highest rank first."""

    ACCOUNT = "account"
    CLIENT = "client"
    DESK = "desk"
    SYMBOL = "symbol"
    VENUE = "venue"
    ORDER_TYPE = "order_type"
    SESSION_OF_DAY = "session_of_day"
    COUNTERPARTY = "counterparty"

    @property
    def rank(self) -> int:
        """Return 0 for the one that is most specific."""
        return list(Dimension).index(self)


When = dict[Dimension, tuple[str, ...]]
"""The words of each dimension that a line names, by rank; a fact must tell one word of every one of them."""


class Scoped(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a rule's scopes: when it decides, in `words` for people, and all that is in force then."""

    when: When
    words: str
    enabled: bool
    severity: Severity
    level: Level | None
    limits: dict[str, int]

    @property
    def key(self) -> str:
        """Return what tells its windows from those of other lines: a digest of when it decides."""
        return "\x1f" + _digest(msgspec.json.encode(self.when))


def specificity(when: When) -> tuple[int, tuple[int, ...]]:
    """Return what orders lines, the most specific first."""
    return -len(when), tuple(sorted(dimension.rank for dimension in when))


def in_words(when: When, said: dict[Dimension, tuple[str, ...]]) -> str:
    """Return when a line decides: "account A-1, venue XBOS or XCHI"; `said` are the words as they were written."""
    return ", ".join(f"{dimension.replace('_', ' ')} {_listed(said[dimension])}" for dimension in when)


def _listed(words: tuple[str, ...]) -> str:
    """Return the words; of many the first, and a digest by which one list is told from another."""
    if len(words) <= _SHOWN:
        return " or ".join(words)
    return f"{' or '.join(words[:_SHOWN])} or {len(words) - _SHOWN} more ({_digest(chr(31).join(words).encode())[:8]})"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def tellable(card: Card) -> tuple[Dimension, ...]:
    """Return the dimensions that facts of a rule can tell."""
    kinds = [kind for kind, looks_at in KINDS.items() if looks_at in card.looks_at]
    return tuple(dimension for dimension in Dimension if any(told_in(kind, dimension) for kind in kinds))


def combinations(when: When) -> int:
    """Return how many combinations of words a line names."""
    return prod(len(words) for words in when.values())


def clashes(whens: Sequence[When]) -> Iterator[tuple[int, int]]:
    """Yield each line with the earlier one of the same dimensions that may decide for the same fact."""
    for lines in _by_dimensions(whens).values():
        owners: dict[Any, int] = {}
        for line in lines:
            others = {owners.setdefault(named, line) for named in _named(whens[line])}
            yield from ((other, line) for other in sorted(others - {line}))


def told(fact: Any) -> dict[Dimension, str | None]:
    """Return what a fact tells of each dimension that facts of its type can tell."""
    kind: type = type(fact)
    paths = {dimension: told_in(kind, dimension) for dimension in Dimension}
    return {dimension: attrgetter(path)(fact) for dimension, path in paths.items() if path is not None}


def matching(scopes: Iterable[Scoped], fact: Any) -> list[Scoped]:
    """Return every line that the fact is under, the one that decides first."""
    tells = told(fact)
    under = [scope for scope in scopes if all(tells.get(one) in words for one, words in scope.when.items())]
    return sorted(under, key=lambda scope: specificity(scope.when))


class Deciding:
    """Finds the line that decides for a fact: one look-up for each set of dimensions, the most specific first."""

    __slots__ = ("_looks",)

    def __init__(self, whens: Sequence[When]) -> None:
        tables = [
            (dimensions, {named: line for line in lines for named in _named(whens[line])})
            for dimensions, lines in _by_dimensions(whens).items()
        ]
        self._looks = {kind: list(_looks(kind, tables)) for kind in KINDS}

    def line(self, fact: Any) -> int | None:
        """Return the number of the line, None where the rule's own decides."""
        for told, decides in self._looks[type(fact)]:
            line = decides.get(told(fact))
            if line is not None:
                return line
        return None


_Table = dict[Any, int]


def _looks(
    kind: type, tables: Iterable[tuple[tuple[Dimension, ...], _Table]]
) -> Iterator[tuple[Callable[[Any], Any], _Table]]:
    """Yield how to read the dimensions of each table from facts of a type; a table that they cannot tell is left."""
    for dimensions, decides in tables:
        paths = [told_in(kind, dimension) for dimension in dimensions]
        known = [path for path in paths if path is not None]
        if len(known) == len(dimensions):
            yield attrgetter(*known), decides


def _by_dimensions(whens: Sequence[When]) -> dict[tuple[Dimension, ...], list[int]]:
    groups: dict[tuple[Dimension, ...], list[int]] = {}
    for line in sorted(range(len(whens)), key=lambda line: (*specificity(whens[line]), line)):
        groups.setdefault(tuple(sorted(whens[line], key=lambda one: one.rank)), []).append(line)
    return groups


def _named(when: When) -> Iterator[Any]:
    """Yield each combination of words as `attrgetter` gives it: one word alone, several as a tuple, by rank."""
    words = [when[dimension] for dimension in sorted(when, key=lambda one: one.rank)]
    return iter(words[0]) if len(words) == 1 else product(*words)
