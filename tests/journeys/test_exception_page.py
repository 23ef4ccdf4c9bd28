"""The page of one exception in real browsers: two at once, four eyes, the own desk, without script, on paper."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import pytest
from playwright.async_api import Browser, Page, expect

from service.access.permissions import Role
from service.cases.case import Case
from service.cases.rules import Rules
from service.cases.states import Action, State
from service.store.accounts import SqlAccounts
from service.store.engine import Database
from tests.factories_access import PASSWORD, a_draft
from tests.factories_cases import a_finding, a_queue, gather_all, recorded
from tests.factories_exception import PICTURED, with_everything
from tests.factories_page import a_morning, at
from tests.page_people import an_account
from tests.page_server import QUEUE, PageServer, serving
from tests.stores import ready_store

pytestmark = pytest.mark.journey

SOON_MS = 15_000
MEDIUM, HIGH = 3, PICTURED
OWN_DESK = f"{QUEUE}forbid_own_desk: true\ndesks: {{agency: [ACC-9]}}\n"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Give a store with a morning's exceptions, two supervisors and two compliance officers."""
    with ready_store("sqlite", tmp_path) as made:
        a_morning(made)
        with_everything(made)
        for name, role in (("pat", Role.SUPERVISOR), ("sam", Role.SUPERVISOR)):
            an_account(made, name, role)
        for name in ("kim", "lou"):
            an_account(made, name, Role.COMPLIANCE)
        yield made


@pytest.fixture
async def server(database: Database, tmp_path: Path) -> AsyncIterator[PageServer]:
    """Give the page with a login, as a process of its own."""
    async with serving(tmp_path, login=True) as running:
        yield running


@contextlib.asynccontextmanager
async def somebody(browser: Browser, server: PageServer, name: str, *, script: bool = True) -> AsyncIterator[Page]:
    """Give the page of somebody who is in; nothing may be said on its console but what was refused."""
    context = await browser.new_context(java_script_enabled=script)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(f"{server.url}/login")
    await page.get_by_label("Name").fill(name)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Log in").click()
    await expect(page).to_have_url(f"{server.url}/")
    yield page
    assert [words for words in complaints if "409" not in words and "422" not in words] == []
    await context.close()


async def do(page: Page, action: Action, **fields: str) -> None:
    """Open the form of an action, fill it in, send it, and wait until the history has it."""
    form = page.locator(f'form[action$="/{action.value}"]')
    if not await form.is_visible():
        await page.locator("details.action", has=form).locator("summary").click()
    for name, text in fields.items():
        field = form.locator(f'[name="{name}"]')
        if await field.evaluate("one => one.tagName") == "SELECT":
            await field.select_option(text)
        else:
            await field.fill(text)
    steps = await page.locator(".history > li").count()
    await form.get_by_role("button").click()
    await expect(page.locator(".history > li")).to_have_count(steps + 1, timeout=SOON_MS)


def case_of(database: Database, case_id: int) -> Case:
    """Return a case as it is kept."""
    case = a_queue(database).case(case_id)
    assert case is not None
    return case


async def test_of_two_at_once_the_second_is_told_who_was_first_and_keeps_the_words(
    browser: Browser, server: PageServer, database: Database
) -> None:
    """The open page says so by itself, moves nothing, and what was being written becomes a note."""
    async with somebody(browser, server, "pat") as pat, somebody(browser, server, "sam") as sam:
        for page in (pat, sam):
            await page.goto(f"{server.url}/exceptions/{MEDIUM}")
            await expect(page.locator("#dot.on")).to_be_visible(timeout=SOON_MS)
        await sam.get_by_label("Note").fill("XBOS says a gateway is slow")
        before = await sam.get_by_label("Note").bounding_box()

        await do(pat, Action.ACKNOWLEDGE, words="looking")
        await expect(sam.locator(".news")).to_contain_text("pat acknowledged this at", timeout=SOON_MS)
        assert await sam.get_by_label("Note").input_value() == "XBOS says a gateway is slow"
        after = await sam.get_by_label("Note").bounding_box()

        await sam.get_by_role("button", name="Acknowledge").click()
        alert = sam.get_by_role("alert")
        await expect(alert).to_contain_text(re.compile(r"pat acknowledged at .*, before sam"), timeout=SOON_MS)
        await expect(alert).to_contain_text("XBOS says a gateway is slow")
        await expect(sam.locator("details.action[open] textarea")).to_have_value("XBOS says a gateway is slow")
        await do(sam, Action.NOTE)

        assert before is not None
        assert after is not None
        assert before["x"] == after["x"]
        events = a_queue(database).history(MEDIUM)
        assert [(event.actor, event.action) for event in events[-2:]] == [
            ("pat", Action.ACKNOWLEDGE),
            ("sam", Action.NOTE),
        ]
        assert b"XBOS says a gateway is slow" in events[-1].body
        assert case_of(database, MEDIUM).assignee == "pat"


