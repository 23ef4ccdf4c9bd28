"""Bringing a store to this version's tables: forward only, after a backup, or not at all."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from service.store.engine import Database
from service.store.lock import only_daemon

MIGRATIONS = Path(__file__).parent / "migrations"


class StoreVersionError(Exception):
    """The store has other tables than this program expects; the message says what to do."""


def upgrade(url: str) -> str:
    """Bring the store to this version's tables while no daemon works on it; return what was done, in words."""
    with Database(url) as database, only_daemon(database):
        return migrate(database)


def migrate(database: Database) -> str:
    """Bring the store to this version's tables (the caller holds it for itself); return what was done, in words."""
    found, wanted = version_of(database), newest_version()
    name = database.url.render_as_string(hide_password=True)
    if found == wanted:
        return f"{name} has the tables of this version ({wanted})"
    _refuse_unknown(name, found)
    backup = _back_up(database, found) if found is not None else None
    with database.writing() as connection:
        command.upgrade(_config(connection), "head")
    if found is None:
        return f"{name} was made with the tables of version {wanted}"
    kept = f"; the store as it was is kept at {backup}" if backup else ""
    return f"{name} was brought from version {found} to {wanted}{kept}"


def require_current(database: Database) -> None:
    """Raise StoreVersionError unless the store has exactly this version's tables."""
    found, wanted = version_of(database), newest_version()
    if found != wanted:
        name = database.url.render_as_string(hide_password=True)
        _refuse_unknown(name, found)
        state = "has no tables yet" if found is None else f"has the tables of version {found}"
        msg = f"{name} {state}; expected version {wanted}: run `sorwatch store upgrade` or start the daemon"
        raise StoreVersionError(msg)


def version_of(database: Database) -> str | None:
    """Return the version of the store's tables, None when it has none."""
    with database.reading() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_version() -> str:
    """Return the version of the tables that this program works with."""
    head = _scripts().get_current_head()
    return str(head)


def _refuse_unknown(name: str, found: str | None) -> None:
    known = {script.revision for script in _scripts().walk_revisions()}
    if found is not None and found not in known:
        msg = f"{name} has the tables of version {found}, which this sorwatch does not know; start a newer sorwatch"
        raise StoreVersionError(msg)


def _back_up(database: Database, found: str) -> Path | None:
    """Copy a SQLite store, as it is this instant, to a new file beside it; PostgreSQL has means of its own."""
    if database.file is None:
        return None
    target = _free(database.file.with_name(f"{database.file.name}.backup-{found}"))
    with closing(sqlite3.connect(database.file)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    return target


def _free(path: Path) -> Path:
    candidates = (path, *(path.with_name(f"{path.name}-{n}") for n in range(2, 1000)))
    return next(candidate for candidate in candidates if not candidate.exists())


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(MIGRATIONS))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
