"""The routes of the queue over a real store: what is asked, decided, exported and kept."""

from __future__ import annotations

import csv
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from service.access.permissions import Role
from service.access.trail import Deed
from service.cases.states import Action, State
from service.cases.wanted import Wanted, written
from service.store.case_book import CHUNK
from service.store.engine import Database
from service.store.trail import SqlTrail
from service.web.queue.decision import print_of
from service.web.queue.sheet import HEADS
from tests.factories_cases import a_finding, a_queue, gather_all, recorded
from tests.factories_page import a_morning
from tests.page_people import Clock, a_browser, an_account, an_app, an_open_app, logged_in
from tests.stores import ready_store

FOLDER = Path("no-folder-is-read")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Give a store with a morning's exceptions."""
    with ready_store("sqlite", tmp_path) as made:
        a_morning(made)
        yield made


@pytest.fixture
async def client(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """Give a browser on the page without a login."""
    async with a_browser(an_open_app(database, FOLDER)) as made:
        yield made


def shown(text: str) -> list[int]:
    """Return the exceptions of a page, in their order."""
    return [int(n) for n in re.findall(r'<tr id="exception-(\d+)"', text)]


def states(database: Database, *numbers: int) -> set[State]:
    """Return in which states these exceptions are."""
    found = (a_queue(database).case(number) for number in numbers)
    return {case.state for case in found if case is not None}


def many(database: Database, count: int) -> list[int]:
    """Add so many medium exceptions of the symbol MANY; return their numbers."""
    recorded(database, *(a_finding(1_000 + n, cause=f"cause {n}", symbol="MANY") for n in range(count)))
    gather_all(a_queue(database))
    return list(range(11, 11 + count))


async def test_a_filter_of_the_address_is_shown_in_words_and_can_be_taken_away(client: httpx.AsyncClient) -> None:
    """The chips and the form say what is set."""
    page = (await client.get("/?severity=high&venue=XTOX&text=globex")).text

    assert len(shown(page)) == 1
    assert "Shown are: high at venue XTOX with “globex”." in page
    assert 'href="/?severity=high&amp;text=globex"' in page
    assert '<option value="XTOX" selected>' in page


async def test_a_filter_that_means_nothing_is_refused_in_words(client: httpx.AsyncClient) -> None:
    """All problems at once, over the whole list."""
    answer = await client.get("/?severity=grave&colour=red")

    assert answer.status_code == 422
    assert answer.text.count('class="refusal"') == 2
    assert len(shown(answer.text)) == 8


async def test_a_long_list_is_shown_by_pages(database: Database, client: httpx.AsyncClient) -> None:
    """Each leads to the next, and none is shown twice."""
    many(database, 210)
    first = (await client.get("/")).text
    (more,) = re.findall(r'rel="next" href="([^"]+)"', first)
    second = (await client.get(more.replace("&amp;", "&"))).text

    assert "<b>218</b> exceptions" in first
    assert len(shown(first)) == 200
    assert len({*shown(first), *shown(second)}) == 218
    assert 'rel="next"' not in second


async def test_the_sheet_holds_exactly_what_is_shown_and_the_access_log_says_who_took_it(
    database: Database, client: httpx.AsyncClient
) -> None:
    """The same filter and order, all pages of it."""
    many(database, 210)
    query = "order=newest&severity=medium"

    page, answer = await client.get(f"/?{query}"), await client.get(f"/exceptions.csv?{query}")

    lines = list(csv.DictReader(answer.text.splitlines()))
    assert [int(line["exception"]) for line in lines][:200] == shown(page.text)
    assert len(lines) == 212
    assert list(lines[0]) == list(HEADS)
    (entry,) = [entry for entry in SqlTrail(database).newest() if entry.deed is Deed.EXPORTED]
    assert (entry.actor, entry.words) == ("pat", "exceptions as CSV: severity=medium&order=newest")
    assert (await client.get("/exceptions.csv?order=luck")).status_code == 422


async def test_views_are_kept_for_oneself_or_for_the_firm_and_deleted_by_their_owner(database: Database) -> None:
    """A view is a question under a name."""
    app = an_app(database, FOLDER, Clock())
    for name in ("pat", "sam"):
        an_account(database, name, Role.SUPERVISOR)
    async with a_browser(app) as pat, a_browser(app) as sam:
        form, theirs = [await csrf(browser, name) for browser, name in ((pat, "pat"), (sam, "sam"))]
        for name, share in (("mine", ""), ("ours", "1")):
            told = {"csrf": form, "query": "venue=XTOX", "name": name, "share": share}
            kept = await pat.post("/views", data=told)
            assert (kept.status_code, kept.headers["location"]) == (303, "/?venue=XTOX")
        seen = (await sam.get("/")).text
        await sam.post("/views/2/forget", data={"csrf": theirs})
        still = (await pat.get("/")).text
        await pat.post("/views/2/forget", data={"csrf": form})
        gone = (await pat.get("/")).text
        unnamed = await pat.post("/views", data={"csrf": form, "query": "", "name": " "})
        wrong = await pat.post("/views", data={"csrf": form, "query": "order=luck", "name": "x"})

    assert (">ours</a>" in seen, ">mine</a>" in seen) == (True, False)
    assert (">ours</a>" in still, ">ours</a>" in gone, ">mine</a>" in gone) == (True, False, True)
    assert (unnamed.status_code, wrong.status_code) == (422, 422)


async def csrf(browser: httpx.AsyncClient, name: str) -> str:
    """Log somebody in; return what the forms carry."""
    answer = await logged_in(browser, name)
    page = await browser.get(answer.headers["location"])
    return re.findall(r'name="csrf" value="([^"]+)"', page.text)[0]


async def test_one_exception_is_decided_by_its_form_without_a_script(
    database: Database, client: httpx.AsyncClient
) -> None:
    """Choose, write, send: and back to the list that one came from."""
    asks = await client.get("/decide?action=shelve&case=5&query=severity%3Dhigh")
    sent = await client.post(
        "/decide", data={"action": "shelve", "case": "5", "until": "2 h", "words": "known", "query": "severity=high"}
    )

    assert "Shelve exception 5" in asks.text
    assert (sent.status_code, sent.headers["location"]) == (303, "/?severity=high")
    assert states(database, 5) == {State.SHELVED}


async def test_what_is_missing_or_refused_is_said_on_the_form_with_what_was_written(
    database: Database, client: httpx.AsyncClient
) -> None:
    """Nothing is done, and nothing is written twice."""
    no_time = await client.post("/decide", data={"action": "shelve", "case": "5", "until": "soon", "words": "my words"})
    no_reason = await client.post("/decide", data={"action": "close", "case": ["3", "8"], "words": "my words"})
    too_early = await client.post(
        "/decide", data={"action": "close", "case": "5", "reason": "duplicate", "words": "my words"}
    )
    nothing = await client.post("/decide", data={"action": "acknowledge"})
    unknown = await client.post("/decide", data={"action": "open", "case": "5"})
    nobody = await client.post("/decide", data={"action": "acknowledge", "case": "999"})

    assert [one.status_code for one in (no_time, no_reason, too_early, nothing, unknown, nobody)] == [
        *(422, 422, 409, 422, 404, 409),
    ]
    assert "is no time" in no_time.text
    assert "needs one of the reasons" in no_reason.text
    assert "Not done: exception 5 is new" in too_early.text
    assert all("my words</textarea>" in one.text for one in (no_time, no_reason, too_early))
    assert "No exception is selected" in nothing.text
    assert "There is no exception 999" in nobody.text
    assert states(database, 3, 5, 8) == {State.NEW}


async def test_the_second_of_two_is_told_who_was_first(database: Database, client: httpx.AsyncClient) -> None:
    """What was seen goes with the decision over one."""
    await client.post("/decide", data={"action": "acknowledge", "case": "5", "seen": "1"})
    async with a_browser(an_app(database, FOLDER, Clock())) as other:
        an_account(database, "sam", Role.SUPERVISOR)
        form = await csrf(other, "sam")
        late = await other.post("/decide", data={"csrf": form, "action": "escalate", "case": "5", "seen": "1"})

    assert late.status_code == 409
    assert "pat acknowledged" in late.text


async def test_a_closing_of_many_is_proposed_for_the_grave_and_done_for_the_others(
    database: Database, client: httpx.AsyncClient
) -> None:
    """One reason; each exception is judged by itself, and what was refused is listed in words."""
    await client.post("/decide", data={"action": "acknowledge", "case": ["3", "5", "8"]})
    told = {"action": "close", "reason": "duplicate", "words": "all of one", "case": ["3", "5", "8", "4"], "part": "1"}

    done = (await client.post("/decide", data=told)).json()

    assert (states(database, 3, 8), states(database, 5), states(database, 4)) == (
        *({State.CLOSED}, {State.IN_REVIEW}),
        {State.NEW},
    )
    assert done["words"] == "closed 2; proposed to close 1, 1 refused"
    refused = (await client.get(done["where"])).text
    assert "exception 4 is new" in refused
    events = [a_queue(database).history(number)[-1] for number in (3, 8)]
    assert [event.action for event in events] == [Action.CLOSE, Action.CLOSE]
    assert len({re.search(rb'"bulk":"([^"]+)"', event.body)[1] for event in events}) == 1  # type: ignore[index]


async def test_a_decision_over_all_that_match_goes_by_what_was_seen(
    database: Database, client: httpx.AsyncClient
) -> None:
    """Another set by now is refused; a large one goes on chunk by chunk, and is offered until it is through."""
    numbers = many(database, CHUNK + 50)
    query = written(Wanted(symbols=("MANY",)))
    asks = (await client.get("/decide", params={"action": "acknowledge", "all": "1", "query": query})).text
    told = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', asks))
    recorded(database, a_finding(5_000, cause="one more", symbol="MANY"))
    gather_all(a_queue(database))
    other = await client.post("/decide", data=told)
    set_now = print_of([*numbers, numbers[-1] + 1])

    begun = await client.post("/decide", data={**told, "print": set_now})
    twice = await client.post("/decide", data={**told, "print": set_now})
    offered = (await client.get("/")).text
    where = begun.headers["location"]
    first = await client.post(f"{where}/go-on", data={"part": "1"})
    second = await client.post(f"{where}/go-on")

    assert told["print"] == print_of(numbers)
    assert (other.status_code, "Other exceptions match by now, 251 of them" in other.text) == (409, True)
    assert begun.headers["location"] == twice.headers["location"]
    assert "came as far as 0." in offered
    assert first.json() == {"words": "acknowledge: 200 of 251", "finished": False, "refused": 0}
    assert second.status_code == 303
    assert states(database, *numbers) == {State.ACKNOWLEDGED}
    assert "Go on" not in (await client.get("/")).text


async def test_who_did_not_begin_a_decision_does_not_go_on_with_it(
    database: Database, client: httpx.AsyncClient
) -> None:
    """It would go on under another's name."""
    numbers = many(database, CHUNK + 1)
    begun = await client.post("/decide", data={"action": "acknowledge", "case": numbers})
    where = begun.headers["location"]
    an_account(database, "sam", Role.SUPERVISOR)
    async with a_browser(an_app(database, FOLDER, Clock())) as other:
        form = await csrf(other, "sam")
        tried = await other.post(f"{where}/go-on", data={"csrf": form})
        page = (await other.get("/")).text
        lost = await other.post("/bulks/none/go-on", data={"csrf": form})

    assert tried.status_code == 403
    assert "pat may go on with it." in page
    assert (lost.status_code, (await client.get("/bulks/none")).status_code) == (404, 404)
    assert states(database, *numbers) == {State.NEW}


async def test_shelved_and_closed_ones_are_found_with_what_hid_them(
    database: Database, client: httpx.AsyncClient
) -> None:
    """By their tabs."""
    for told in (
        {"action": "shelve", "case": "5", "until": "2 h", "words": "known"},
        {"action": "close", "case": "1", "reason": "duplicate", "words": "see 2"},
    ):
        await client.post("/decide", data=told)
    shelved, closed = [(await client.get(f"/?state={state}")).text for state in ("shelved", "in_review")]

    assert shown(shelved) == [5]
    assert "back in 2 h" in shelved
    assert "closing proposed by pat: Dealt with under another exception" in closed
