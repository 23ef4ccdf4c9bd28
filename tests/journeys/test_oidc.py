"""Logging in by the firm's provider with a real browser: in, refused, tampered with, while it is down, and out."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from rules.facts import Nanos
from service.access.administer import People
from service.access.permissions import Role
from service.access.trail import Deed
from service.access.users import User, identity_key
from service.store.accounts import SqlAccounts
from service.store.engine import Database
from service.store.trail import SqlTrail
from tests.factories_access import PASSWORD
from tests.factories_cases import a_queue
from tests.factories_page import a_morning
from tests.oidc_provider import Provider, a_provider
from tests.page_people import an_account
from tests.page_server import PageServer, serving
from tests.stores import ready_store

pytestmark = pytest.mark.journey

SOON_MS = 15_000
GRAVE = ("serious", "critical")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Give a store with a morning's exceptions and an admin of ours."""
    with ready_store("sqlite", tmp_path) as made:
        a_morning(made)
        an_account(made, "root", Role.ADMIN)
        yield made


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncIterator[Provider]:
    """Give a provider that knows a supervisor and a cook."""
    async with a_provider(tmp_path) as running:
        await running.knows("u-1", "kim", "sor-supervisors")
        await running.knows("u-2", "joe", "cooks")
        yield running


@pytest.fixture
async def server(database: Database, provider: Provider, tmp_path: Path) -> AsyncIterator[PageServer]:
    """Give the page that asks this provider, and lets admins in by a password all the same."""
    web = provider.settings(tmp_path, break_glass=True)
    async with serving(tmp_path, login=True, web=web) as running:
        yield running


@contextlib.asynccontextmanager
async def a_page(browser: Browser, own: str = "", *, script: bool = True) -> AsyncIterator[tuple[Page, list[str]]]:
    """Give a page of a fresh browser, and what went wrong on pages of our `own`."""
    context = await browser.new_context(java_script_enabled=script)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.location["url"].startswith(own) else None)
    page.on("pageerror", lambda error: complaints.append(str(error)) if page.url.startswith(own) else None)
    yield page, complaints
    await context.close()


async def log_in(page: Page, subject: str) -> None:
    """Go to the provider and say who one is there."""
    await page.get_by_role("link", name="Log in with the firm's account").click()
    await page.get_by_placeholder("sub").fill(subject)
    await page.get_by_role("button", name="Authorize").click()


def newest(database: Database, deed: Deed) -> list[tuple[str, str]]:
    """Return who and what of the entries of one kind, the newest first."""
    return [(one.actor, one.words) for one in SqlTrail(database).newest() if one.deed is deed]


@pytest.mark.parametrize("script", [True, False])
async def test_from_a_link_by_the_provider_to_an_acknowledged_exception_and_out_there_too(
    browser: Browser, server: PageServer, provider: Provider, database: Database, *, script: bool
) -> None:
    """Under the person's own name, in the roles of the groups, and all of it in the chain."""
    async with a_page(browser, server.url, script=script) as (page, complaints):
        await page.goto(f"{server.url}/exceptions/5")
        await log_in(page, "u-1")
        await expect(page).to_have_url(f"{server.url}/exceptions/5", timeout=SOON_MS)

        await page.get_by_role("button", name="Acknowledge").click()
        await expect(page.locator(".history")).to_contain_text("kim", timeout=SOON_MS)
        assert a_queue(database).history(5)[-1].actor == "kim"
        cookies = {cookie.get("name") for cookie in await page.context.cookies(server.url)}
        assert cookies == {"sorwatch"}

        await page.get_by_role("button", name="Log out").click()
        await expect(page.get_by_role("status")).to_contain_text("You are logged out.", timeout=SOON_MS)
        await page.goto(f"{server.url}/exceptions/5")
        await expect(page).to_have_title("Log in · sorwatch")
        await page.goto(f"{server.url}/login?why=out")
        assert complaints == []
        await page.get_by_role("link", name="Log out of the firm's account too").click()
        await expect(page).to_have_url(re.compile(f"^{provider.issuer}/oauth2/end_session"), timeout=SOON_MS)

    user = User(name="kim", roles=(Role.SUPERVISOR,), identity=identity_key(provider.issuer, "u-1"))
    assert SqlAccounts(database).user("kim") == user
    assert newest(database, Deed.ADDED)[0] == ("kim", "by the provider: supervisor")
    assert newest(database, Deed.LOGGED_IN) == [("kim", "by the provider as supervisor")]
    assert SqlTrail(database).verify()[1] is None


