"""What every test may ask for, and the fixed ground that all of them stand on: seeds, profiles, real servers."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack

import hypothesis
import pytest
from playwright.async_api import Browser, async_playwright

from tests import compiled, postgres, servers, stores
from tests.stores import database, store_url

__all__ = ["database", "store_url"]

# two cores are shared with other programs: a slow example is no failure; without a data base no run depends on another
hypothesis.settings.register_profile("ci", derandomize=True, database=None, deadline=None, print_blob=True)
hypothesis.settings.register_profile("explore", max_examples=2_000, deadline=None, print_blob=True)
hypothesis.settings.load_profile("ci")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run choose another seed for what is random on purpose, for example the instants of a kill."""
    parser.addoption("--seed", type=int, default=1, help="seed of the tests that choose at random (default 1)")


def pytest_configure(config: pytest.Config) -> None:
    """Let a PostgreSQL stand ready for the whole run, all workers included; it starts when a test asks for it."""
    compiled.keep()
    is_worker = hasattr(config, "workerinput")
    if not is_worker and stores.SERVER not in os.environ:
        kept = ExitStack()
        os.environ[stores.KEEPER] = str(kept.enter_context(postgres.keeper()))
        config.add_cleanup(kept.close)


def pytest_report_header(config: pytest.Config) -> str:
    """Print what a failing run must be repeated with."""
    profile = config.getoption("--hypothesis-profile") or "ci"
    return f"seed: {config.getoption('--seed')}; hypothesis profile: {profile}"


@pytest.fixture(scope="session", autouse=True)
def _template() -> Iterator[None]:
    """Leave no data base of ours on a server, when a test needed one."""
    yield
    stores.forget()


@pytest.fixture(scope="session")
def seed(request: pytest.FixtureRequest) -> int:
    """Give the seed of this run, as its header prints it."""
    return int(request.config.getoption("--seed"))


@pytest.fixture(scope="session")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Mosquitto]:
    """Give a running broker, one for each worker; a test uses topics of its own and leaves it running."""
    with servers.running_mosquitto(tmp_path_factory.mktemp("mosquitto")) as broker:
        yield broker


@pytest.fixture
def private_mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Mosquitto]:
    """Give a running broker to one test alone, which may stop, freeze and kill it."""
    with servers.running_mosquitto(tmp_path_factory.mktemp("mosquitto")) as broker:
        yield broker


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Give a headless Chromium to one test (`page = await browser.new_page()`)."""
    found = servers.program("chromium")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(
            executable_path=found.path,
            args=servers.chromium_flags(),
            env={**os.environ, **found.environment},
        )
        yield chromium
        await chromium.close()
