"""Whether the caseworker has anything to gather: asked with every batch of the road, so it is one short question."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Connection, Exists, ScalarSelect, exists, func, literal_column, or_, select

from service.cases.actor import CASEWORKER
from service.store.second_looks import SECOND_LOOKS
from service.store.tables import findings, incidents, offsets, reassessments


def anything_to_gather(connection: Connection) -> bool:
    """Return whether there is a finding or a second look that is in no case yet, or an incident to be linked."""
    return bool(connection.execute(_ANYTHING).scalar_one())


def _reached(name: str) -> ScalarSelect[Any]:
    """Return how far the reader of that name has come, 0 when it has not begun."""
    return select(func.coalesce(func.max(offsets.c.value), 0)).where(offsets.c.name == name).scalar_subquery()


def _beyond(seq: Column[Any], name: str) -> Exists:
    return exists(select(seq).where(seq > _reached(name)))


_ANYTHING = select(
    or_(
        _beyond(findings.c.seq, CASEWORKER),
        _beyond(reassessments.c.seq, SECOND_LOOKS),
        exists(select(incidents.c.seq).where(literal_column("linking"))),  # as its index says it
    )
)
