"""The page of one exception over a real store: every action by its form, refusals in words, who may not and why."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from service.access.permissions import Role
from service.cases.actor import Actor
from service.cases.case import Case
from service.cases.given import Given
from service.cases.states import Action, State
from service.store.engine import Database
from tests.factories_cases import a_finding, a_queue, gather_all, recorded
from tests.factories_exception import PICTURED, with_everything
from tests.factories_page import a_morning, at
from tests.page_people import Clock, a_browser, an_account, an_app, an_open_app, hidden, logged_in

CLOSING = {"words": "mended at the source", "reason": "router_fault"}
MEDIUM, HIGH = 3, PICTURED
SAM = Actor(name="sam")


@pytest.fixture
def database(database: Database) -> Database:
    """Give a store with a morning's exceptions."""
    a_morning(database)
    return database


@pytest.fixture
async def client(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """Give a browser on the page without a login: whoever it is acts as pat."""
    async with a_browser(an_open_app(database, Path("no-folder-is-read"))) as made:
        yield made


def case_of(database: Database, case_id: int) -> Case:
    """Return a case as it is kept."""
    case = a_queue(database).case(case_id)
    assert case is not None
    return case


async def send(client: httpx.AsyncClient, case_id: int, action: Action, **fields: str) -> httpx.Response:
    """Open the page, fill in the form of an action as it is there, and send it."""
    page = (await client.get(f"/exceptions/{case_id}")).text
    path = next(path for path in re.findall(r'<form[^>]*action="([^"]*)"', page) if path.endswith(f"/{action.value}"))
    return await client.post(path, data={**hidden(page, f"/{action.value}"), **fields})


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        ([(Action.ACKNOWLEDGE, {})], State.ACKNOWLEDGED),
        ([(Action.ASSIGN, {"assignee": "kim", "words": "yours"})], State.NEW),
        ([(Action.NOTE, {"words": "seen"})], State.NEW),
        ([(Action.ESCALATE, {"role": "compliance"})], State.ESCALATED),
        ([(Action.SHELVE, {"until": "2 h", "words": "known"})], State.SHELVED),
        ([(Action.SHELVE, {"until": "2 h", "words": "known"}), (Action.UNSHELVE, {"words": "no more"})], State.NEW),
        (
            [(Action.ACKNOWLEDGE, {}), (Action.WAIT_ON_VENDOR, {"ticket": "V-1", "words": "why?"})],
            State.WAITING_ON_VENDOR,
        ),
        (
            [(Action.ACKNOWLEDGE, {}), (Action.WAIT_ON_VENDOR, {"ticket": "V-1"}), (Action.VENDOR_ANSWERED, {})],
            State.ACKNOWLEDGED,
        ),
        ([(Action.ACKNOWLEDGE, {}), (Action.PROPOSE_CLOSE, CLOSING)], State.IN_REVIEW),
        (
            [(Action.ACKNOWLEDGE, {}), (Action.PROPOSE_CLOSE, CLOSING), (Action.REFUSE_CLOSE, {"words": "look again"})],
            State.ACKNOWLEDGED,
        ),
        ([(Action.ACKNOWLEDGE, {}), (Action.CLOSE, CLOSING)], State.CLOSED),
        ([(Action.ACKNOWLEDGE, {}), (Action.CLOSE, CLOSING), (Action.REOPEN, {"words": "again"})], State.REOPENED),
    ],
    ids=lambda value: "-".join(one.value for one, _ in value) if isinstance(value, list) else "",
)
async def test_every_action_is_a_form_that_leads_back_to_the_exception(
    database: Database, client: httpx.AsyncClient, steps: list[tuple[Action, dict[str, str]]], state: State
) -> None:
    """What was given is in the history, and the store says the same."""
    for action, fields in steps:
        answer = await send(client, MEDIUM, action, **fields)
        assert (answer.status_code, answer.headers.get("location")) == (303, f"/exceptions/{MEDIUM}"), answer.text

    case = case_of(database, MEDIUM)
    history = a_queue(database).history(MEDIUM)
    page = (await client.get(f"/exceptions/{MEDIUM}")).text
    assert case.state is state
    assert [event.action for event in history[-len(steps) :]] == [action for action, _ in steps]
    assert {event.actor for event in history[-len(steps) :]} == {"pat"}
    assert all(fields.get("words", "") in page for _, fields in steps)


