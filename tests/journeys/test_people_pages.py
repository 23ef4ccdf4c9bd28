"""People in a real browser: somebody is added and chooses a password, a token lives and dies, a scope is shelved."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from service.access.permissions import Role
from service.cases.actor import Actor
from service.cases.given import Given
from service.cases.states import Action
from service.store.engine import Database
from service.store.principals import SqlPrincipals
from service.store.trail import SqlTrail
from tests.factories_access import PASSWORD
from tests.factories_cases import a_queue
from tests.factories_page import DAY, a_morning, at
from tests.page_people import an_account
from tests.page_server import PageServer, serving
from tests.stores import ready_store

pytestmark = pytest.mark.journey

SOON_MS = 15_000
CHOSEN = "nine blue herons at dusk"
UNAUTHORIZED, NOT_FOUND = 401, 404


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Give a store with a morning's exceptions, an admin and a supervisor."""
    with ready_store("sqlite", tmp_path) as made:
        a_morning(made)
        an_account(made, "Ada Root", Role.ADMIN)
        an_account(made, "Pat Jones", Role.SUPERVISOR)
        yield made


@pytest.fixture
async def server(database: Database, tmp_path: Path) -> AsyncIterator[PageServer]:
    """Give the page with a login, as a process of its own."""
    async with serving(tmp_path, login=True) as running:
        yield running


async def entered(browser: Browser, server: PageServer, name: str, password: str = PASSWORD) -> tuple[Page, list[str]]:
    """Log somebody in with a fresh browser; return the page, and what goes wrong on it."""
    page = await (await browser.new_context()).new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(f"{server.url}/login")
    await page.get_by_label("Name").fill(name)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Log in").click()
    await expect(page.get_by_role("button", name="Log out")).to_be_visible(timeout=SOON_MS)
    return page, complaints


async def test_a_supervisor_is_added_chooses_a_password_and_works(
    browser: Browser, server: PageServer, database: Database
) -> None:
    """The drawn password opens nothing else, and every step stands in the access log."""
    admin, complaints = await entered(browser, server, "Ada Root")
    await admin.get_by_role("navigation", name="Pages").get_by_role("link", name="People").click()
    await admin.get_by_label("Name").fill("Max Muster")
    await admin.get_by_role("checkbox", name="supervisor").check()
    await admin.get_by_label("Desks").fill("cash, etf")
    await admin.get_by_role("button", name="Add the account").click()
    first = await admin.get_by_role("status").filter(has_text="shown once").locator("code").inner_text()
    await expect(admin.get_by_role("row", name="Max Muster")).to_contain_text("has to choose a password")

    page, _ = await entered(browser, server, "Max Muster", first)
    await expect(page).to_have_url(f"{server.url}/me")
    await page.get_by_label("Present password").fill(first)
    await page.get_by_label("New password", exact=True).fill(CHOSEN)
    await page.get_by_label("New password again").fill(CHOSEN)
    await page.get_by_role("button", name="Change my password").click()
    await expect(page.get_by_role("status")).to_contain_text("Your password is changed", timeout=SOON_MS)
    page, more = await entered(browser, server, "Max Muster", CHOSEN)
    await expect(page).to_have_url(f"{server.url}/", timeout=SOON_MS)

    await admin.get_by_role("link", name="Access log").click()
    await expect(admin.get_by_role("table", name="Access log")).to_contain_text("password set")
    await expect(admin.locator("#chain")).to_contain_text("fit together")
    assert complaints == more == []
    assert first not in "".join(one.words for one in SqlTrail(database).newest())


async def test_a_token_made_on_the_page_opens_the_api_until_it_is_revoked(browser: Browser, server: PageServer) -> None:
    """The entrance knows whose it is; a path that is not there is said not to be there, not to be closed."""
    page, complaints = await entered(browser, server, "Pat Jones")
    await page.get_by_role("link", name="Pat Jones").click()
    await page.get_by_label("What for").fill("nightly blotter")
    await page.get_by_role("checkbox", name="read").first.check()
    await page.get_by_role("button", name="Make the token").click()
    token = await page.get_by_role("status").filter(has_text="shown once").locator("code").inner_text()

    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=server.url, headers=headers) as program:
        let_in = await program.get("/api/nothing")
        await page.get_by_role("button", name="Revoke nightly blotter").click()
        await expect(page.get_by_role("table", name="My tokens")).to_contain_text("revoked", timeout=SOON_MS)
        kept_out = await program.get("/api/nothing")

    assert (let_in.status_code, kept_out.status_code) == (NOT_FOUND, UNAUTHORIZED)
    assert complaints == []


