"""Logging in with a real browser: in, refused, out, and expired; with and without script."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import update

from service.access.permissions import Role
from service.store.engine import Database
from service.store.tables import logins
from tests.factories_access import PASSWORD
from tests.factories_cases import a_queue
from tests.factories_page import a_morning
from tests.page_people import an_account
from tests.page_server import PageServer, serving
from tests.stores import ready_store

pytestmark = pytest.mark.journey

SOON_MS = 15_000


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Give a store with a morning's exceptions, a supervisor and a trader."""
    with ready_store("sqlite", tmp_path) as made:
        a_morning(made)
        an_account(made, "Pat Jones", Role.SUPERVISOR)
        an_account(made, "sam", Role.DESK)
        yield made


@pytest.fixture
async def server(database: Database, tmp_path: Path) -> AsyncIterator[PageServer]:
    """Give the page with a login, as a process of its own."""
    async with serving(tmp_path, login=True) as running:
        yield running


async def log_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Fill in the form and send it."""
    await page.get_by_label("Name").fill(name)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Log in").click()


@contextlib.asynccontextmanager
async def a_page(browser: Browser, *, script: bool = True) -> AsyncIterator[tuple[Page, list[str]]]:
    """Give a page of a fresh browser and what went wrong on it."""
    context = await browser.new_context(java_script_enabled=script)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page, complaints
    await context.close()


@pytest.mark.parametrize("script", [True, False])
async def test_from_a_link_by_the_login_to_an_acknowledged_exception_and_out(
    browser: Browser, server: PageServer, database: Database, *, script: bool
) -> None:
    """Under the person's own name; after that the way back shows nothing."""
    async with a_page(browser, script=script) as (page, complaints):
        await page.goto(f"{server.url}/exceptions/5")
        await expect(page).to_have_title("Log in · sorwatch")
        await log_in(page, "pat jones")
        await expect(page).to_have_url(f"{server.url}/exceptions/5", timeout=SOON_MS)

        await page.get_by_label("Note").fill("asked the vendor")
        await page.get_by_role("button", name="Acknowledge").click()
        await expect(page.locator(".history")).to_contain_text("asked the vendor", timeout=SOON_MS)
        assert a_queue(database).history(5)[-1].actor == "Pat Jones"

        await page.get_by_role("button", name="Log out").click()
        await expect(page.get_by_role("status")).to_contain_text("You are logged out.", timeout=SOON_MS)
        await page.goto(f"{server.url}/exceptions/5")
        await expect(page).to_have_title("Log in · sorwatch")
        assert complaints == []


async def test_who_logs_out_is_told_so_also_when_the_page_hears_of_it_first(
    browser: Browser, server: PageServer
) -> None:
    """The live page is told that its session has ended before the answer to the button has come."""
    async with a_page(browser) as (page, _):
        await page.goto(server.url)
        await log_in(page, "pat jones")

        await expect(page.get_by_role("button", name="Log out")).to_be_visible()
        await page.evaluate(
            "document.querySelector('form.actor').requestSubmit(); document.dispatchEvent(new Event('signed-out'))"
        )

        await expect(page.get_by_role("status")).to_contain_text("You are logged out.", timeout=SOON_MS)


async def test_a_wrong_password_is_said_calmly_and_the_name_is_kept(browser: Browser, server: PageServer) -> None:
    """And five of them make a pause."""
    async with a_page(browser) as (page, _):
        await page.goto(server.url)
        for _attempt in range(5):
            await log_in(page, "sam", "not this one at all")
            await expect(page.get_by_role("alert")).to_have_text("Name or password is not right.", timeout=SOON_MS)
            await expect(page.get_by_label("Name")).to_have_value("sam")

        await log_in(page, "sam")

        await expect(page.get_by_role("alert")).to_have_text(
            re.compile(r"There were too many attempts\. Try again after \d\d:\d\d:\d\d New York\."), timeout=SOON_MS
        )


async def test_a_trader_sees_the_exceptions_and_nothing_to_press(browser: Browser, server: PageServer) -> None:
    """A desk only looks."""
    async with a_page(browser) as (page, complaints):
        await page.goto(server.url)
        await log_in(page, "sam")
        await expect(page.locator("#dot.on")).to_be_visible(timeout=SOON_MS)

        await page.locator("#exception-5 a").click()

        await expect(page.locator("h1")).to_be_visible(timeout=SOON_MS)
        assert await page.get_by_role("button").all_text_contents() == ["Log out"]
        assert complaints == []


async def test_a_screen_that_was_left_on_goes_to_the_login_by_itself_and_back_after_it(
    browser: Browser, server: PageServer, database: Database
) -> None:
    """Two hours without a question; the page says so on its own."""
    async with a_page(browser) as (page, _):
        await page.goto(f"{server.url}/exceptions/5")
        await log_in(page, "sam")
        await expect(page.locator("#dot.on")).to_be_visible(timeout=SOON_MS)

        with database.writing() as connection:
            connection.execute(update(logins).values(seen=logins.c.seen - 2 * 3_600_000_000_000))

        await expect(page).to_have_title("Log in · sorwatch", timeout=SOON_MS)
        await expect(page.get_by_role("status").last).to_have_text("Log in to go on.")
        await log_in(page, "sam")
        await expect(page).to_have_url(f"{server.url}/exceptions/5", timeout=SOON_MS)


async def test_the_login_form_fits_every_screen_light_and_dark(browser: Browser, server: PageServer) -> None:
    """Nothing scrolls sideways, and both looks have their own colours."""
    colours = set()
    for scheme in ("light", "dark"):
        context = await browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
        page = await context.new_page()
        await page.goto(server.url)
        for width in (1600, 390):
            await page.set_viewport_size({"width": width, "height": 800})
            assert await page.evaluate("document.documentElement.scrollWidth") <= width
        colours.add(await page.evaluate("getComputedStyle(document.body).backgroundColor"))
        await context.close()

    assert len(colours) == 2


async def test_a_page_without_an_account_says_how_the_first_is_made(tmp_path: Path) -> None:
    """It starts, lets nobody in, and says what to do; its log too."""
    with ready_store("sqlite", tmp_path):
        async with serving(tmp_path, login=True) as server, httpx.AsyncClient(follow_redirects=True) as client:
            answer = await client.get(server.url)

    assert "sorwatch user add NAME --admin" in answer.text
    assert "no_account" in server.log.read_text(encoding="utf-8")
