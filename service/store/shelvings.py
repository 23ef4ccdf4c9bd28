"""Shelvings of a scope in the store: which are in force, what each hid, and how one is ended before its time."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, select, update

from rules.facts import Nanos
from service.cases.actor import THE_CASEWORKER, Actor, called
from service.cases.case import Acted, Case, Refused
from service.cases.door import act
from service.cases.given import Given
from service.cases.shelving import Scope, Shelving, shelved_scope
from service.cases.states import Action, State
from service.store.case_book import CHUNK, CaseBook
from service.store.case_rows import case_of
from service.store.engine import Database
from service.store.steps import take_turn
from service.store.tables import cases, shelvings

HIDEABLE = (State.NEW.value, State.REOPENED.value)
_SCOPE = ("rule", "venue", "symbol", "counterparty", "cause")


class Listed(msgspec.Struct, frozen=True):
    """A shelving with how many exceptions it hid, and how many of them are on the shelf still."""

    shelving: Shelving
    hid: int
    hides: int


class SqlShelvings:
    """Shelvings of a scope over one database."""

    def __init__(self, database: Database, book: CaseBook) -> None:
        self._database = database
        self._book = book

    def shelve(self, scope: Scope, actor: Actor, why: str, until: Nanos | None, now: Nanos) -> Shelving | Refused:
        """Shelve a scope, or refuse in words; what is there already is hidden by the caseworker's next turns."""
        with self._database.writing() as connection:
            last = connection.execute(select(func.coalesce(func.max(shelvings.c.shelving_id), 0))).scalar_one()
            made = shelved_scope(int(last) + 1, scope, actor, why, until, now, self._book.rules)
            if isinstance(made, Shelving):
                connection.execute(insert(shelvings).values(**_values(made)))
        return made

    def end(self, number: int, actor: Actor, words: str, now: Nanos) -> Shelving | Refused:
        """End a shelving before its time: nothing more is hidden, and what it hid comes back under the actor's name.

        What is not back when this ends half way comes back with the next call, at the latest at the shelving's time.
        """
        with self._database.writing() as connection:
            row = connection.execute(select(shelvings).where(shelvings.c.shelving_id == number)).one_or_none()
            if row is None:
                return Refused(words=f"there is no shelving {number}")
            if not self._book.rules.permit(actor.roles, Action.UNSHELVE) or not actor.name.strip():
                who = " or ".join(self._book.rules.roles_for(Action.UNSHELVE)) or "whoever gives a name"
                return Refused(words=f"shelving {number}: {called(actor) or 'nobody'} may not end it; {who} may")
            if row.ended_at is None:
                ended = update(shelvings).where(shelvings.c.shelving_id == number)
                connection.execute(ended.values(ended_at=now, ended_by=actor.name))
        while self._bring_back(number, actor, words, now):
            pass
        with self._database.reading() as connection:
            return shelving_of(connection.execute(select(shelvings).where(shelvings.c.shelving_id == number)).one())

    def listed(self, now: Nanos | None = None) -> list[Listed]:
        """Return the shelvings with what they hid, newest first; with an instant only those in force then."""
        there = func.count(cases.c.case_id).filter(cases.c.state == State.SHELVED.value)
        statement = (
            select(shelvings, func.count(cases.c.case_id).label("hid"), there.label("hides"))
            .join_from(shelvings, cases, cases.c.shelving_id == shelvings.c.shelving_id, isouter=True)
            .group_by(*shelvings.columns)
            .order_by(shelvings.c.shelving_id.desc())
        )
        with self._database.reading() as connection:
            rows = connection.execute(statement).all()
        found = [Listed(shelving_of(row), row.hid, row.hides) for row in rows]
        return [one for one in found if now is None or one.shelving.in_force(now)]

    def hidden_by(self, number: int, limit: int = CHUNK) -> list[Case]:
        """Return the exceptions that a shelving hid, the newest first."""
        statement = select(cases).where(cases.c.shelving_id == number).order_by(cases.c.case_id.desc()).limit(limit)
        with self._database.reading() as connection:
            return [case_of(row) for row in connection.execute(statement)]

    def _bring_back(self, number: int, actor: Actor, words: str, now: Nanos) -> int:
        hidden = and_(cases.c.shelving_id == number, cases.c.state == State.SHELVED.value)
        back = 0
        with self._database.writing() as connection:
            take_turn(connection)
            ids = select(cases.c.case_id).where(hidden).order_by(cases.c.case_id).limit(CHUNK)
            for case_id in list(connection.execute(ids).scalars()):
                given = Given(words=words, shelving=number)
                result = self._book.act(connection, case_id, Action.UNSHELVE, actor, given, now)
                back += isinstance(result, Acted)
        return back


def in_force(connection: Connection, now: Nanos) -> list[Shelving]:
    """Return the shelvings that hide what comes now, the oldest first."""
    statement = select(shelvings).where(shelvings.c.until > now, shelvings.c.ended_at.is_(None))
    found = [shelving_of(row) for row in connection.execute(statement.order_by(shelvings.c.shelving_id))]
    return [one for one in found if one.in_force(now)]


def hidden(connection: Connection, book: CaseBook, case: Case, by: list[Shelving], now: Nanos) -> Acted | None:
    """Put a case on the shelf if one of the shelvings wants it there."""
    shelving = next((one for one in by if one.hides(case, now)), None)
    if shelving is None:
        return None
    given = Given(until=shelving.until, shelving=shelving.number)
    acted = act(case, Action.HIDE, THE_CASEWORKER, given, now, book.rules)
    assert isinstance(acted, Acted)
    book.put(connection, acted)
    return acted


def sweep(connection: Connection, book: CaseBook, now: Nanos) -> int:
    """Hide exceptions that were there when a shelving began, at most 200; return how many."""
    count = 0
    for shelving in in_force(connection, now):
        named = [_column(name) == getattr(shelving.scope, name) for name in _SCOPE if getattr(shelving.scope, name)]
        fresh = cases.c.shelving_id.is_(None) | (cases.c.shelving_id != shelving.number)
        wanted = select(cases).where(cases.c.state.in_(HIDEABLE), fresh, *named).order_by(cases.c.case_id)
        for row in connection.execute(wanted.limit(CHUNK - count).with_for_update()).all():
            count += hidden(connection, book, case_of(row), [shelving], now) is not None
    return count


def _column(name: str) -> ColumnElement[str]:
    return cases.columns[name]


def _values(shelving: Shelving) -> dict[str, Any]:
    scope = {name: getattr(shelving.scope, name) for name in _SCOPE}
    times = {"begins_at": shelving.at, "until": shelving.until}
    return {"shelving_id": shelving.number, "actor": shelving.by, "why": shelving.why, **scope, **times}


def shelving_of(row: Row[Any]) -> Shelving:
    """Return the shelving that a row of the table holds."""
    return Shelving(
        number=row.shelving_id,
        scope=Scope(**{name: getattr(row, name) for name in _SCOPE}),
        by=row.actor,
        why=row.why,
        at=row.begins_at,
        until=row.until,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
    )
