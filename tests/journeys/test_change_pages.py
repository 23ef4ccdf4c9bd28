"""Two people change limits and venues in a real browser: form, backtest, second person; with and without script."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from rules.facts import Nanos
from rules.register import parse_register
from service.store.engine import Database
from service.store.held_versions import held_versions
from service.store.proposal_backtests import SqlProposalBacktests
from service.store.proposals import SqlProposals
from service.versions import VersionKind
from tests.factories_access import PASSWORD
from tests.factories_cases import a_queue
from tests.factories_change import BOOK, proposed, taken_up, two_days
from tests.page_server import PageServer, serving
from tests.stores import ready_store

pytestmark = pytest.mark.journey

SOON_MS = 60_000
SCRIPT = pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Give a store with two days, a register, a morning's exceptions and people of three roles."""
    with ready_store("sqlite", tmp_path) as made:
        two_days(made, people=True)
        yield made


@pytest.fixture
async def server(database: Database, tmp_path: Path) -> AsyncIterator[PageServer]:
    """Give the page with a login, as a process of its own."""
    async with serving(tmp_path, login=True) as running:
        yield running


@contextlib.asynccontextmanager
async def somebody(browser: Browser, server: PageServer, name: str, *, script: bool = True) -> AsyncIterator[Page]:
    """Give the browser of somebody who is in; nothing may be complained of on its console."""
    context = await browser.new_context(java_script_enabled=script)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(server.url)
    await page.get_by_label("Name").fill(name)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Log in").click()
    await expect(page.get_by_role("button", name="Log out")).to_be_visible(timeout=SOON_MS)
    yield page
    await context.close()
    assert [one for one in complaints if "status of 4" not in one] == []


def in_force(database: Database, kind: VersionKind) -> str:
    """Return the text in force."""
    return held_versions(database, kind)[-1].version.text


@SCRIPT
async def test_a_limit_is_proposed_tried_on_stored_days_approved_by_compliance_and_taken_up(
    browser: Browser, server: PageServer, database: Database, *, script: bool
) -> None:
    """The approver sees what the proposer saw, and the record says which backtest that was."""
    async with somebody(browser, server, "Pat Jones", script=script) as page:
        await page.get_by_role("navigation", name="Pages").get_by_role("link", name="Rules").click()
        await page.get_by_role("link", name="Slow execution of a marketable order").click()
        await page.get_by_role("link", name="Propose a change").click()
        await page.get_by_label("At most").fill("5 s")
        await page.get_by_label("Why").fill("desk review 12")
        await page.get_by_role("button", name="Propose as Pat Jones").click()
        await expect(page.get_by_text("slow_fill.at_most: 2 s → 5 s")).to_be_visible(timeout=SOON_MS)
        await expect(page.get_by_text("Nobody has run a backtest of this proposal")).to_be_visible()
        await page.get_by_role("button", name="Run the backtest").click()
        await expect(page.get_by_text("days judged")).to_be_visible(timeout=SOON_MS)
        await page.reload()
        outcome = page.get_by_role("table", name="What would be found")
        await expect(outcome).to_contain_text("Slow execution of a marketable order", timeout=SOON_MS)
        seen = await page.get_by_role("region", name="Backtest").locator("dl.strip code").inner_text()
        assert await page.get_by_role("button", name="Approve").count() == 0

    async with somebody(browser, server, "sam", script=script) as page:
        await page.goto(f"{server.url}/proposals/1")
        shown = await page.get_by_role("region", name="Backtest").locator("dl.strip code").inner_text()
        await page.get_by_label("Words").fill("as agreed")
        await page.get_by_role("button", name="Approve as sam").click()
        await expect(page.get_by_text(f"with the backtest {seen} in view")).to_be_visible(timeout=SOON_MS)
        assert taken_up(database) == 1
        await page.goto(f"{server.url}/rules")
        await expect(page.get_by_text("proposed by Pat Jones and approved by sam")).to_be_visible()

    assert shown == seen
    assert in_force(database, VersionKind.RULEBOOK) == BOOK.replace("2 s", "5 s")
    assert SqlProposals(database).standing().proposals[0].history[1].backtest.startswith(seen)
    assert SqlProposals(database).verify()[1] is None


