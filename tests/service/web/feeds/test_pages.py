"""The page of the feeds over a real store, with a daemon that answers and with none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from service.health import Readiness, endpoint, serving
from service.metrics.daemon import Metrics
from service.metrics.sight import SessionSight, Sight
from service.store.engine import Database
from tests.factories_folder import SETTINGS, a_working_folder
from tests.factories_page import a_morning
from tests.factories_recorded import admin, record_all, trade
from tests.page_people import a_browser, an_open_app
from tests.servers import free_port

GAPPED = [admin(1, 0, "A"), trade(2), trade(3), *(trade(number) for number in range(6, 9))]
SESSION = "FIX.4.4:FIRM->SOR"


@pytest.fixture
def database(database: Database) -> Database:
    """Give a store with a day that misses two messages, and a morning's exceptions."""
    record_all(database, GAPPED)
    a_morning(database)
    return database


@pytest.fixture
def port() -> int:
    """Give the port on which a daemon would answer."""
    return free_port()


@pytest.fixture
async def client(database: Database, tmp_path: Path, port: int) -> AsyncIterator[httpx.AsyncClient]:
    """Give a browser of this machine on the pages, with a sound working folder behind them."""
    settings = f'{SETTINGS}[http]\nport = {port}\n[quotes]\nsource = "mqtt"\n[mqtt]\nhost = "127.0.0.1"\n'
    folder = a_working_folder(tmp_path / "work", settings=settings)
    async with a_browser(an_open_app(database, folder)) as made:
        yield made


async def test_without_a_daemon_the_last_sign_of_life_is_told(client: httpx.AsyncClient) -> None:
    """And that the sessions are not known."""
    page = (await client.get("/feeds")).text

    assert "does not answer" in page
    assert "last sign of life in the journal" in page
    assert "10:03:01" in page
    assert "not known: the daemon does not answer" in page
    assert "Message 1043 could not be read" in page
    assert "not judged yet" in page


async def test_what_the_daemon_knows_alone_is_asked_of_it(client: httpx.AsyncClient, port: int) -> None:
    """Logged on, clock, lag of the quotes."""
    one = SessionSight(
        counterparty="demo", session=SESSION, logged_on=True, last_inbound_age=1.0, gap_open=True, clock_offset=0.125
    )
    sight = Sight(sessions=(one,), gateway_restarts={"demo": 3}, quote_lag={"mqtt": 0.25}, warm=True)
    app = endpoint(Metrics([], lambda: sight), lambda: Readiness(state="ready"))
    async with serving(app, "127.0.0.1", port):
        page = (await client.get("/feeds")).text

    assert "watching" in page
    assert "logged on" in page
    assert "0.125 s behind ours" in page
    assert "messages are missing" in page
    assert "0.250 s behind our clock" in page
    assert "gateways started again" in page


async def test_a_working_folder_that_is_not_sound_is_said_to_be_none(database: Database, tmp_path: Path) -> None:
    """With everything that is wrong with it."""
    async with a_browser(an_open_app(database, tmp_path / "nowhere")) as browser:
        answer = await browser.get("/feeds")

    assert answer.status_code == 200
    assert "The working folder is not sound" in answer.text