async def test_a_closing_is_approved_by_somebody_else(database: Database, client: httpx.AsyncClient) -> None:
    """What is grave needs four eyes: the page shows who proposed it, why, and in which words."""
    queue = a_queue(database)
    queue.act(HIGH, Action.ACKNOWLEDGE, SAM, Given(), at(30))
    queue.act(HIGH, Action.PROPOSE_CLOSE, SAM, Given(**CLOSING), at(31))  # type: ignore[arg-type]
    page = (await client.get(f"/exceptions/{HIGH}")).text

    answer = await send(client, HIGH, Action.APPROVE_CLOSE)

    assert "Proposed to close by <b>sam</b>" in page
    assert "The router did wrong; taken up with the vendor" in page
    assert "counts as true" in page
    assert answer.status_code == 303
    assert case_of(database, HIGH).state is State.CLOSED


async def test_who_proposed_is_not_offered_the_approval_and_refused_when_he_sends_it_by_hand(
    database: Database, client: httpx.AsyncClient
) -> None:
    """In the same words."""
    await send(client, HIGH, Action.ACKNOWLEDGE)
    await send(client, HIGH, Action.PROPOSE_CLOSE, **CLOSING)

    page = (await client.get(f"/exceptions/{HIGH}")).text
    by_hand = await client.post(f"/exceptions/{HIGH}/closing/approve_close", data={})

    words = "pat proposed to close it, so pat may not approve it too; somebody else approves, or refuses."
    assert "/approve_close" not in page
    assert words in page
    assert by_hand.status_code == 409
    assert f"Not done: exception {HIGH}: {words}" in by_hand.text
    assert case_of(database, HIGH).state is State.IN_REVIEW


async def test_the_second_of_two_is_told_who_was_first_and_keeps_every_word(
    database: Database, client: httpx.AsyncClient
) -> None:
    """Though the exception still could be closed by somebody who knows what it has come to."""
    await send(client, MEDIUM, Action.ACKNOWLEDGE)
    page = (await client.get(f"/exceptions/{MEDIUM}")).text
    a_queue(database).act(MEDIUM, Action.WAIT_ON_VENDOR, SAM, Given(ticket="V-7"), at(31))

    late = await client.post(f"/exceptions/{MEDIUM}/act/close", data={**hidden(page, "/act/close"), **CLOSING})
    again = await client.post(f"/exceptions/{MEDIUM}/act/close", data={**hidden(late.text, "/act/close"), **CLOSING})

    assert late.status_code == 409
    assert re.search(r"sam asked the vendor at [0-9:]{8} New York on 20 Nov, before pat", late.text)
    assert "mended at the source</textarea>" in late.text
    assert '<option value="router_fault" selected>' in late.text
    assert again.status_code == 303


async def test_what_was_written_for_an_action_that_is_gone_can_be_kept_as_a_note(
    database: Database, client: httpx.AsyncClient
) -> None:
    """The words of the second are in the form for notes, and said again above."""
    page = (await client.get(f"/exceptions/{MEDIUM}")).text
    a_queue(database).act(MEDIUM, Action.ACKNOWLEDGE, SAM, Given(), at(31))

    late = await client.post(
        f"/exceptions/{MEDIUM}/act/acknowledge", data={**hidden(page, "/act/acknowledge"), "words": "I rang them"}
    )
    kept = await client.post(
        f"/exceptions/{MEDIUM}/act/note", data={**hidden(late.text, "/act/note"), "words": "I rang them"}
    )

    assert late.status_code == 409
    assert "<dt>Note</dt><dd>I rang them</dd>" in late.text
    assert "I rang them</textarea>" in late.text
    assert kept.status_code == 303