@SCRIPT
async def test_a_venue_is_approved_until_a_day_from_its_exception_and_confirmed_by_a_second_person(
    browser: Browser, server: PageServer, database: Database, *, script: bool
) -> None:
    """The words of the proposal name the exception."""
    queue = a_queue(database)
    known = (queue.case(number) for number in range(1, 40))
    number = next(case.case_id for case in known if case is not None and case.key.rule == "unexpected_venue")
    async with somebody(browser, server, "Pat Jones", script=script) as page:
        await page.goto(f"{server.url}/venues?venue=XTOX&counterparty=demo&from={number}")
        approve = page.get_by_role("region", name="Approve it")
        await approve.get_by_label("Name").fill("Toronto")
        await approve.get_by_label("until").fill("2026-12-31")
        await approve.get_by_label("limit", exact=True).check()
        await expect(approve.get_by_label("Why")).to_have_value(f"exception {number}: ")
        await approve.get_by_label("Why").fill(f"exception {number}: the committee agreed")
        await approve.get_by_role("button", name="Propose as Pat Jones").click()
        await expect(page.get_by_text("XTOX: approved from")).to_be_visible(timeout=SOON_MS)

    async with somebody(browser, server, "sam", script=script) as page:
        await page.goto(f"{server.url}/venues")
        await page.get_by_role("link", name="Proposal 1").click()
        await page.get_by_role("button", name="Approve as sam").click()
        await expect(page.get_by_text("approved, not in force yet")).to_be_visible(timeout=SOON_MS)
        assert taken_up(database) == 1
        await page.goto(f"{server.url}/venues")
        await expect(page.get_by_role("row", name="XTOX")).to_contain_text("Pat Jones, approved by sam")

    (approval,) = parse_register(in_force(database, VersionKind.REGISTER)).by_venue["XTOX"]
    assert (approval.name, approval.approved_until, approval.order_types) == ("Toronto", "2026-12-31", ("limit",))


async def test_a_backtest_is_cancelled_on_a_page_that_brings_itself_up_to_date(
    browser: Browser, server: PageServer, database: Database
) -> None:
    """And one that runs ends with the page's server: nobody is left behind."""
    proposed(database, actor="Pat Jones")
    async with somebody(browser, server, "sam") as page:
        await page.goto(f"{server.url}/proposals/1")
        await page.get_by_role("button", name="Run the backtest").click()
        await page.get_by_role("button", name="Cancel it").click()
        await expect(page.get_by_text("came to nothing: cancelled by sam")).to_be_visible(timeout=SOON_MS)
        await page.get_by_role("button", name="Run the backtest").click()
        await expect(page.get_by_role("table", name="What would be found")).to_be_visible(timeout=SOON_MS)

    assert [one.state.value for one in SqlProposalBacktests(database).of(1, Nanos(time.time_ns()))] == [
        "done",
        "cancelled",
    ]


async def test_a_file_is_read_into_the_form_before_it_is_proposed(
    browser: Browser, server: PageServer, tmp_path: Path
) -> None:
    """It is seen first, and everything that is wrong with it is said by line."""
    file = tmp_path / "new.yaml"
    file.write_text("rules:\n  slow_fil: {}\n", encoding="utf-8")
    async with somebody(browser, server, "Pat Jones") as page:
        await page.goto(f"{server.url}/rulebooks/propose")
        await page.get_by_label("Take it from a file").set_input_files(file)
        await expect(page.get_by_label("Text")).to_have_value("rules:\n  slow_fil: {}\n")
        await page.get_by_label("Why").fill("a new start")
        await page.get_by_role("button", name="Propose as Pat Jones").click()

        await expect(page.get_by_role("alert")).to_contain_text("line 2: the catalogue knows no", timeout=SOON_MS)
        await expect(page.get_by_label("Text")).to_have_value("rules:\n  slow_fil: {}\n")
        await expect(page.get_by_label("Why")).to_have_value("a new start")


async def test_no_page_about_rules_or_venues_is_wider_than_its_screen_or_lacks_a_name(
    browser: Browser, server: PageServer, database: Database
) -> None:
    """From a wall to a telephone; every field has a label, every table a name."""
    proposed(database, actor="Pat Jones")
    paths = (
        *("/rules", "/rules/slow_fill", "/rules/adverse_reversion", "/rules/slow_fill/change"),
        *("/rulebooks", "/rulebooks/in-force", "/rulebooks/compare?new=proposal-1", "/rulebooks/propose"),
        *("/proposals/1", "/venues", "/venues/history", "/venues?counterparty=demo&venue=XBOS&from=1"),
        *("/registers/demo", "/registers/demo/in-force", "/registers/demo/propose"),
    )
    async with somebody(browser, server, "sam") as page:
        for path in paths:
            answer = await page.goto(server.url + path)
            assert answer is not None
            assert answer.status == 200, path
            assert await page.locator("h1").count() == 1, path
            fields = page.locator("input:not([type=hidden]), textarea, select")
            named = "all => all.every(one => one.labels.length || one.ariaLabel)"
            assert await fields.evaluate_all(named), path
            assert await page.locator("table").evaluate_all("all => all.every(one => one.ariaLabel)"), path
            for width in (1600, 1280, 1024, 390):
                await page.set_viewport_size({"width": width, "height": 800})
                assert await page.evaluate("document.documentElement.scrollWidth") <= width, f"{path} at {width}"