async def test_a_scope_is_shelved_and_ended_early_and_the_principal_named(
    browser: Browser, server: PageServer, database: Database
) -> None:
    """What was refused keeps what was written."""
    page, complaints = await entered(browser, server, "Pat Jones")
    await page.goto(f"{server.url}/people/shelvings")
    await page.get_by_label("Rule").fill("no_quote")
    await page.get_by_label("Until").fill("soon")
    await page.get_by_label("Why", exact=True).fill("listed tomorrow")
    await page.get_by_role("button", name="Shelve as Pat Jones").click()
    await expect(page.get_by_role("alert")).to_contain_text("is no time")
    await expect(page.get_by_label("Why", exact=True)).to_have_value("listed tomorrow")
    await page.get_by_label("Until").fill("2 h")
    await page.get_by_role("button", name="Shelve as Pat Jones").click()
    shelving = page.get_by_role("region", name="Shelving 1")
    await expect(shelving).to_contain_text("Pat Jones: listed tomorrow", timeout=SOON_MS)
    await shelving.get_by_label("Why it ends").fill("listed now")
    await shelving.get_by_role("button", name="End it now").click()
    await expect(page.get_by_role("table", name="Shelvings that are over")).to_contain_text("ended early by Pat Jones")

    await page.goto(f"{server.url}/people/principal?day={DAY}")
    await page.get_by_label("Principal", exact=True).fill("Pat Jones")
    await page.get_by_role("button", name="Put it down as Pat Jones").click()
    await expect(page.locator(".answers")).to_have_text("Pat Jones", timeout=SOON_MS)
    assert [one.by for one in SqlPrincipals(database).of(DAY)] == ["Pat Jones"]
    # the browser tells of every answer that is a refusal
    assert [one for one in complaints if "409" not in one] == []


async def test_the_report_is_printed_without_the_page_around_it(
    browser: Browser, server: PageServer, database: Database
) -> None:
    """On A4 and Letter it is paper: no menus, a place to sign, nothing cut at the side."""
    pat, kim = Actor(name="Pat Jones"), Actor(name="Casey Lee")
    queue = a_queue(database)
    queue.act(4, Action.ACKNOWLEDGE, pat, Given(), at(30))
    queue.act(4, Action.PROPOSE_CLOSE, pat, Given(words="seen", reason="router_fault"), at(40))
    queue.act(4, Action.APPROVE_CLOSE, kim, Given(words="agreed"), at(50))
    page, complaints = await entered(browser, server, "Pat Jones")
    await page.get_by_role("link", name="Report").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Friday, November 20, 2026")

    await expect(page.get_by_role("table", name="Closed: 1")).to_contain_text("Casey Lee")
    await page.emulate_media(media="print")

    await expect(page.get_by_role("navigation", name="Pages")).to_be_hidden()
    await expect(page.get_by_text("Principal of the day", exact=True).last).to_be_visible()
    for name in ("A4", "Letter"):
        assert (await page.pdf(format=name)).startswith(b"%PDF")
    for width in (720, 744):  # A4 and Letter between their margins, in CSS pixels
        await page.set_viewport_size({"width": width, "height": 900})
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
    assert complaints == []


async def test_no_page_about_people_feeds_or_days_is_wider_than_its_screen_or_lacks_a_label(
    browser: Browser, server: PageServer
) -> None:
    """From a wall to a telephone; every field has a label, every table a name, every page one heading."""
    paths = {
        "Ada Root": ("/people/accounts", "/people/account?name=Pat Jones", "/people/log", "/me", "/feeds"),
        "Pat Jones": ("/people/shelvings", f"/people/principal?day={DAY}", f"/report/{DAY}", "/feeds"),
    }
    for name, mine in paths.items():
        page, _ = await entered(browser, server, name)
        for path in mine:
            await page.goto(server.url + path)
            assert await page.locator("h1").count() == 1, path
            fields = page.locator("main input:not([type=hidden]):not([hidden])")
            assert await fields.evaluate_all("all => all.every(one => one.labels.length || one.ariaLabel)"), path
            assert await page.locator("table").evaluate_all("all => all.every(one => one.ariaLabel)"), path
            for width in (1600, 1024, 390):
                await page.set_viewport_size({"width": width, "height": 800})
                wide = await page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, f"{path} at {width}"
