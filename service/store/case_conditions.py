"""What somebody wants to see, as conditions on the table of cases; what depends on the clocks stands apart.

The conditions are written so that no index serves them: an index over all cases would lead through the closed ones.
Which cases are looked at is said by whoever puts the conditions (case_search.py).
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from sqlalchemy import ColumnElement, exists, func, or_, tuple_

from rules.facts import Nanos
from service.cases.telling import asked_for, of_account
from service.cases.wanted import LAST, ME, NOBODY, PLACES, Order, Wanted
from service.store.tables import case_words, cases

Condition = ColumnElement[bool]
MOST_DIGITS = 18

OF_ORDER: dict[str, ColumnElement[int]] = {
    "gravity": cases.c.gravity,
    "harm": func.coalesce(cases.c.dollar_harm, -LAST),
    "opened_at": cases.c.opened_at,
    "sla_at": func.coalesce(cases.c.sla_at, LAST),
    "last_at": cases.c.last_at,
    "case_id": cases.c.case_id,
}


def lasting(asked: Wanted, me: str, now: Nanos) -> Iterator[Condition]:
    """Yield what no clock changes."""
    lists: tuple[tuple[ColumnElement[str], tuple[str, ...]], ...] = (
        (cases.c.severity, asked.severities),
        (cases.c.rule, asked.rules),
        (cases.c.venue, asked.venues),
        (cases.c.symbol, asked.symbols),
        (cases.c.counterparty, asked.counterparties),
    )
    yield from (bare(column).in_(values) for column, values in lists if values)
    if asked.desks:
        yield or_(*(cases.c.desks.contains(_in_json(desk), autoescape=True) for desk in asked.desks))
    if asked.accounts:
        yield or_(*(_has(of_account(account)) for account in asked.accounts))
    yield from _times(asked, now)
    numbers = ((cases.c.incident_id, asked.incident), (cases.c.shelving_id, asked.shelving))
    yield from (func.coalesce(column, -1) == value for column, value in numbers if value is not None)
    if asked.day is not None:
        yield bare(cases.c.trade_date) == asked.day
    if asked.assignee is not None:
        yield _assigned(asked.assignee, me)
    yield from (_tells(one) for one in asked_for(asked.text))


def moving(asked: Wanted, now: Nanos) -> Iterator[Condition]:
    """Yield what clocks change: states, and what is over by when."""
    yield bare(cases.c.state).in_([state.value for state in asked.states])
    if asked.overdue:
        yield cases.c.sla_at <= now
    if asked.due_within is not None:
        yield cases.c.sla_at <= now + asked.due_within


def beyond(asked: Wanted) -> Iterator[Condition]:
    """Yield what comes after the cursor."""
    if asked.after is not None:
        place = tuple_(*(OF_ORDER[name] for name in PLACES[asked.order]))
        yield place < asked.after if asked.order.falls else place > asked.after


def in_order(order: Order) -> list[ColumnElement[int]]:
    """Return what rows are sorted by."""
    return [OF_ORDER[name].desc() if order.falls else OF_ORDER[name] for name in PLACES[order]]


def bare(column: ColumnElement[str]) -> ColumnElement[str]:
    """Return a column so that no index of its own is taken for it."""
    return func.coalesce(column, "")


def _times(asked: Wanted, now: Nanos) -> Iterator[Condition]:
    if asked.older is not None:
        yield cases.c.opened_at <= now - asked.older
    if asked.younger is not None:
        yield cases.c.opened_at >= now - asked.younger


def _assigned(assignee: str, me: str) -> Condition:
    if assignee == NOBODY:
        return cases.c.assignee.is_(None)
    return func.lower(cases.c.assignee) == func.lower(me if assignee == ME else assignee)


def _tells(one: str) -> Condition:
    """Return whether a word is one of a case's, or its number, symbol or venue, or stands in its rule or sentence."""
    said = (cases.c.sentence, cases.c.rule, cases.c.cause)
    return or_(
        _has(one),
        *([cases.c.case_id == int(one)] if is_number(one) else []),
        *(func.lower(column) == one for column in (cases.c.symbol, cases.c.venue)),
        *(func.lower(column).contains(one, autoescape=True) for column in said),
    )


def _has(one: str) -> Condition:
    return exists().where(case_words.c.word == one, case_words.c.case_id == cases.c.case_id)


def is_number(one: str) -> bool:
    """Return whether a word may be the number of a case."""
    return one.isascii() and one.isdigit() and len(one) <= MOST_DIGITS


def _in_json(desk: str) -> str:
    return msgspec.json.encode(desk).decode()