async def test_four_eyes_are_refused_to_who_proposed_and_granted_to_another(
    browser: Browser, server: PageServer, database: Database
) -> None:
    """On the page, and by a form that was made by hand."""
    address = f"{server.url}/exceptions/{HIGH}"
    async with somebody(browser, server, "kim") as kim, somebody(browser, server, "lou") as lou:
        await kim.goto(address)
        await do(kim, Action.ACKNOWLEDGE)
        await do(kim, Action.PROPOSE_CLOSE, reason="venue_fault", words="EDGX refunded it")
        await expect(kim.locator(".barred")).to_contain_text("kim may not approve it too; somebody else approves")
        assert await kim.locator('form[action$="/approve_close"]').count() == 0
        csrf = await kim.locator('form[action="/logout"] [name="csrf"]').input_value()
        by_hand = await kim.request.post(
            f"{address}/closing/approve_close", form={"csrf": csrf}, headers={"Origin": server.url}
        )
        assert by_hand.status == 409
        assert "may not approve it too" in await by_hand.text()
        assert case_of(database, HIGH).state is State.IN_REVIEW

        await lou.goto(address)
        await expect(lou.locator(".closing")).to_contain_text("EDGX refunded it")
        await do(lou, Action.APPROVE_CLOSE)

        await expect(lou.locator(".closing")).to_contain_text("approved by lou")
        case = case_of(database, HIGH)
        assert (case.state, case.proposed_by, case.counts_as) == (State.CLOSED, "kim", "true")


async def test_a_supervisor_does_not_approve_even_by_hand(
    browser: Browser, server: PageServer, database: Database
) -> None:
    """The door is closed before the exception is looked at."""
    async with somebody(browser, server, "kim") as kim, somebody(browser, server, "pat") as pat:
        await kim.goto(f"{server.url}/exceptions/{HIGH}")
        await do(kim, Action.ACKNOWLEDGE)
        await do(kim, Action.PROPOSE_CLOSE, reason="venue_fault", words="EDGX refunded it")
        await pat.goto(f"{server.url}/exceptions/{HIGH}")
        await expect(pat.locator(".barred")).to_contain_text("may not approve closing it; compliance may")
        csrf = await pat.locator('form[action="/logout"] [name="csrf"]').input_value()

        by_hand = await pat.request.post(
            f"{server.url}/exceptions/{HIGH}/closing/approve_close", form={"csrf": csrf}, headers={"Origin": server.url}
        )

        assert by_hand.status == 403
        assert case_of(database, HIGH).state is State.IN_REVIEW


async def test_nobody_works_on_the_own_desks_exceptions_where_the_firm_forbids_it(
    browser: Browser, database: Database, tmp_path: Path
) -> None:
    """The page says why nothing is offered, and a form made by hand is refused in the same words."""
    recorded(database, a_finding(9_999, accounts=("ACC-9",), cause="venue XOWN", at=at(40)))
    gather_all(a_queue(database, rules=Rules(desks={"ACC-9": "agency"})), at(41))
    _of_desk(database, "pat", "Agency")
    async with serving(tmp_path, login=True, queue=OWN_DESK) as server, somebody(browser, server, "pat") as pat:
        await pat.goto(f"{server.url}/exceptions/11")
        await expect(pat.locator(".barred")).to_contain_text("is of the desk agency, which is pat's own")
        assert await pat.locator("form.do").count() == 0
        csrf = await pat.locator('form[action="/logout"] [name="csrf"]').input_value()

        by_hand = await pat.request.post(
            f"{server.url}/exceptions/11/act/acknowledge", form={"csrf": csrf}, headers={"Origin": server.url}
        )
        await pat.goto(f"{server.url}/exceptions/{MEDIUM}")
        await do(pat, Action.ACKNOWLEDGE)

        assert by_hand.status == 409
        assert case_of(database, 11).state is State.NEW
        assert case_of(database, MEDIUM).state is State.ACKNOWLEDGED


def _of_desk(database: Database, name: str, desk: str) -> None:
    accounts = SqlAccounts(database)
    user = accounts.user(name)
    assert user is not None
    accounts.change(msgspec.structs.replace(user, desks=(desk,)), a_draft())


async def test_an_exception_is_acknowledged_and_closed_without_script(
    browser: Browser, server: PageServer, database: Database
) -> None:
    """A form is a form."""
    async with somebody(browser, server, "pat", script=False) as pat:
        await pat.goto(f"{server.url}/exceptions/{MEDIUM}")
        await do(pat, Action.ACKNOWLEDGE, words="without script")
        await do(pat, Action.CLOSE, reason="limit_too_tight", words="harmless")

        await expect(pat.locator(".closing")).to_contain_text("Harmless; the rule's limit is too tight")
        case = case_of(database, MEDIUM)
        assert (case.state, case.reason, case.counts_as) == (State.CLOSED, "limit_too_tight", "false")


