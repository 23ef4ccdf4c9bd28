"""The one count of all that happens to exceptions: every change of a case is a step, and each step has its number.

Steps are numbered in the order of their commits, so whoever has seen one has seen all before it. Whoever writes cases
takes the turn first: two writers on PostgreSQL would else hold each other's cases.
"""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from service.store.tables import offsets

CASE_STEP = "case_step"
_COUNT = offsets.c.name == CASE_STEP
_NEXT = update(offsets).where(_COUNT).values(value=offsets.c.value + 1).returning(offsets.c.value)
_LAST = select(offsets.c.value).where(_COUNT)


def take_turn(connection: Connection) -> None:
    """Wait until nobody else writes cases, and keep others waiting until this transaction ends."""
    connection.execute(_LAST.with_for_update())


def next_step(connection: Connection) -> int:
    """Return the number of one more step."""
    return int(connection.execute(_NEXT).scalar_one())


def last_step(connection: Connection) -> int:
    """Return the number of the newest step."""
    return int(connection.execute(_LAST).scalar_one())
