"""Single exceptions on the shelf, with the words of who put each there."""

from __future__ import annotations

import msgspec
from sqlalchemy import select

from service.cases.case import Case
from service.cases.states import Action, State
from service.store.case_rows import case_of
from service.store.case_search import OPEN
from service.store.engine import Database
from service.store.tables import case_events, cases

MOST = 200


class Alone(msgspec.Struct, frozen=True):
    """An exception that somebody shelved by itself: who, and why."""

    case: Case
    by: str
    why: str


class _Told(msgspec.Struct, frozen=True):
    note: str | None = None


def shelved_alone(database: Database, most: int = MOST) -> list[Alone]:
    """Return the exceptions on the shelf that no scope put there, those that come back first at the front."""
    by_hand = cases.c.touched_kind == Action.SHELVE.value
    wanted = select(cases).where(OPEN, cases.c.state == State.SHELVED.value, by_hand)
    kept = case_events.c
    with database.reading() as connection:
        rows = connection.execute(wanted.order_by(cases.c.shelved_until, cases.c.case_id).limit(most)).all()
        ids = [row.case_id for row in rows]
        events = select(kept.case_id, kept.actor, kept.body).where(
            kept.case_id.in_(ids), kept.kind == Action.SHELVE.value
        )
        last = {row.case_id: row for row in connection.execute(events.order_by(kept.case_id, kept.n))}
    return [_alone(case_of(row), last[row.case_id].actor, last[row.case_id].body) for row in rows]


def _alone(case: Case, actor: str, body: bytes) -> Alone:
    return Alone(case, actor, msgspec.json.decode(body, type=_Told).note or "")
