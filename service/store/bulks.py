"""One decision over many cases: one reason, one number, an event for each, in chunks; a kill in between loses nothing.

Which cases it is about is kept first. Each chunk moves the mark of what is behind it in its own transaction, so whoever
resumes goes on exactly there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, insert, select, update

from rules.facts import Nanos
from service.cases.actor import Actor
from service.cases.case import Acted
from service.cases.given import Given
from service.cases.states import Action
from service.store.case_book import CHUNK, CaseBook
from service.store.engine import Database
from service.store.steps import take_turn
from service.store.tables import bulks, cases


class Bulk(msgspec.Struct, frozen=True, kw_only=True):
    """How far a decision over many has come; `refused` says of which cases it was refused and why."""

    bulk_id: str
    action: Action
    actor: Actor
    given: Given
    case_ids: tuple[int, ...]
    taken: int
    acted: int
    refused: tuple[tuple[int, str], ...]
    finished: bool


class UnknownBulkError(LookupError):
    """There is no decision of that number."""


class OtherBulkError(ValueError):
    """A decision of that number is there, and it is another one."""


class SqlBulks:
    """Decisions over many cases in one database."""

    def __init__(self, database: Database, book: CaseBook) -> None:
        self._database = database
        self._book = book

    def begin(
        self, bulk_id: str, case_ids: Iterable[int], action: Action, actor: Actor, given: Given, now: Nanos
    ) -> Bulk:
        """Keep a decision before any of it is done; the same one again is the one that is there."""
        ids = tuple(dict.fromkeys(case_ids))
        meant = msgspec.structs.replace(given, bulk=bulk_id, seen=None)
        with self._database.writing() as connection:
            row = connection.execute(select(bulks).where(bulks.c.bulk_id == bulk_id)).one_or_none()
            if row is None:
                _keep(connection, bulk_id, ids, action, actor, meant, now)
                row = connection.execute(select(bulks).where(bulks.c.bulk_id == bulk_id)).one()
        found = _bulk_of(row)
        if (found.case_ids, found.action, found.actor.name, found.given) != (ids, action, actor.name, meant):
            msg = f"the bulk {bulk_id} is {found.actor.name}'s {found.action.words} of {len(found.case_ids)} exceptions"
            raise OtherBulkError(msg)
        return found

    def go_on(self, bulk_id: str, now: Nanos, chunk: int = CHUNK) -> Bulk:
        """Take the next cases of a decision, at most 200 in this one transaction."""
        with self._database.writing() as connection:
            take_turn(connection)
            statement = select(bulks).where(bulks.c.bulk_id == bulk_id).with_for_update()
            row = connection.execute(statement).one_or_none()
            if row is None:
                msg = f"there is no bulk {bulk_id}"
                raise UnknownBulkError(msg)
            return self._take(connection, _bulk_of(row), now, min(chunk, CHUNK))

    def finish(self, bulk_id: str, now: Nanos) -> Iterator[Bulk]:
        """Take all the cases of a decision that it has not taken yet, chunk by chunk; yield how far it has come."""
        while True:
            bulk = self.go_on(bulk_id, now)
            yield bulk
            if bulk.finished:
                return

    def of(self, bulk_id: str) -> Bulk | None:
        """Return a decision and how far it has come, None when there is none of that number."""
        with self._database.reading() as connection:
            row = connection.execute(select(bulks).where(bulks.c.bulk_id == bulk_id)).one_or_none()
        return None if row is None else _bulk_of(row)

    def unfinished(self) -> list[Bulk]:
        """Return the decisions that were begun and are not through, oldest first."""
        statement = select(bulks).where(bulks.c.finished_at.is_(None)).order_by(bulks.c.created_at, bulks.c.bulk_id)
        with self._database.reading() as connection:
            return [_bulk_of(row) for row in connection.execute(statement)]

    def one(self, bulk_id: str) -> Bulk | None:
        """Return how far a decision has come, None when there is none of that number."""
        with self._database.reading() as connection:
            row = connection.execute(select(bulks).where(bulks.c.bulk_id == bulk_id)).one_or_none()
        return None if row is None else _bulk_of(row)

    def of_incident(self, number: int) -> list[int]:
        """Return the exceptions that are linked to an incident, in their order."""
        statement = select(cases.c.case_id).where(cases.c.incident_id == number).order_by(cases.c.case_id)
        with self._database.reading() as connection:
            return list(connection.execute(statement).scalars())

    def _take(self, connection: Connection, bulk: Bulk, now: Nanos, chunk: int) -> Bulk:
        upto = min(len(bulk.case_ids), bulk.taken + chunk)
        refused, acted = list(bulk.refused), bulk.acted
        for case_id in bulk.case_ids[bulk.taken : upto]:
            result = self._book.act(connection, case_id, bulk.action, bulk.actor, bulk.given, now)
            if isinstance(result, Acted):
                acted += 1
            else:
                refused.append((case_id, result.words))
        finished = upto == len(bulk.case_ids)
        if not bulk.finished:
            values = {"taken": upto, "acted": acted, "refused": msgspec.json.encode(refused)}
            ended = {"finished_at": now} if finished else {}
            connection.execute(update(bulks).where(bulks.c.bulk_id == bulk.bulk_id).values(**values, **ended))
        return msgspec.structs.replace(bulk, taken=upto, acted=acted, refused=tuple(refused), finished=finished)


def _keep(
    connection: Connection,
    bulk_id: str,
    ids: tuple[int, ...],
    action: Action,
    actor: Actor,
    given: Given,
    now: Nanos,
) -> None:
    texts = {"actor": actor, "given": given, "case_ids": ids, "refused": ()}
    values = {name: msgspec.json.encode(value) for name, value in texts.items()}
    counts = {"created_at": now, "taken": 0, "acted": 0}
    connection.execute(insert(bulks).values(bulk_id=bulk_id, action=action.value, **values, **counts))


def _bulk_of(row: Row[Any]) -> Bulk:
    return Bulk(
        bulk_id=row.bulk_id,
        action=Action(row.action),
        actor=msgspec.json.decode(row.actor, type=Actor),
        given=msgspec.json.decode(row.given, type=Given),
        case_ids=msgspec.json.decode(row.case_ids, type=tuple[int, ...]),
        taken=row.taken,
        acted=row.acted,
        refused=msgspec.json.decode(row.refused, type=tuple[tuple[int, str], ...]),
        finished=row.finished_at is not None,
    )
