"""Fixtures of real stores: SQLite always, PostgreSQL as well when SORWATCH_TEST_POSTGRES names a server's URL."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from service.store.engine import Database, parse_url
from service.store.upgrade import migrate

POSTGRES = os.environ.get("SORWATCH_TEST_POSTGRES", "")


KINDS = ("sqlite", "postgres")
"""Every kind of store that the same tests run on."""


@contextmanager
def empty_store(kind: str, folder: Path) -> Iterator[str]:
    """Give the URL of an empty store of its own, without tables; skip the test when that kind is not there."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'sorwatch.db'}"
        return
    if not POSTGRES:
        pytest.skip("SORWATCH_TEST_POSTGRES is not set")
    with _own_database() as url:
        yield url


@contextmanager
def ready_store(kind: str, folder: Path) -> Iterator[Database]:
    """Give a store of that kind with this version's tables."""
    with empty_store(kind, folder) as url, Database(url) as made:
        migrate(made)
        yield made


@contextmanager
def _own_database() -> Iterator[str]:
    """Make a database for one test and drop it afterwards."""
    server = create_engine(parse_url(POSTGRES), isolation_level="AUTOCOMMIT")
    name = f"sorwatch_{uuid.uuid4().hex}"
    with server.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    yield make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    server.dispose()


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
