"""A webhook that refuses, in a real browser: the bar on the queue, the dead letter, mended, sent again, arrived."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from alerts.ports import Uncounted
from rules.finding import Severity
from service.access.trail import Deed
from service.alerting import alerting
from service.configuration import read_configuration
from service.market.calendar import ALWAYS
from service.sending import Sending
from service.store.deliveries import SqlDeliveries
from service.store.engine import Database
from service.store.trail import SqlTrail
from tests.factories_cases import a_finding, a_queue, gather_all, recorded
from tests.factories_folder import a_working_folder
from tests.http_endpoint import Endpoint, running_endpoint
from tests.page_server import PageServer, serving
from tests.stores import ready_store

pytestmark = pytest.mark.journey

SOON_MS = 15_000
SECRET = "whsec_QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=\n"
PLAN = 'channels:\n  desk: {{kind: webhook, url: "{url}", secret_file: desk.secret}}\n'


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """Give the other side: it refuses what is posted to it."""
    with running_endpoint() as made:
        made.status = 422
        yield made


@pytest.fixture
def database(tmp_path: Path, endpoint: Endpoint) -> Iterator[Database]:
    """Give the store of a working folder whose one channel is the webhook."""
    a_working_folder(tmp_path)
    (tmp_path / "alerts.yaml").write_text(PLAN.format(url=endpoint.url), encoding="utf-8")
    (tmp_path / "desk.secret").write_text(SECRET, encoding="utf-8")
    (tmp_path / "desk.secret").chmod(0o600)
    with ready_store("sqlite", tmp_path) as made:
        yield made


@pytest.fixture
async def server(database: Database, tmp_path: Path) -> AsyncIterator[PageServer]:
    """Give the page, as a process of its own."""
    async with serving(tmp_path) as running:
        yield running


@pytest.fixture
async def sending(server: PageServer, database: Database, tmp_path: Path) -> AsyncIterator[Sending]:
    """Send what waits as the daemon does."""
    assert server.url
    configuration = read_configuration(tmp_path)
    made = Sending(configuration.plan, configuration.settings, ALWAYS, database, Uncounted())
    works = [asyncio.create_task(work()) for _, work in made.works()]
    yield made
    for work in works:
        work.cancel()
    await asyncio.gather(*works, return_exceptions=True)


async def opened(browser: Browser, server: PageServer) -> tuple[Page, list[str]]:
    """Open the queue; return the page, and what goes wrong on it."""
    page = await (await browser.new_context()).new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(server.url)
    return page, complaints


async def dead_on(database: Database) -> None:
    """Wait until the other side's refusal is written down."""
    async with asyncio.timeout(SOON_MS / 1000):
        while not SqlDeliveries(database).dead():  # noqa: ASYNC110 - a thread of the relay writes it
            await asyncio.sleep(0.05)


async def test_what_a_webhook_refuses_is_shown_mended_sent_again_and_arrives_under_the_same_key(
    browser: Browser, server: PageServer, sending: Sending, database: Database, endpoint: Endpoint
) -> None:
    """The bar comes and goes on a page that is only left open."""
    page, complaints = await opened(browser, server)
    bar = page.get_by_role("status").filter(has=page.get_by_role("link", name="Look at the alerts"))
    await expect(bar).to_be_hidden()

    recorded(database, a_finding(1, severity=Severity.HIGH))
    gather_all(a_queue(database, alerting("demo"), "desk"))
    sending.wake()

    await expect(bar).to_contain_text("1 alert on desk is dead", timeout=SOON_MS)
    await bar.get_by_role("link").click()
    await expect(page.get_by_role("table", name="Dead letters")).to_contain_text("refused with 422")
    endpoint.status = 204
    await page.get_by_role("checkbox", name="Select alert 1").check()
    await page.get_by_role("button", name="Send the selected again").click()
    await expect(page.get_by_role("status").filter(has_text="1 alert goes out again")).to_be_visible()
    sending.wake()
    await page.get_by_role("link", name="Exceptions").click()
    await expect(bar).to_be_hidden(timeout=SOON_MS)
    await expect(page.locator("#pulse")).not_to_be_empty()
    await page.goto(f"{server.url}/exceptions/1")
    told = page.get_by_role("table", name="Told by desk")
    await expect(told).to_contain_text("sent")
    await expect(told).to_contain_text("opened; pat sent it again")

    refused, taken = endpoint.posted
    assert refused.headers["webhook-id"] == taken.headers["webhook-id"] == "demo/1/1"
    assert refused.body == taken.body
    assert SqlTrail(database).newest(1)[0].deed is Deed.SENT_AGAIN
    assert [line for line in complaints if "422" not in line] == []


async def test_by_keyboard_and_without_a_script_a_letter_is_set_aside(
    browser: Browser, server: PageServer, sending: Sending, database: Database
) -> None:
    """Enter among the words decides nothing; the button does."""
    recorded(database, a_finding(1, severity=Severity.HIGH))
    gather_all(a_queue(database, alerting("demo"), "desk"))
    sending.wake()
    await dead_on(database)
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{server.url}/alerts")

    box = page.get_by_role("checkbox", name="Select alert 1")
    await expect(box).to_be_visible()
    await box.focus()
    await page.keyboard.press("Space")
    words = page.get_by_label("or, because")
    await words.fill("they were told by telephone")
    await words.press("Enter")
    await expect(box).to_be_checked()
    await page.get_by_role("button", name="Set the selected aside").press("Enter")

    await expect(page.get_by_role("status").filter(has_text="1 alert is set aside.")).to_be_visible()
    await expect(page.get_by_text("None: the other sides took everything.")).to_be_visible()
    await page.goto(f"{server.url}/exceptions/1")
    await expect(page.get_by_role("table", name="Told by desk")).to_contain_text("they were told by telephone; by pat")
