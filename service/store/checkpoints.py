"""Checkpoints on a database: the newest for the next start, and those of days for running one of them again.

The states of days are kept compressed: there are years of them.
"""

from __future__ import annotations

import zlib

import msgspec
from sqlalchemy import Connection, delete, select

from service.kept_days import kept_days
from service.ports import Checkpoint
from service.store.bulk import upsert
from service.store.tables import checkpoints

NEWEST_KEPT = 2
_QUICK = 1


def keep(connection: Connection, checkpoint: Checkpoint) -> None:
    """Keep it; all but the newest two of its schema and those of the days to keep go, and every other schema's."""
    at, mine = checkpoints.c, checkpoints.c.schema == checkpoint.schema
    of_day = checkpoint.day is not None
    state = zlib.compress(checkpoint.state, _QUICK) if of_day else checkpoint.state
    values = msgspec.structs.asdict(msgspec.structs.replace(checkpoint, state=state))
    upsert(connection, checkpoints, values, keys=("schema", "offset"))
    connection.execute(delete(checkpoints).where(at.schema != checkpoint.schema))
    if of_day:
        days = kept_days(connection.execute(select(at.day).where(mine, at.day.is_not(None))).scalars())
        connection.execute(delete(checkpoints).where(at.day.is_not(None), at.day.not_in(days)))
    else:
        newest_few = select(at.offset).where(mine, at.day.is_(None)).order_by(at.offset.desc()).limit(NEWEST_KEPT)
        connection.execute(delete(checkpoints).where(at.day.is_(None), at.offset.not_in(newest_few)))


def newest(connection: Connection, schema: str, before: int | None = None) -> Checkpoint | None:
    """Return the newest checkpoint of that schema, of those taken at an offset < `before` if it is told."""
    at = checkpoints.c
    wanted = select(checkpoints).where(at.schema == schema).order_by(at.offset.desc()).limit(1)
    if before is not None:
        wanted = wanted.where(at.offset < before)
    found = connection.execute(wanted).mappings().first()
    if found is None:
        return None
    kept = Checkpoint(**found)
    return kept if kept.day is None else msgspec.structs.replace(kept, state=zlib.decompress(kept.state))
