"""The downloads of an exception: for who may export, written down for every role, refused in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from service.access.permissions import Role
from service.store.engine import Database
from service.store.trail import SqlTrail
from tests.factories_bundle import a_rich_store, files_in
from tests.factories_folder import a_working_folder
from tests.page_people import Clock, a_browser, an_account, an_app, logged_in
from tests.stores import ready_store


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Give a store with an exception that has a bit of everything, and two people."""
    with ready_store("sqlite", tmp_path) as made:
        a_rich_store(made)
        an_account(made, "sue", Role.SUPERVISOR)
        an_account(made, "dan", Role.DESK)
        yield made


@pytest.fixture
def app(database: Database, tmp_path: Path) -> FastAPI:
    """Give the whole application."""
    return an_app(database, a_working_folder(tmp_path / "work"), Clock())


async def test_a_supervisor_downloads_evidence_and_extract_and_both_are_written_down(
    app: FastAPI, database: Database
) -> None:
    """An entry for each, with where it came from."""
    async with a_browser(app) as browser:
        await logged_in(browser, "sue")
        whole = await browser.get("/exceptions/1/bundle.zip")
        vendor = await browser.get("/exceptions/1/vendor.zip", params={"counterparty": "demo"})

    assert (whole.status_code, vendor.status_code) == (200, 200)
    assert whole.headers["content-type"] == "application/zip"
    assert whole.headers["content-disposition"] == 'attachment; filename="exception-1.zip"'
    assert json.loads(files_in(whole.content)["manifest.json"])["made_by"] == "sue"
    assert "history.json" not in files_in(vendor.content)
    later, first, *_ = SqlTrail(database).newest()
    assert [(one.actor, one.place, one.words.partition(", manifest")[0]) for one in (first, later)] == [
        ("sue", "127.0.0.1", "bundle of evidence of exception 1"),
        ("sue", "127.0.0.1", "extract of exception 1 for demo"),
    ]


async def test_a_desk_may_not_download(app: FastAPI) -> None:
    """It only looks."""
    async with a_browser(app) as browser:
        await logged_in(browser, "dan")
        answers = [await browser.get(f"/exceptions/1/{name}.zip") for name in ("bundle", "vendor")]

    assert [answer.status_code for answer in answers] == [403, 403]


async def test_what_there_is_not_is_said(app: FastAPI) -> None:
    """No exception of that number, none that can be one, or not about that counterparty."""
    async with a_browser(app) as browser:
        await logged_in(browser, "sue")
        missing = [
            await browser.get(f"/exceptions/{number}/{name}.zip")
            for number in ("9", "x", "9" * 30)
            for name in ("bundle", "vendor")
        ]
        other = await browser.get("/exceptions/1/vendor.zip", params={"counterparty": "beta"})

    assert {answer.status_code for answer in missing} == {404}
    assert other.status_code == 409
    assert "is about demo, not about beta" in other.text
