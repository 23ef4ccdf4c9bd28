"""Exceptions by the state in which they stand at an instant, whoever wrote their timers down or not."""

from __future__ import annotations

from sqlalchemy import select

from rules.facts import Nanos
from service.cases.case import Case
from service.cases.clocks import as_of
from service.cases.rules import Rules
from service.cases.states import State
from service.store.case_rows import case_of
from service.store.engine import Database
from service.store.evidence import GRAVITY
from service.store.tables import cases

MOST_LISTED = 1_000


def listed_cases(
    database: Database, rules: Rules, states: tuple[State, ...], now: Nanos, most: int = MOST_LISTED
) -> list[Case]:
    """Return the cases in these states, the gravest first, among equals the newest first; at most so many."""
    names = [state.value for state in states]
    wanted = select(cases).where(cases.c.state.in_(names) | (cases.c.due_at <= now))
    order = (GRAVITY.desc(), cases.c.last_at.desc(), cases.c.case_id.desc())
    with database.reading() as connection:
        rows = connection.execute(wanted.order_by(*order).limit(most)).all()
    seen = (as_of(case_of(row), rules, now) for row in rows)
    return [case for case in seen if case.state in states]
