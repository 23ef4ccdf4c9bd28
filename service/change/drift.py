"""Which files of a working folder are not what is in force, and what to do about it: files only seed the store."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.exc import OperationalError

from rules.reading import ReadingError
from service.change.differences import differences
from service.configuration import Configuration
from service.store.engine import Database
from service.store.held_versions import held_versions
from service.store.upgrade import StoreVersionError, require_current
from service.versions import Version, VersionKind


def drifted(configuration: Configuration) -> Iterator[str]:
    """Yield a line for each file that means something else than what is in force; nothing before the first start."""
    with Database(configuration.settings.store_url) as database:
        if database.file is not None and not database.file.exists():
            return
        try:
            require_current(database)
        except (StoreVersionError, OperationalError) as error:
            yield f"store: nobody can say what is in force: {getattr(error, 'orig', error)}"
            return
        yield from _differing(configuration, database)


def _differing(configuration: Configuration, database: Database) -> Iterator[str]:
    book = configuration.settings.rulebook
    why = "--actor NAME --why TEXT"
    told = _changes(database, VersionKind.RULEBOOK, "rulebook", configuration.rulebook)
    if told:
        yield f"{book} is not in force ({told}); propose it: sorwatch rulebook propose {book} {why}"
    for party in configuration.counterparties:
        told = None if party.venues is None else _changes(database, VersionKind.REGISTER, party.name, party.venues)
        if told:
            file = f"{configuration.settings.folder_name}/{party.name}/venues.yaml"
            yield f"{file} is not in force ({told}); propose it: sorwatch venues propose {party.name} {file} {why}"


def _changes(database: Database, kind: VersionKind, name: str, text: str) -> str | None:
    held = held_versions(database, kind, name)
    if not held or held[-1].version.text == text:
        return None
    now = held[-1].version
    try:
        changes = differences(kind, now.text, text)
    except ReadingError as error:
        return f"what is in force cannot be read: {error}"
    return "; ".join((*changes, _since(now))) if changes else None


def _since(now: Version) -> str:
    return f"in force is {now.hash[:12]}" + (f", approved by {now.approver}" if now.approver else "")
