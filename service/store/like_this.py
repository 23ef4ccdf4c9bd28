"""The last exceptions like one that were closed, and how: the same rule, those of the same cause first."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from service.cases.case import Case
from service.cases.like import Like
from service.cases.states import Action, State
from service.store.case_rows import case_of
from service.store.engine import Database
from service.store.tables import case_events, cases

LAST = 5
LOOKED = 1_000
"""Among so many exceptions that were touched last those of the same rule and another cause are looked for."""
_CLOSINGS = (Action.PROPOSE_CLOSE.value, Action.CLOSE.value)


class SqlLikeThis:
    """Reads them from one database; never writes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, shown: Case, limit: int = LAST) -> list[Like]:
        """Return the last closed exceptions like this one: those of its cause first, among equals the newest."""
        with self._database.reading() as connection:
            found = _of_cause(connection, shown, limit)
            if len(found) < limit:
                found += _of_rule(connection, shown, limit - len(found))
            said = (
                select(case_events)
                .where(case_events.c.case_id.in_([one.case_id for one in found]), case_events.c.kind.in_(_CLOSINGS))
                .order_by(case_events.c.n)
            )
            closings = {row.case_id: row for row in connection.execute(said)}
        return [_like(one, closings.get(one.case_id), shown) for one in found]


def _of_cause(connection: Connection, shown: Case, limit: int) -> list[Case]:
    statement = (
        select(cases)
        .where(
            cases.c.rule == shown.key.rule,
            cases.c.cause == shown.key.cause,
            cases.c.state == State.CLOSED.value,
            cases.c.case_id != shown.case_id,
        )
        .order_by(cases.c.trade_date.desc(), cases.c.last_at.desc(), cases.c.case_id.desc())
        .limit(limit)
    )
    return [case_of(row) for row in connection.execute(statement)]


def _of_rule(connection: Connection, shown: Case, limit: int) -> list[Case]:
    last = (
        select(cases)
        .where(cases.c.state == State.CLOSED.value)
        .order_by(cases.c.updated_at.desc())
        .limit(LOOKED)
        .subquery()
    )
    statement = (
        select(last)
        .where(last.c.rule == shown.key.rule, last.c.cause != shown.key.cause)
        .order_by(last.c.updated_at.desc(), last.c.case_id.desc())
        .limit(limit)
    )
    return [case_of(row) for row in connection.execute(statement)]


def _like(one: Case, closing: Row[Any] | None, shown: Case) -> Like:
    return Like(
        case=one,
        words="" if closing is None else msgspec.json.decode(closing.body).get("note", ""),
        closed_by="" if closing is None else closing.actor,
        closed_at=one.closed_at,
        same=one.key.cause == shown.key.cause,
    )
