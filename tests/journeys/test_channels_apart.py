"""Channels side by side: one is never answered, at one there is nobody, and one keeps its pace all the same."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from alerts.ports import Uncounted
from alerts.webhook import AT_ONCE
from rules.finding import Severity
from service.alerting import alerting
from service.configuration import read_configuration
from service.market.calendar import ALWAYS
from service.plans import channel_names
from service.sending import Sending
from service.store.deliveries import SqlDeliveries
from service.store.engine import Database
from service.store.tables import outbox
from service.telling.delivered import Standing
from tests.factories_cases import NOON, a_finding, a_queue, gather_all, recorded
from tests.factories_folder import a_working_folder
from tests.http_endpoint import Endpoint, running_endpoint
from tests.servers import free_port
from tests.stores import ready_store

pytestmark = pytest.mark.journey

MANY = 60
PATIENCE_S = 30
LONGER_S = 60
"""How long the channel that hangs would wait for its answer: longer than the test lasts."""
SECRET = "whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=\n"
PLAN = """channels:
  hangs: {{kind: webhook, url: "{hangs}", secret_file: desk.secret, timeout: {longer} s}}
  dead: {{kind: webhook, url: "http://127.0.0.1:{port}/", secret_file: desk.secret, give_up: 1 s}}
  well: {{kind: webhook, url: "{well}", secret_file: desk.secret}}
"""


@pytest.fixture
def silent() -> Iterator[Endpoint]:
    """Give an other side that takes everything and never answers."""
    with running_endpoint() as made:
        made.go_on.clear()
        yield made


@pytest.fixture
def well() -> Iterator[Endpoint]:
    """Give an other side that answers."""
    with running_endpoint() as made:
        yield made


@pytest.fixture
def database(tmp_path: Path, silent: Endpoint, well: Endpoint) -> Iterator[Database]:
    """Give the store of a working folder with the three channels."""
    a_working_folder(tmp_path)
    plan = PLAN.format(hangs=silent.url, longer=LONGER_S, port=free_port(), well=well.url)
    (tmp_path / "alerts.yaml").write_text(plan, encoding="utf-8")
    (tmp_path / "desk.secret").write_text(SECRET, encoding="utf-8")
    (tmp_path / "desk.secret").chmod(0o600)
    with ready_store("sqlite", tmp_path) as made:
        yield made


@contextlib.asynccontextmanager
async def sending(folder: Path, database: Database) -> AsyncIterator[Sending]:
    """Send what waits as the daemon does."""
    configuration = read_configuration(folder)
    made = Sending(configuration.plan, configuration.settings, ALWAYS, database, Uncounted())
    works = [asyncio.create_task(work()) for _, work in made.works()]
    try:
        yield made
    finally:
        for work in works:
            work.cancel()
        await asyncio.gather(*works, return_exceptions=True)


async def until(there: Callable[[], bool]) -> None:
    """Wait for what another thread does."""
    async with asyncio.timeout(PATIENCE_S):
        while not there():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.02)


def told(folder: Path, database: Database, step: int, severity: Severity) -> None:
    """Let each of many exceptions take a step of which every channel should hear."""
    names = channel_names(read_configuration(folder).plan)
    found = [a_finding(step * 1_000 + n, cause=f"venue {n}", severity=severity) for n in range(MANY)]
    recorded(database, *found)
    gather_all(a_queue(database, alerting("demo"), *names), NOON)


def standings(database: Database) -> dict[str, Standing]:
    """Return how each channel stands of which there are alerts."""
    return {one.channel: one for one in SqlDeliveries(database).standings(NOON)}


async def test_a_channel_keeps_its_pace_beside_one_that_hangs_and_one_that_is_dead(
    tmp_path: Path, database: Database, silent: Endpoint, well: Endpoint
) -> None:
    """Every step of every exception has arrived, in order, while the other's first posts still wait for an answer."""
    told(tmp_path, database, 1, Severity.LOW)
    told(tmp_path, database, 2, Severity.HIGH)
    async with sending(tmp_path, database):
        await until(lambda: len(well.posted) == 2 * MANY)
        await until(lambda: standings(database)["well"].waiting == 0)
        standing = standings(database)

    steps: dict[int, list[int]] = {}
    for posted in well.posted:
        alert = json.loads(posted.body)["alerts"][0]
        steps.setdefault(alert["exception"], []).append(alert["sequence"])
    assert len(steps) == MANY
    assert all(found == sorted(found) and len(found) == 2 for found in steps.values())
    assert 1 <= len(silent.posted) <= AT_ONCE
    assert standing["hangs"].waiting == 2 * MANY


async def test_what_nobody_is_there_for_becomes_dead_letters_and_the_others_do_not_feel_it(
    tmp_path: Path, database: Database, well: Endpoint
) -> None:
    """After its `give_up`; the dead letters say why, and hold no later alert back."""
    told(tmp_path, database, 1, Severity.LOW)
    async with sending(tmp_path, database) as made:
        await until(lambda: "dead" in standings(database) and standings(database)["dead"].dead > 0)
        before = len(well.posted)
        told(tmp_path, database, 2, Severity.HIGH)
        made.wake()
        await until(lambda: len(well.posted) == 2 * MANY)

    with database.reading() as connection:
        died = connection.execute(select(outbox).where(outbox.c.dead_at.is_not(None))).all()
    assert before <= MANY
    assert {row.channel for row in died} == {"dead"}
    assert all("given up after" in row.error for row in died)
