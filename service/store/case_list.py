"""Exceptions by the state in which they stand at an instant, whoever wrote their timers down or not."""

from __future__ import annotations

from rules.facts import Nanos
from service.cases.case import Case
from service.cases.rules import Rules
from service.cases.states import State
from service.cases.wanted import Wanted
from service.store.case_search import CaseSearch
from service.store.engine import Database

MOST_LISTED = 1_000


def listed_cases(
    database: Database, rules: Rules, states: tuple[State, ...], now: Nanos, most: int = MOST_LISTED
) -> list[Case]:
    """Return the cases in these states, the gravest first, among equals the newest first; at most so many."""
    return list(CaseSearch(database, rules).page(Wanted(states=states), "", now, most).cases)