@pytest.mark.parametrize(
    ("action", "fields", "words"),
    [
        ("shelve", {"until": "soon", "words": "known"}, "is no time; expected a length of time"),
        ("shelve", {"until": "900 h", "words": "known"}, "may last 5 d at most"),
        ("shelve", {"until": "2 h"}, "needs words that say why"),
        ("assign", {"assignee": " "}, "needs the name of who shall have it"),
        ("note", {"words": "x", "ticket": "V-1"}, "takes words, seen, bulk, not this"),
    ],
)
async def test_what_cannot_be_used_is_said_and_stays_in_the_form(
    database: Database, client: httpx.AsyncClient, action: str, fields: dict[str, str], words: str
) -> None:
    """Status 422, nothing done."""
    answer = await client.post(f"/exceptions/{MEDIUM}/act/{action}", data=fields)

    assert answer.status_code == 422
    assert words in answer.text
    assert all(text.strip() in answer.text for name, text in fields.items() if name != "ticket")
    assert case_of(database, MEDIUM).state is State.NEW


@pytest.mark.parametrize(
    "path",
    ["act/approve_close", "act/open", "act/nothing", "closing/close", "closing/acknowledge", "act/escalate_overdue"],
)
async def test_an_action_comes_by_its_own_door_only(database: Database, client: httpx.AsyncClient, path: str) -> None:
    """And what the program does is nobody's to ask for."""
    answer = await client.post(f"/exceptions/{MEDIUM}/{path}", data={})

    assert answer.status_code == 404
    assert case_of(database, MEDIUM).n == 1


async def test_one_decision_over_an_incident_is_taken_for_each_of_its_exceptions(
    database: Database, client: httpx.AsyncClient
) -> None:
    """One number in every history; sent twice it is the same decision; another under its number is refused."""
    recorded(
        database,
        a_finding(9_999, rule="poor_fill", venue="XBOS", cause="IOC orders at XBOS", at=at(5), sentence="Two."),
    )
    gather_all(a_queue(database), at(41))
    page = (await client.get(f"/exceptions/{MEDIUM}")).text
    form = {**hidden(page, "/act/acknowledge"), "all": "yes", "words": "an outage at XBOS"}

    done = await client.post(f"/exceptions/{MEDIUM}/act/acknowledge", data=form)
    shown = (await client.get(done.headers["location"])).text
    twice = await client.post(f"/exceptions/{MEDIUM}/act/acknowledge", data=form)
    other = await client.post(f"/exceptions/{MEDIUM}/act/acknowledge", data={**form, "words": "not an outage"})
    lacking = await client.post(f"/exceptions/{MEDIUM}/act/note", data={**form, "words": ""})
    refused = await client.post(f"/exceptions/{MEDIUM}/act/acknowledge", data={**form, "bulk": "another"})

    assert "for all exceptions of incident 1, as one decision" in page
    assert done.headers["location"] == f"/exceptions/{MEDIUM}?decided={form['bulk']}"
    assert "One decision over 2 exceptions: 2 done." in shown
    assert f"one decision with others, {form['bulk'][:8]}" in shown
    assert {case_of(database, n).state for n in (MEDIUM, 11)} == {State.ACKNOWLEDGED}
    assert [event.action for event in a_queue(database).history(11)].count(Action.ACKNOWLEDGE) == 1
    assert (twice.status_code, other.status_code, lacking.status_code, refused.status_code) == (303, 409, 422, 409)
    assert f"the bulk {form['bulk']} is pat" in other.text


async def test_an_open_page_is_told_what_has_happened_since(database: Database, client: httpx.AsyncClient) -> None:
    """By itself it asks only for that; its clocks come with it."""
    before = (await client.get(f"/exceptions/{MEDIUM}/now?seen=1")).text
    a_queue(database).act(MEDIUM, Action.ACKNOWLEDGE, SAM, Given(), at(31))

    after = (await client.get(f"/exceptions/{MEDIUM}/now?seen=1")).text
    gone = await client.get("/exceptions/99/now?seen=x")

    assert 'class="news"' not in before
    assert re.search(
        r'<p class="news" role="status">sam acknowledged this at [0-9:]{8} <a href="/exceptions/3">', after
    )
    assert "With <b>sam</b>" in after
    assert "<html" not in after
    assert gone.status_code == 404