async def test_everything_that_can_be_done_is_done_once_from_the_page(
    browser: Browser, server: PageServer, database: Database
) -> None:
    """By two people, and the store has each of it."""
    closing = {"reason": "router_fault", "words": "mended"}
    by_kim = (
        (Action.NOTE, {"words": "seen"}),
        (Action.ACKNOWLEDGE, {"words": "mine"}),
        (Action.ASSIGN, {"assignee": "pat"}),
        (Action.WAIT_ON_VENDOR, {"ticket": "V-1", "words": "why?"}),
        (Action.VENDOR_ANSWERED, {"words": "a slow gateway"}),
        (Action.SHELVE, {"until": "2 h", "words": "mended tonight"}),
        (Action.UNSHELVE, {"words": "mended already"}),
        (Action.ESCALATE, {"role": "compliance", "words": "again"}),
        (Action.PROPOSE_CLOSE, closing),
    )
    async with somebody(browser, server, "kim") as kim, somebody(browser, server, "lou") as lou:
        await kim.goto(f"{server.url}/exceptions/{MEDIUM}")
        for action, fields in by_kim:
            await do(kim, action, **fields)
        await lou.goto(f"{server.url}/exceptions/{MEDIUM}")
        await do(lou, Action.REFUSE_CLOSE, words="say which gateway")
        await do(lou, Action.CLOSE, **closing)
        await do(lou, Action.REOPEN, words="it came back")
        await do(lou, Action.ACKNOWLEDGE)
        await do(lou, Action.PROPOSE_CLOSE, **closing)
        await kim.goto(f"{server.url}/exceptions/{MEDIUM}")
        await do(kim, Action.APPROVE_CLOSE)

        done = [(event.actor, event.action) for event in a_queue(database).history(MEDIUM)][1:]
        assert done == [
            *(("kim", action) for action, _ in by_kim),
            ("lou", Action.REFUSE_CLOSE),
            ("lou", Action.CLOSE),
            ("lou", Action.REOPEN),
            ("lou", Action.ACKNOWLEDGE),
            ("lou", Action.PROPOSE_CLOSE),
            ("kim", Action.APPROVE_CLOSE),
        ]
        assert case_of(database, MEDIUM).state is State.CLOSED


async def test_on_paper_everything_is_open_and_nothing_can_be_pressed(
    browser: Browser, server: PageServer, database: Database
) -> None:
    """The record to print, and the page itself when somebody prints that."""
    async with somebody(browser, server, "pat") as pat:
        for path in (f"/exceptions/{HIGH}/record", f"/exceptions/{HIGH}"):
            await pat.goto(server.url + path)
            await pat.emulate_media(media="print")
            said = await pat.locator("main").inner_text()

            assert await pat.locator("form:visible, nav:visible, button:visible").count() == 0
            for words in (
                f"record of exception {HIGH} as it stood at",
                a_queue(database).history(HIGH)[-1].hash.hex(),
                "in force at the execution",
                "another child of its parent",
                "TransactTime",
                "8=FIX.4.4|9=245|35=8|34=1502",
            ):
                assert words in said, f"{words} in {path}"
            await expect(pat.locator("svg.wide")).to_be_visible()
            await expect(pat.locator("svg.narrow")).to_be_hidden()
            paper = await pat.pdf(format="A4", prefer_css_page_size=True)
            assert paper.startswith(b"%PDF-")
            assert 2 <= len(re.findall(rb"/Type\s*/Page\b", paper)) <= 6
            await pat.emulate_media(media="screen")


async def test_on_a_telephone_the_answer_to_a_form_is_in_sight(browser: Browser, server: PageServer) -> None:
    """What was refused, beside the form that was filled in."""
    async with somebody(browser, server, "pat") as pat:
        await pat.set_viewport_size({"width": 390, "height": 800})
        await pat.goto(f"{server.url}/exceptions/{HIGH}")
        form = pat.locator('form[action$="/shelve"]')
        await pat.locator("details.action", has=form).locator("summary").click()
        await form.get_by_label("Until").fill("soon")
        await form.get_by_label("Why").fill("mended tonight")

        await form.get_by_role("button").click()

        await expect(pat.get_by_role("alert")).to_be_in_viewport(timeout=SOON_MS)
        await expect(form.get_by_label("Why")).to_have_value("mended tonight")
        await expect(form.locator("p.wrong")).to_contain_text('"soon" is no time')


async def test_the_whole_page_fits_every_screen(browser: Browser, server: PageServer) -> None:
    """With picture, timeline and forms, from a wall to a telephone."""
    async with somebody(browser, server, "pat") as pat:
        await pat.goto(f"{server.url}/exceptions/{HIGH}")
        for width in (1600, 1280, 1024, 390):
            await pat.set_viewport_size({"width": width, "height": 800})

            assert await pat.evaluate("document.documentElement.scrollWidth") <= width, f"at {width}"
