"""The one count of all that happens to exceptions: every change of a case is a step.

Steps are counted in the order of their commits, so whoever has seen a number has seen all before it. Whoever writes
cases takes the turn first: two writers on PostgreSQL would else hold each other's cases.
"""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from service.store.tables import offsets

CASE_STEP = "case_step"
_COUNT = offsets.c.name == CASE_STEP
_NEXT = update(offsets).where(_COUNT).values(value=offsets.c.value + 1)
_LAST = select(offsets.c.value).where(_COUNT)


def take_turn(connection: Connection) -> None:
    """Wait until nobody else writes cases, and keep others waiting until this transaction ends."""
    connection.execute(_LAST.with_for_update())


def count_step(connection: Connection) -> None:
    """Count one more step."""
    connection.execute(_NEXT)


def last_step(connection: Connection) -> int:
    """Return the number of the newest step."""
    return int(connection.execute(_LAST).scalar_one())
