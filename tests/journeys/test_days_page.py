"""The pages about days in a real browser: certify, read what is missing, sign; with and without script."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from service.store.engine import Database
from service.store.statements import SqlStatements
from tests.factories_page import DAY, a_morning
from tests.factories_recorded import ROAD_DAY, admin, record_all, trade
from tests.page_server import PageServer, serving
from tests.stores import ready_store

pytestmark = pytest.mark.journey

SOON_MS = 15_000
GAPPED = [admin(1, 0, "A"), trade(2), trade(3), *(trade(number) for number in range(6, 9))]
COMMENT = "the vendor resends tonight"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Give a store with a day that misses two messages, and another day's exceptions."""
    with ready_store("sqlite", tmp_path) as made:
        record_all(made, GAPPED)
        a_morning(made)
        yield made


@pytest.fixture
async def server(database: Database, tmp_path: Path) -> AsyncIterator[PageServer]:
    """Give the page on that store, as a process of its own."""
    async with serving(tmp_path) as running:
        yield running


async def certify_and_sign(page: Page, url: str) -> None:
    """Walk from the queue to the day, certify it, and sign its close."""
    await page.goto(url)
    await page.get_by_role("navigation", name="Pages").get_by_role("link", name="Days").click()
    await expect(page.get_by_role("heading", name="Days")).to_be_visible()
    await page.goto(f"{url}/days/{ROAD_DAY}")
    await page.get_by_role("button", name="Certify now").click()
    certificate = page.get_by_role("region", name="Certificate of demo")
    await expect(certificate).to_contain_text("2 numbers never came (open): 4-5", timeout=SOON_MS)
    await page.get_by_label("Comment").fill(COMMENT)
    await page.get_by_role("button", name="Sign as pat").click()
    await expect(page.get_by_role("table", name="Statements")).to_contain_text(COMMENT, timeout=SOON_MS)


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
async def test_a_day_is_certified_read_and_signed(
    browser: Browser, server: PageServer, database: Database, *, script: bool
) -> None:
    """The strict policy stands: not a word on the console."""
    context = await browser.new_context(java_script_enabled=script)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))

    await certify_and_sign(page, server.url)
    await page.goto(f"{server.url}/days")

    row = page.locator(f"#day-{ROAD_DAY}")
    await expect(row).to_contain_text("not complete")
    await expect(row).to_contain_text("by pat")
    assert complaints == []
    assert SqlStatements(database).verify() == (3, None)


async def test_signing_without_a_reason_is_stopped_by_the_form(browser: Browser, server: PageServer) -> None:
    """A day that is not complete asks for one before anything is sent."""
    page = await browser.new_page()
    await page.goto(f"{server.url}/days/{ROAD_DAY}")

    await page.get_by_role("button", name="Sign as pat").click()

    assert await page.get_by_label("Comment").evaluate("field => field.validity.valueMissing")
    await expect(page.get_by_text("Nothing yet.")).to_be_visible()


async def test_the_start_of_the_day_says_what_is_not_ready(browser: Browser, server: PageServer) -> None:
    """From the navigation, and live like every page."""
    page = await browser.new_page()
    await page.goto(server.url)

    await page.get_by_role("link", name="Start of day").click()

    await expect(page.get_by_role("table", name="Readiness")).to_contain_text("fix_configs/: no counterparty")
    await expect(page.locator("#dot.on")).to_be_visible(timeout=SOON_MS)


async def test_no_page_about_days_is_wider_than_its_screen_or_lacks_a_heading(
    browser: Browser, server: PageServer
) -> None:
    """From a wall to a telephone; every field has a label, every table a name."""
    page = await browser.new_page()
    await page.goto(f"{server.url}/days/{ROAD_DAY}")
    await page.get_by_role("button", name="Certify now").click()
    await expect(page.get_by_role("region", name="Certificate of demo")).to_be_visible(timeout=SOON_MS)
    for path in ("/days", f"/days/{ROAD_DAY}", f"/days/{DAY}", "/readiness", "/days/x"):
        await page.goto(server.url + path)
        assert await page.locator("h1").count() == 1
        assert await page.locator("input:not([type=hidden])").evaluate_all("all => all.every(one => one.labels.length)")
        assert await page.locator("table").evaluate_all("all => all.every(one => one.ariaLabel)")
        for width in (1600, 1280, 1024, 390):
            await page.set_viewport_size({"width": width, "height": 800})

            wide = await page.evaluate("document.documentElement.scrollWidth")

            assert wide <= width, f"{path} at {width}"