async def test_the_page_shows_the_order_the_picture_and_who_was_touched(
    database: Database, client: httpx.AsyncClient
) -> None:
    """With thresholds beside values."""
    with_everything(database)

    page = (await client.get(f"/exceptions/{HIGH}")).text

    for words in (
        "CL-12",
        "agency",
        "at most $0.00",
        "$0.05 more",
        "executed 400 at 42.18",
        "its parent",
        "another child of its parent",
        '<svg xmlns="http://www.w3.org/2000/svg" class="picture wide"',
        'class="picture narrow"',
        f"/exceptions/{HIGH}/bundle.zip",
        "/rules/outside_nbbo",
    ):
        assert words in page
    assert page.count('id="wide-title"') == 1


async def test_the_record_to_print_holds_everything_and_no_form(database: Database, client: httpx.AsyncClient) -> None:
    """Every part open, every hash whole."""
    with_everything(database)
    await send(client, HIGH, Action.ACKNOWLEDGE, words="looking at it")

    page = (await client.get(f"/exceptions/{HIGH}/record")).text

    main = page[page.index("<main>") :]
    assert "<form" not in main
    assert re.findall(r"<details(?![^>]* open)[^>]*>", main) == []
    assert all(event.hash.hex() in main for event in a_queue(database).history(HIGH))
    assert "made for pat" in main


async def test_an_unexpected_venue_leads_to_the_register(client: httpx.AsyncClient) -> None:
    """With the venue and where one came from."""
    page = (await client.get("/exceptions/4")).text

    assert 'href="/venues?venue=XTOX&amp;from=4&amp;counterparty=alpha"' in page
    assert "/venues?" not in (await client.get("/exceptions/3")).text


async def test_the_last_ones_like_this_say_how_they_were_closed(client: httpx.AsyncClient) -> None:
    """The other slow venue of the morning."""
    await send(client, 2, Action.CLOSE, **CLOSING)

    page = (await client.get(f"/exceptions/{MEDIUM}")).text

    assert '<a href="/exceptions/2">2</a> The router did wrong; taken up with the vendor' in page
    assert "<q>mended at the source</q>" in page


async def test_each_sees_what_the_account_may(database: Database, tmp_path: Path) -> None:
    """A desk looks only; a supervisor gives work to people; an auditor's page asks for nothing by itself."""
    people = {"dee": Role.DESK, "sam": Role.SUPERVISOR, "kim": Role.COMPLIANCE, "ann": Role.AUDITOR}
    for name, role in people.items():
        an_account(database, name, role)
    app = an_app(database, tmp_path, Clock())
    pages = {}
    for name in ("dee", "sam", "ann"):
        async with a_browser(app) as browser:
            await logged_in(browser, name)
            pages[name] = (await browser.get(f"/exceptions/{MEDIUM}")).text

    assert 'class="do"' not in pages["dee"]
    assert "You may look; supervisors and compliance work on exceptions." in pages["dee"]
    assert "bundle.zip" not in pages["dee"]
    assert re.findall(r'<option value="(\w+)">\w+</option>', pages["sam"].partition('id="assign-assignee"')[2])[:2] == [
        "kim",
        "sam",
    ]
    assert "bundle.zip" in pages["sam"]
    assert "bundle.zip" in pages["ann"]
    assert ("/now?seen=" in pages["sam"], "/now?seen=" in pages["ann"]) == (True, False)


async def test_work_is_given_to_people_of_the_list_only(database: Database, tmp_path: Path) -> None:
    """By hand as by the form."""
    an_account(database, "sam", Role.SUPERVISOR)
    async with a_browser(an_app(database, tmp_path, Clock())) as browser:
        await logged_in(browser, "sam")
        page = (await browser.get(f"/exceptions/{MEDIUM}")).text
        form = hidden(page, "/act/assign")

        answer = await browser.post(f"/exceptions/{MEDIUM}/act/assign", data={**form, "assignee": "nobody"})

    assert answer.status_code == 422
    assert "To whom: nobody of that name works on exceptions; expected sam." in answer.text
    assert case_of(database, MEDIUM).assignee is None
