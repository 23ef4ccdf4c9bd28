"""Filters of the queue that people keep: for themselves, or for everybody in the firm."""

from __future__ import annotations

import msgspec
from sqlalchemy import delete, insert, or_, select

from rules.facts import Nanos
from service.people import plain
from service.store.engine import Database
from service.store.tables import saved_views

MOST_OWN = 50
MOST_SHOWN = 200


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A question under a name; `own` says that it is of whoever asks."""

    number: int
    name: str
    query: str
    shared: bool
    own: bool


class SqlViews:
    """Saved views over one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, person: str) -> list[View]:
        """Return the views of a person and those that the firm shares, by name."""
        mine = saved_views.c.owner == plain(person)
        wanted = select(saved_views).where(or_(mine, saved_views.c.shared)).order_by(saved_views.c.name)
        with self._database.reading() as connection:
            rows = connection.execute(wanted.limit(MOST_SHOWN)).all()
        return [
            View(number=row.view_id, name=row.name, query=row.query, shared=row.shared, own=row.owner == plain(person))
            for row in rows
        ]

    def keep(self, person: str, name: str, query: str, now: Nanos, *, shared: bool) -> bool:
        """Keep a question under a name, in place of the person's own of that name; False when there are too many."""
        of_owner = saved_views.c.owner == plain(person)
        with self._database.writing() as connection:
            connection.execute(delete(saved_views).where(of_owner, saved_views.c.name == name))
            kept = connection.execute(select(saved_views.c.view_id).where(of_owner)).all()
            if len(kept) >= MOST_OWN:
                return False
            values = {"owner": plain(person), "name": name, "query": query, "shared": shared, "at": now}
            connection.execute(insert(saved_views).values(**values))
        return True

    def forget(self, person: str, number: int) -> bool:
        """Delete a view of the person's own; return whether there was one."""
        own = (saved_views.c.view_id == number, saved_views.c.owner == plain(person))
        with self._database.writing() as connection:
            return connection.execute(delete(saved_views).where(*own)).rowcount > 0
