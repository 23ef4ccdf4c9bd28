"""The queue under load, in a real browser: nothing moves under the focus, and what is new is counted until shown."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from rules.finding import Severity
from service.cases.given import NOTHING, Given
from service.cases.states import Action, State
from service.store.engine import Database
from tests.factories_cases import PAT, a_finding, a_queue, gather_all, recorded
from tests.factories_page import a_morning, at
from tests.page_server import PageServer, serving
from tests.stores import ready_store

pytestmark = pytest.mark.journey

SOON_MS = 30_000


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


async def opened(browser: Browser, url: str) -> Page:
    """Open a page and wait until it is live."""
    page = await browser.new_page()
    await page.goto(url)
    await expect(page.locator("#dot.on")).to_be_visible(timeout=SOON_MS)
    return page


def found(database: Database, number: int, severity: Severity = Severity.CRITICAL) -> None:
    """Let the watch find something of a new cause."""
    recorded(database, a_finding(9_000 + number, cause=f"new {number}", severity=severity, at=at(40 + number)))
    gather_all(a_queue(database), at(40 + number))


async def order_of(page: Page) -> list[str]:
    """Return the rows as they stand."""
    return [str(one) for one in await page.locator("#queue tbody tr").evaluate_all("rows => rows.map(row => row.id)")]


async def test_rows_arrive_under_load_and_the_one_in_focus_does_not_move(
    browser: Browser, server: PageServer, database: Database
) -> None:
    """Twelve graver ones come; each is counted, none is put in until it is asked for, and the focus stays."""
    page = await opened(browser, server.url)
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    before = await order_of(page)
    place = await page.locator("#exception-6").bounding_box()

    for number in range(12):
        await asyncio.to_thread(found, database, number)

    await expect(page.locator("#news")).to_have_text("12 new — show", timeout=SOON_MS)
    await expect(page).to_have_title("20 to look at · sorwatch", timeout=SOON_MS)
    await expect(page.locator("#exception-6")).to_be_focused()
    assert await order_of(page) == before
    assert await page.locator("#exception-6").bounding_box() == place
    await page.keyboard.press("n")
    await expect(page.locator("#exception-22")).to_be_visible()
    await expect(page.locator("#news")).to_be_hidden()
    await expect(page.locator("#exception-6")).to_be_focused()
    assert set(await order_of(page)) == {*before, *(f"exception-{number}" for number in range(11, 23))}


async def test_what_others_do_is_seen_in_place(browser: Browser, server: PageServer, database: Database) -> None:
    """A row that grows grows where it stands; one that leaves stays, greyed, until the list is shown anew."""
    page = await opened(browser, server.url)
    before = await order_of(page)

    recorded(database, a_finding(9_500, rule="unexpected_venue", cause="venue XTOX", counterparty="alpha", at=at(14)))
    await asyncio.to_thread(gather_all, a_queue(database), at(41))
    await asyncio.to_thread(a_queue(database).act, 7, Action.ACKNOWLEDGE, PAT, NOTHING, at(42))
    await asyncio.to_thread(a_queue(database).act, 5, Action.ESCALATE, PAT, Given(words="look"), at(42))

    await expect(page.locator("#exception-7.left")).to_be_visible(timeout=SOON_MS)
    await expect(page.locator("#exception-5 .state")).to_contain_text("escalated", timeout=SOON_MS)
    assert await order_of(page) == before
    await page.keyboard.press("n")
    await expect(page.locator("#exception-7")).to_have_count(0)


async def test_a_decision_over_many_survives_a_kill_in_its_middle(
    browser: Browser, database: Database, tmp_path: Path
) -> None:
    """300 exceptions, the server killed after the first chunk: the page says so, and goes on to the last one."""
    many = [a_finding(20_000 + n, cause=f"cause {n}", symbol="MANY") for n in range(300)]
    recorded(database, *many)
    gather_all(a_queue(database), at(50))
    async with serving(tmp_path) as server, httpx.AsyncClient(headers={"Origin": server.url}) as client:
        asks = (await client.get(f"{server.url}/decide?action=acknowledge&all=1&query=symbol%3DMANY")).text
        told = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', asks))
        begun = await client.post(f"{server.url}/decide", data=told)
        await client.post(f"{server.url}{begun.headers['location']}/go-on", data={"part": "1"})
        os.kill(server._process.pid, signal.SIGKILL)
        await server._process.wait()
    done_before = [case for case in map(a_queue(database).case, range(11, 311)) if case and case.state is not State.NEW]

    async with serving(tmp_path) as again:
        page = await opened(browser, again.url)
        await expect(page.locator(".unfinished")).to_contain_text("came as far as 200")
        await page.get_by_role("button", name="Go on").click()
        await expect(page.locator("#how-far")).to_have_text("acknowledged 300", timeout=SOON_MS)
        await page.goto(again.url)
        await expect(page.locator(".unfinished")).to_have_count(0)

    assert len(done_before) == 200
    histories = [a_queue(database).history(number) for number in range(11, 311)]
    assert {tuple(event.action for event in history) for history in histories} == {(Action.OPEN, Action.ACKNOWLEDGE)}


async def test_without_script_one_filters_pages_selects_and_decides(
    browser: Browser, server: PageServer, database: Database
) -> None:
    """Plain forms and links."""
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(server.url)
    await page.locator("select[name=venue]").select_option("XTOX")
    await page.get_by_role("button", name="Show").click()
    await expect(page.locator("#queue tbody tr")).to_have_count(1)
    await page.locator(".chip").click()
    await expect(page.locator("#queue tbody tr")).to_have_count(8)

    await page.get_by_label("Select exception 3", exact=True).check()
    await page.get_by_label("Select exception 8", exact=True).check()
    await page.get_by_role("button", name="Acknowledge").click()
    await page.get_by_label("Words").fill("both seen")
    await page.get_by_role("button", name="Acknowledge").click()
    await expect(page.locator("#queue tbody tr")).to_have_count(6)
    await page.get_by_role("link", name="In hand").click()
    await page.get_by_label("Select exception 3", exact=True).check()
    await page.get_by_role("button", name="Close", exact=True).click()
    await page.get_by_label("Reason").select_option("duplicate")
    await page.get_by_label("Why").fill("see 8")
    await page.get_by_role("button", name="Close", exact=True).click()

    await expect(page.locator("#exception-3")).to_have_count(0)
    closed, kept = a_queue(database).case(3), a_queue(database).case(8)
    assert closed is not None
    assert kept is not None
    assert (closed.state, kept.state) == (State.CLOSED, State.ACKNOWLEDGED)