async def test_who_is_in_no_group_is_told_so_and_not_let_in(
    browser: Browser, server: PageServer, database: Database
) -> None:
    """In words; no account is made; the subject stands in the access log."""
    async with a_page(browser) as (page, _):
        await page.goto(server.url)
        await log_in(page, "u-2")

        words = (
            "You are known as joe, and in none of the groups that may come in here. Ask whoever looks after the groups."
        )
        await expect(page.get_by_role("alert")).to_have_text(words, timeout=SOON_MS)
        await page.goto(server.url)
        await expect(page).to_have_title("Log in · sorwatch")

    assert SqlAccounts(database).user("joe") is None
    assert newest(database, Deed.PROVIDER_REFUSED) == [("joe", f"subject u-2: {words}")]


async def test_who_denies_at_the_provider_is_back_at_the_form(browser: Browser, server: PageServer) -> None:
    """With what the provider said."""
    async with a_page(browser) as (page, _):
        await page.goto(server.url)
        grave = [one["id"] for one in (await Axe().run(page)).response["violations"] if one["impact"] in GRAVE]
        assert grave == []
        await page.get_by_role("link", name="Log in with the firm's account").click()
        await page.get_by_role("button", name="Deny").click()

        await expect(page.get_by_role("alert")).to_have_text(
            "The provider did not let you in: access_denied.", timeout=SOON_MS
        )


async def test_roles_are_taken_anew_at_each_login_and_what_they_were_before_ends(
    browser: Browser, server: PageServer, provider: Provider, database: Database
) -> None:
    """Supervisor in the morning, a desk at noon, in no group in the evening."""
    async with a_page(browser) as (morning, _), a_page(browser) as (noon, _), a_page(browser) as (evening, _):
        await morning.goto(server.url)
        await log_in(morning, "u-1")
        await expect(morning).to_have_url(f"{server.url}/", timeout=SOON_MS)
        await provider.knows("u-1", "kim", "sor-desk")
        await noon.goto(f"{server.url}/exceptions/5")
        await log_in(noon, "u-1")
        await expect(noon.locator("h1")).to_be_visible(timeout=SOON_MS)
        assert await noon.get_by_role("button").all_text_contents() == ["Log out"]
        await morning.goto(f"{server.url}/days")
        await expect(morning).to_have_title("Log in · sorwatch")

        await provider.knows("u-1", "kim")
        await evening.goto(server.url)
        await log_in(evening, "u-1")
        await expect(evening.get_by_role("alert")).to_contain_text("in none of the groups", timeout=SOON_MS)
        await noon.goto(f"{server.url}/days")
        await expect(noon).to_have_title("Log in · sorwatch")

    assert newest(database, Deed.ROLES_SET) == [
        ("kim", "by the provider: desk; desks program → no role"),
        ("kim", "by the provider: supervisor → desk; desks program"),
    ]
    assert newest(database, Deed.LOGGED_IN)[0] == ("kim", "by the provider as desk; desks program")


async def test_an_account_of_the_same_name_is_not_taken_over_until_an_admin_links_it(
    browser: Browser, server: PageServer, provider: Provider, database: Database
) -> None:
    """And one that is locked here stays out."""
    people = People(SqlAccounts(database), "root", Nanos(1))
    an_account(database, "Kim", Role.COMPLIANCE)
    async with a_page(browser) as (page, _):
        await page.goto(server.url)
        await log_in(page, "u-1")
        words = "There is an account Kim here already, and it is not linked to you. An admin can link it."
        await expect(page.get_by_role("alert")).to_have_text(words, timeout=SOON_MS)

        people.link("kim", identity_key(provider.issuer, "u-1"))
        await log_in(page, "u-1")
        await expect(page).to_have_url(f"{server.url}/", timeout=SOON_MS)
        linked = SqlAccounts(database).user("kim")
        assert linked is not None
        assert (linked.name, linked.roles, linked.password) == ("Kim", (Role.SUPERVISOR,), None)

        people.lock("kim", "left")
        await page.goto(server.url)
        await log_in(page, "u-1")
        await expect(page.get_by_role("alert")).to_contain_text("The account Kim is locked here.", timeout=SOON_MS)


async def sent_to_provider(client: httpx.AsyncClient) -> dict[str, str]:
    """Begin a login and return what the browser is sent to the provider with."""
    answer = await client.get("/login/provider?next=//evil.example/")
    assert answer.status_code == 303
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


