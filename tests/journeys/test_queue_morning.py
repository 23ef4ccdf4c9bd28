"""A supervisor's morning by keyboard alone, in a real browser: forty exceptions, and the store afterwards proves it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import pytest
from playwright.async_api import Browser, Page, expect

from rules.finding import Severity
from service.cases.states import Action, State
from service.store.engine import Database
from tests.factories_cases import a_finding, a_queue, gather_all, recorded
from tests.factories_page import at
from tests.page_server import PageServer, serving
from tests.stores import ready_store

pytestmark = pytest.mark.journey

SOON_MS = 30_000
SEVERITIES = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW)
VENUES = ("XTOX", "XBOS", "XNYS", "EDGX")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Give a store with forty exceptions, ten of each severity and ten at each venue."""
    with ready_store("sqlite", tmp_path) as made:
        for number in range(40):
            venue, severity = VENUES[number // 10], SEVERITIES[number % 4]
            finding = a_finding(number + 1, cause=f"cause {number}", severity=severity, venue=venue, at=at(number))
            recorded(made, msgspec.structs.replace(finding, symbol=f"S{number}", sentence=f"Nr {number} at {venue}."))
        gather_all(a_queue(made), at(41))
        yield made


@pytest.fixture
async def server(database: Database, tmp_path: Path) -> AsyncIterator[PageServer]:
    """Give the page on that store, as a process of its own."""
    async with serving(tmp_path) as running:
        yield running


@pytest.fixture
async def page(browser: Browser, server: PageServer) -> Page:
    """Give the queue in a browser, live."""
    made = await browser.new_page()
    await made.goto(server.url)
    await expect(made.locator("#dot.on")).to_be_visible(timeout=SOON_MS)
    return made


async def keys(page: Page, text: str) -> None:
    """Press one key after the other."""
    for key in text.split():
        await page.keyboard.press(key)


async def ready(page: Page) -> None:
    """Wait until the page takes keys."""
    await expect(page.locator("#help-button")).to_be_visible(timeout=SOON_MS)


async def form(page: Page) -> None:
    """Wait until the form of a decision is there; what is typed before does nothing."""
    await expect(page.locator("#deed .deed")).to_be_visible(timeout=SOON_MS)


async def test_forty_exceptions_are_worked_through_by_keyboard_alone(page: Page, database: Database) -> None:
    """Filter, acknowledge, escalate, shelve, close, decide over many: no click, and every event in its chain."""
    said = page.locator("#said")
    # the gravest first: acknowledge one, escalate the next
    await keys(page, "j a")
    await expect(said).to_have_text("37 acknowledged", timeout=SOON_MS)
    await expect(page.locator("#exception-37.left")).to_be_visible(timeout=SOON_MS)
    await keys(page, "j e")
    await form(page)
    await page.keyboard.type("compliance")
    await keys(page, "Tab")
    await page.keyboard.type("look at this")
    await keys(page, "Tab Enter")
    await expect(said).to_have_text("33 escalated", timeout=SOON_MS)
    # shelve the third until later
    await keys(page, "j s")
    await form(page)
    await page.keyboard.type("2 h")
    await keys(page, "Tab")
    await page.keyboard.type("known at the vendor")
    await keys(page, "Tab Enter")
    await expect(said).to_have_text("29 shelved", timeout=SOON_MS)
    # search for a venue: all ten of it, acknowledged as one decision
    await keys(page, "/")
    await page.keyboard.type("XTOX")
    await keys(page, "Enter")
    await expect(page.locator("#how-many")).to_contain_text("10 exceptions", timeout=SOON_MS)
    await ready(page)
    await keys(page, "j X a")
    await expect(said).to_contain_text("acknowledged 10", timeout=SOON_MS)
    # those are in hand now: close them; of the grave ones the closing is proposed
    await page.goto(f"{page.url}&state=in_hand")
    await ready(page)
    await keys(page, "j X c")
    await form(page)
    await page.keyboard.type("Dealt with under another")
    await keys(page, "Tab")
    await page.keyboard.type("one router fault")
    await keys(page, "Tab Enter")
    await expect(said).to_have_text("closed 4; proposed to close 6", timeout=SOON_MS)

    stands = Counter(case.state for case in map(a_queue(database).case, range(1, 41)) if case is not None)
    assert stands == {
        State.NEW: 27,
        State.ACKNOWLEDGED: 1,
        State.ESCALATED: 1,
        State.SHELVED: 1,
        State.CLOSED: 4,
        State.IN_REVIEW: 6,
    }
    escalated = a_queue(database).history(33)[-1]
    assert (escalated.actor, escalated.action, b"look at this" in escalated.body) == ("pat", Action.ESCALATE, True)
    closed = a_queue(database).history(3)
    assert [event.action for event in closed] == [Action.OPEN, Action.ACKNOWLEDGE, Action.CLOSE]
    assert b'"reason":"duplicate"' in closed[-1].body


async def test_the_keys_are_explained_and_leave_what_is_written_alone(page: Page, database: Database) -> None:
    """? shows them; typed into a field they are letters."""
    await keys(page, "?")
    await expect(page.locator("#help")).to_contain_text("acknowledge it, or all selected")
    await keys(page, "Escape")
    await expect(page.locator("#help")).not_to_be_visible()
    await keys(page, "/")
    await page.keyboard.type("aces xjk?")
    await expect(page.locator("#search")).to_have_value("aces xjk?")
    await expect(page.locator("#help")).not_to_be_visible()
    await keys(page, "Escape j")
    await expect(page.locator("#queue tbody tr").nth(1)).to_be_focused()
    await keys(page, "k x")
    await expect(page.locator("#selected")).to_have_text("1 selected")
    await keys(page, "Enter")
    await expect(page).to_have_url(re.compile(r"/exceptions/37$"), timeout=SOON_MS)
    assert all(case.state is State.NEW for case in map(a_queue(database).case, range(1, 41)) if case is not None)


async def test_what_is_refused_is_said_in_the_form_which_keeps_what_was_written(page: Page) -> None:
    """A shelving without end is corrected, not written again."""
    await keys(page, "j s")
    await form(page)
    await page.keyboard.type("soon")
    await keys(page, "Tab")
    await page.keyboard.type("my words")
    await keys(page, "Tab Enter")

    await expect(page.locator("#deed .refusal")).to_contain_text("is no time", timeout=SOON_MS)
    await expect(page.locator("#deed textarea")).to_have_value("my words")
    await keys(page, "Escape")
    await expect(page.locator("#deed")).not_to_be_visible()
