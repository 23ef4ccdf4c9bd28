"""How many open exceptions stand where, and which values there are to choose from. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

import msgspec

from rules.finding import Severity
from service.cases.case import Case
from service.cases.states import State


class Group(NamedTuple):
    """What exceptions that are counted together have in common."""

    state: State
    severity: Severity
    rule: str
    venue: str | None
    symbol: str | None
    counterparty: str
    assignee: str | None
    desks: tuple[str, ...]


def group_of(case: Case) -> Group:
    """Return with which others an exception is counted."""
    key = case.key
    return Group(
        case.state, case.severity, key.rule, case.venue, case.symbol, key.counterparty, case.assignee, case.desks
    )


class Tally(msgspec.Struct, frozen=True):
    """The open exceptions of an instant, counted."""

    groups: Mapping[Group, int]

    def states(self) -> Counter[State]:
        """Return how many stand in each state."""
        counted: Counter[State] = Counter()
        for group, count in self.groups.items():
            counted[group.state] += count
        return counted

    def severities(self, states: Collection[State]) -> Counter[Severity]:
        """Return how many of those in these states are of each severity."""
        counted: Counter[Severity] = Counter()
        for group, count in self.groups.items():
            if group.state in states:
                counted[group.severity] += count
        return counted

    def values(self) -> dict[str, list[str]]:
        """Return the values that there are of each filter, by name of the filter and in their order."""
        found: dict[str, set[str]] = {name: set() for name in _OFFERED}
        for group in self.groups:
            for name, values in found.items():
                values |= {value for value in _OFFERED[name](group) if value}
        return {name: sorted(values) for name, values in found.items()}


_OFFERED: dict[str, Callable[[Group], Iterable[str | None]]] = {
    "rule": lambda group: (group.rule,),
    "venue": lambda group: (group.venue,),
    "symbol": lambda group: (group.symbol,),
    "counterparty": lambda group: (group.counterparty,),
    "assignee": lambda group: (group.assignee,),
    "desk": lambda group: group.desks,
}
