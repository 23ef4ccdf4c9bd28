"""Which files of a working folder are not what is in force, and what to do about it: files only seed the store."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from sqlalchemy.exc import OperationalError

from rules.reading import ReadingError
from service.change.differences import differences
from service.configuration import Configuration
from service.store.engine import Database
from service.store.held_versions import held_versions
from service.store.upgrade import StoreVersionError, require_current
from service.versions import Version, VersionKind


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """A file that means something else than the version in force of its kind and name, and how."""

    kind: VersionKind
    name: str
    file: str
    text: str
    told: str


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
    for one in drifts(configuration, database):
        yield f"{one.file} is not in force ({one.told}); propose it: {_how(one)} --actor NAME --why TEXT"


def _how(one: Drift) -> str:
    if one.kind is VersionKind.RULEBOOK:
        return f"sorwatch rulebook propose {one.file}"
    return f"sorwatch venues propose {one.name} {one.file}"


def drifts(configuration: Configuration, database: Database) -> Iterator[Drift]:
    """Yield each file of a working folder that means something else than what is in force in a store."""
    files = [(VersionKind.RULEBOOK, "rulebook", configuration.settings.rulebook, configuration.rulebook)]
    folder = configuration.settings.folder_name
    files += [
        (VersionKind.REGISTER, party.name, f"{folder}/{party.name}/venues.yaml", party.venues)
        for party in configuration.counterparties
        if party.venues is not None
    ]
    for kind, name, file, text in files:
        told = _changes(database, kind, name, text)
        if told:
            yield Drift(kind=kind, name=name, file=file, text=text, told=told)


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
