"""The versions that the journal holds of one kind, in the order in which they came into force."""

from __future__ import annotations

from sqlalchemy import select

from service.change.history import Held
from service.register_changes import RegisterChange
from service.store.engine import Database
from service.store.register_rows import register_change_of
from service.store.tables import findings, journal, register_changes, versions
from service.versions import VersionKind, version_of


def held_versions(database: Database, kind: VersionKind, name: str | None = None) -> list[Held]:
    """Return every version of a kind (and name) with its offset and time."""
    wanted = (
        select(journal.c.offset, journal.c.received_at, journal.c.body)
        .join_from(versions, journal, journal.c.offset == versions.c.offset)
        .where(versions.c.kind == kind.value)
        .order_by(journal.c.offset)
    )
    if name is not None:
        wanted = wanted.where(versions.c.name == name)
    with database.reading() as connection:
        return [
            Held(offset=row.offset, since=row.received_at, version=version_of(row.body))
            for row in connection.execute(wanted)
        ]


def changes_of_registers(database: Database, counterparty: str | None, venue: str | None) -> list[RegisterChange]:
    """Return who changed what of which venue, oldest first."""
    kept = register_changes
    wanted = select(kept).order_by(kept.c.offset, kept.c.part)
    if counterparty is not None:
        wanted = wanted.where(kept.c.counterparty == counterparty)
    if venue is not None:
        wanted = wanted.where(kept.c.venue == venue)
    with database.reading() as connection:
        return [register_change_of(dict(row)) for row in connection.execute(wanted).mappings()]


def offset_of_finding(database: Database, finding_id: str) -> int | None:
    """Return the journal offset of a finding, None when there is none of that id."""
    with database.reading() as connection:
        found = connection.execute(select(findings.c.offset).where(findings.c.finding_id == finding_id))
        return found.scalar_one_or_none()
