"""The page in a real browser: rows arrive live, acknowledging works with and without script, leaving is prompt."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from rules.finding import Severity
from service.cases.states import State
from service.store.engine import Database
from tests.factories_cases import a_finding, a_queue, gather_all, recorded
from tests.factories_page import a_morning, at
from tests.page_server import PageServer, serving
from tests.stores import ready_store

pytestmark = pytest.mark.journey
ESTABLISHED, CLOSE_WAIT = "01", "08"
"""How the kernel writes that a connection is open, and that only our side still holds it."""

SOON_MS = 15_000


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Give a store with a morning's exceptions."""
    with ready_store("sqlite", tmp_path) as made:
        a_morning(made)
        yield made


@pytest.fixture
async def server(database: Database, tmp_path: Path) -> AsyncIterator[PageServer]:
    """Give the page on that store, as a process of its own."""
    async with serving(tmp_path) as running:
        yield running


class Watched:
    """A browser page, and everything that went wrong on it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))


async def opened(context: BrowserContext, url: str) -> Watched:
    """Open a page and wait until it is live."""
    watched = Watched(await context.new_page())
    await watched.page.goto(url)
    await expect(watched.page.locator("#dot.on")).to_be_visible(timeout=SOON_MS)
    return watched


def something_new(database: Database) -> None:
    """Record a critical finding of a new cause, number 11."""
    finding = a_finding(
        9_999, cause="venue XNEW", severity=Severity.CRITICAL, sentence="Something new happened.", at=at(40)
    )
    recorded(database, finding)
    gather_all(a_queue(database), at(40))


async def test_a_new_exception_is_there_when_asked_for_without_a_word_on_the_console(
    browser: Browser, server: PageServer, database: Database
) -> None:
    """No reload, and the strict policy stands: nothing was blocked."""
    context = await browser.new_context()
    watched = await opened(context, server.url)
    await watched.page.evaluate("document.body.dataset.stays = 'yes'")

    something_new(database)

    await watched.page.get_by_role("button", name="1 new — show").click(timeout=SOON_MS)
    row = watched.page.locator("#exception-11")
    await expect(row).to_contain_text("Something new happened.", timeout=SOON_MS)
    await expect(row).to_have_class("new critical fresh")
    await expect(watched.page).to_have_title("9 to look at · sorwatch")
    assert await watched.page.evaluate("document.body.dataset.stays") == "yes"
    assert await watched.page.locator("#queue tbody tr").first.get_attribute("id") == "exception-11"
    assert watched.complaints == []


async def test_acknowledging_with_script_stays_on_the_page(
    browser: Browser, server: PageServer, database: Database
) -> None:
    """The form goes, the history shows who and why, and the queue moves the row."""
    context = await browser.new_context()
    queue, watched = await opened(context, server.url), await opened(context, f"{server.url}/exceptions/5")
    page = watched.page
    await page.evaluate("document.body.dataset.stays = 'yes'")

    await page.get_by_label("Note").fill("asked the vendor")
    await page.get_by_role("button", name="Acknowledge").click()

    await expect(page.locator(".history")).to_contain_text("asked the vendor", timeout=SOON_MS)
    await expect(page.get_by_role("button", name="Acknowledge")).to_have_count(0)
    assert await page.evaluate("document.body.dataset.stays") == "yes"
    await expect(queue.page.locator("#exception-5.left")).to_be_visible(timeout=SOON_MS)
    assert watched.complaints == queue.complaints == []


async def test_acknowledging_what_somebody_else_has_taken_is_refused_on_the_page(
    browser: Browser, server: PageServer
) -> None:
    """The second supervisor reads who was quicker."""
    context = await browser.new_context()
    first, second = [await opened(context, f"{server.url}/exceptions/5") for _ in range(2)]
    await first.page.get_by_role("button", name="Acknowledge").click()
    await expect(first.page.get_by_role("button", name="Acknowledge")).to_have_count(0, timeout=SOON_MS)

    await second.page.get_by_role("button", name="Acknowledge").click()

    await expect(second.page.get_by_role("alert")).to_contain_text("exception 5 is acknowledged", timeout=SOON_MS)


async def test_everything_works_without_script(browser: Browser, server: PageServer, database: Database) -> None:
    """A form is a form: from the list to the exception, acknowledge, and back."""
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(server.url)

    await page.locator("#exception-5 a").click()
    await page.get_by_label("Note").fill("without script")
    await page.get_by_role("button", name="Acknowledge").click()

    await expect(page.locator(".history")).to_contain_text("without script", timeout=SOON_MS)
    case = a_queue(database).case(5)
    assert case is not None
    assert case.state is State.ACKNOWLEDGED


async def test_a_page_whose_server_is_gone_says_that_it_is_not_live(browser: Browser, server: PageServer) -> None:
    """A list that stands still must not look like a quiet day."""
    watched = await opened(await browser.new_context(), server.url)

    await server.terminate()

    await expect(watched.page.locator("#line")).to_contain_text("not live", timeout=30_000)
    await expect(watched.page.locator("#dot.lost")).to_be_visible()


async def test_the_server_ends_promptly_and_cleanly_with_pages_open(browser: Browser, server: PageServer) -> None:
    """SIGTERM with two open streams: exit code 0 in about a second, and no stream had to be cut off."""
    context = await browser.new_context()
    await asyncio.gather(opened(context, server.url), opened(context, f"{server.url}/exceptions/5"))

    began = time.monotonic()
    code = await server.terminate()

    assert code == 0
    assert time.monotonic() - began < 5.0
    assert "exceeded" not in server.log.read_text(encoding="utf-8")


async def test_a_page_that_was_closed_leaves_nothing_open_behind(browser: Browser, server: PageServer) -> None:
    """Streams end when their reader goes, or a day of reloading would fill the server.

    What the browser itself keeps open for its next page ends with its context.
    """
    context = await browser.new_context()
    for _ in range(5):
        watched = await opened(context, server.url)
        await watched.page.close()
    await context.close()

    end = time.monotonic() + 20
    while connections_of(server) and time.monotonic() < end:  # noqa: ASYNC110 - the kernel's table has no event
        await asyncio.sleep(0.1)

    assert connections_of(server) == 0


def connections_of(server: PageServer) -> int:
    """Count what the server has open at its port, as the kernel sees it, also what the other side has closed."""
    port = f":{int(server.url.rpartition(':')[2]):04X}"
    lines = Path("/proc/net/tcp").read_text(encoding="utf-8").splitlines()[1:]
    rows = [line.split() for line in lines]
    return sum(1 for row in rows if row[1].endswith(port) and row[3] in (ESTABLISHED, CLOSE_WAIT))


async def test_no_page_is_wider_than_its_screen(browser: Browser, server: PageServer) -> None:
    """From a wall to a telephone nothing scrolls sideways."""
    page = await browser.new_page()
    for path in ("/", "/exceptions/5", "/exceptions/99"):
        await page.goto(server.url + path)
        for width in (1600, 1280, 1024, 390):
            await page.set_viewport_size({"width": width, "height": 800})

            wide = await page.evaluate("document.documentElement.scrollWidth")

            assert wide <= width, f"{path} at {width}"


async def test_a_port_that_is_taken_is_said_in_words(server: PageServer, tmp_path: Path) -> None:
    """The second page does not start, and says which port and what to do."""
    settings = (tmp_path / "sorwatch.toml").read_text(encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        *PageServer.command(tmp_path), stderr=asyncio.subprocess.PIPE, env=PageServer.environment()
    )
    _, said = await asyncio.wait_for(process.communicate(), 30)

    assert process.returncode == 2
    assert "cannot be had: Address already in use; stop who has it or set another" in said.decode()
    assert f"port = {server.url.rpartition(':')[2]}" in settings


async def test_a_page_without_a_name_does_not_start(tmp_path: Path, database: Database) -> None:
    """Without a login everything is done under a name that is set."""
    (tmp_path / "sorwatch.toml").write_text('[web]\nlogin = "none"\n', encoding="utf-8")

    process = await asyncio.create_subprocess_exec(
        *PageServer.command(tmp_path), stderr=asyncio.subprocess.PIPE, env=PageServer.environment()
    )
    _, said = await asyncio.wait_for(process.communicate(), 30)

    assert process.returncode == 2
    assert "web.actor is not set" in said.decode()


async def test_the_stream_is_plain_server_sent_events(server: PageServer) -> None:
    """Other screens can read it too."""
    async with httpx.AsyncClient() as client, client.stream("GET", f"{server.url}/live", timeout=20) as answer:
        lines = answer.aiter_lines()
        first = [await anext(lines) for _ in range(2)]

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert first[0] == "event: queue-changed"
    assert first[1].startswith('data: {"waiting": 8, "step": ')