async def a_code(provider: Provider, asked: dict[str, str]) -> str:
    """Let the provider say yes to the supervisor, and return the code that it sends back with."""
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{provider.issuer}/oauth2/authorize", params=asked, data={"sub": "u-1"})
    return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]


@pytest.mark.parametrize("change", ["state", "no cookie", "other browser", "nonce", "issuer", "code", "twice"])
async def test_an_answer_that_was_tampered_with_lets_nobody_in(
    server: PageServer, provider: Provider, database: Database, change: str
) -> None:
    """Whatever of it was changed; sent back unchanged it would have."""
    back = "/login/provider/back"
    async with (
        httpx.AsyncClient(base_url=server.url, timeout=30) as client,
        httpx.AsyncClient(base_url=server.url, timeout=30) as other,
    ):
        asked = await sent_to_provider(client)
        others = await sent_to_provider(other)
        told = {"nonce": others["nonce"]} if change == "nonce" else {}
        answer = {"state": asked["state"], "code": await a_code(provider, {**asked, **told})}
        if change == "twice":
            first = await client.get(back, params=answer)
            assert (first.status_code, first.headers["location"]) == (303, "/")
        answer |= {"state": others["state"]} if change == "state" else {}
        answer |= {"iss": "https://evil.example"} if change == "issuer" else {}
        answer |= {"code": "guessed"} if change == "code" else {}
        if change == "no cookie":
            client.cookies.clear()
        refused = await (other if change == "other browser" else client).get(back, params=answer)

    assert refused.status_code == 401
    assert "Nothing was done; try again" in refused.text
    assert not [cookie for cookie in refused.headers.get_list("set-cookie") if cookie.startswith("sorwatch=")]
    assert len(newest(database, Deed.PROVIDER_REFUSED)) == 1
    assert len(newest(database, Deed.LOGGED_IN)) == (1 if change == "twice" else 0)


async def test_while_the_provider_is_down_it_is_said_calmly_and_an_admin_gets_in_and_new_keys_are_taken(
    browser: Browser, server: PageServer, provider: Provider, database: Database
) -> None:
    """Nobody else does by a password, and the page needs no restart afterwards."""
    an_account(database, "sam", Role.SUPERVISOR)
    async with a_page(browser) as (page, _), a_page(browser) as (admins, _):
        await page.goto(server.url)
        await log_in(page, "u-1")
        await expect(page).to_have_url(f"{server.url}/", timeout=SOON_MS)
        await page.get_by_role("button", name="Log out").click()
        await page.get_by_role("link", name="Log in with the firm's account").click()
        await provider.stop()
        await page.goto(f"{server.url}/login/provider/back?state=x&code=y")
        await expect(page.get_by_role("alert")).to_contain_text("Nothing was done; try again", timeout=SOON_MS)

        await admins.goto(f"{server.url}/login")
        for name, ends in (("sam", False), ("root", True)):
            await admins.get_by_text("An admin's way in while the firm's accounts are down").click()
            await admins.get_by_label("Name").fill(name)
            await admins.get_by_label("Password").fill(PASSWORD)
            await admins.get_by_role("button", name="Log in").click()
            if not ends:
                await expect(admins.get_by_role("alert")).to_have_text("Name or password is not right.")
                await admins.goto(f"{server.url}/login")
        await expect(admins).to_have_url(f"{server.url}/readiness", timeout=SOON_MS)

        await provider.start()
        await provider.knows("u-1", "kim", "sor-supervisors")
        await page.goto(server.url)
        await log_in(page, "u-1")
        await expect(page).to_have_url(f"{server.url}/", timeout=SOON_MS)


async def test_a_page_whose_provider_was_never_there_says_so_and_lives(
    provider: Provider, database: Database, tmp_path: Path
) -> None:
    """By words and a status; with passwords for everybody where that was chosen."""
    await provider.stop()
    async with (
        serving(tmp_path, login=True, web=provider.settings(tmp_path, "both")) as server,
        httpx.AsyncClient(base_url=server.url, timeout=30) as client,
    ):
        answers = [await client.get("/login/provider") for _ in range(2)]
        goodbye = await client.get("/logout/provider")
        form = await client.get("/login")

    assert [answer.status_code for answer in answers] == [503, 503]
    assert all("provider of logins does not answer as it should" in answer.text for answer in answers)
    assert goodbye.status_code == 404
    assert "Log in with a password" in form.text
    assert "provider_down" in server.log.read_text(encoding="utf-8")
