"""The application over a morning's exceptions, and programs of people of every role."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from service.access.permissions import Role
from service.store.engine import Database
from tests.api_programs import As, a_program, a_token
from tests.factories_folder import SETTINGS, a_working_folder
from tests.factories_page import a_morning
from tests.page_people import Clock, an_account, an_app
from tests.servers import free_port
from tests.stores import ready_store

PEOPLE = {
    "pat": (Role.SUPERVISOR,),
    "kim": (Role.SUPERVISOR, Role.COMPLIANCE),
    "desk": (Role.DESK,),
    "root": (Role.ADMIN,),
    "examiner": (Role.AUDITOR,),
}


@pytest.fixture(scope="session")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a store with the morning and the people once, for each test to copy."""
    folder = tmp_path_factory.mktemp("morning")
    with ready_store("sqlite", folder) as made:
        a_morning(made)
        for name, roles in PEOPLE.items():
            an_account(made, name, *roles)
    return folder / "sorwatch.db"


@pytest.fixture
def database(morning: Path, tmp_path: Path) -> Iterator[Database]:
    """Give a store of its own."""
    shutil.copy(morning, tmp_path / "sorwatch.db")
    with Database(f"sqlite:///{tmp_path / 'sorwatch.db'}") as mine:
        yield mine


@pytest.fixture
def app(database: Database, tmp_path: Path) -> FastAPI:
    """Give the application."""
    folder = a_working_folder(tmp_path / "work", settings=f"{SETTINGS}[http]\nport = {free_port()}\n")
    return an_app(database, folder, Clock())


@pytest.fixture
def as_(app: FastAPI, database: Database) -> As:
    """Give a way to ask as somebody, with every scope."""

    def program(name: str) -> httpx.AsyncClient:
        return a_program(app, a_token(database, Clock(), name))

    return program
