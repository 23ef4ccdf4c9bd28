"""Every route over a real store: what it shows, what it does, and what it refuses."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

import service.web.application
import service.web.live
from rules.reassessment import Verdict
from service.cases.given import MOST_WORDS
from service.cases.states import State
from service.store.engine import Database
from service.store.evidence import Counts, SqlEvidence
from service.web.guard import SECURITY_HEADERS
from service.web.live import Live
from tests.factories_cases import NOON, a_finding, a_look, a_queue, gather_all, looked, recorded
from tests.factories_page import MORNING, a_morning, at
from tests.page_people import an_open_app
from tests.stores import KINDS, ready_store

ORIGIN = "http://127.0.0.1:8080"
STATIC = Path(service.web.application.__file__).parent / "static"
VENDORED = {
    "htmx.min.js": "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130",
    "hx-sse.min.js": "18ef2761356ec1fe0bb6d92612315b37517a7c1e9856b661c5ae81fef239d103",
}

OURS = ("page.js", "style.css", "icon.svg", "picture.css", "exception.css", "exception.js")


@pytest.fixture
def database(database: Database) -> Database:
    """Give a store with a morning's exceptions."""
    a_morning(database)
    return database


@pytest.fixture
async def client(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """Give a browser of this machine on the page."""
    async with a_client(database) as made:
        yield made


def a_client(database: Database, **headers: str) -> httpx.AsyncClient:
    """Return a client of the page over a store."""
    app = an_open_app(database, Path("no-folder-is-read"))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN, headers={"Origin": ORIGIN, **headers})


def state_of(database: Database, case_id: int) -> State:
    """Return where the work on a case stands."""
    case = a_queue(database).case(case_id)
    assert case is not None
    return case.state


async def test_the_queue_shows_what_waits_gravest_first_and_the_acknowledged_by_their_tab(
    client: httpx.AsyncClient,
) -> None:
    """In words that a supervisor would say."""
    answer = await client.get("/")

    assert answer.status_code == 200
    numbers = [int(n) for n in re.findall(r'id="exception-(\d+)"', answer.text)]
    in_hand = await client.get("/?state=in_hand")
    assert numbers == [7, 6, 5, 4, 8, 3, 10, 9]
    assert [int(n) for n in re.findall(r'id="exception-(\d+)"', in_hand.text)] == [1, 2]
    assert "8 to look at" in answer.text
    both = (answer.text + in_hand.text).replace("&gt;", ">")
    assert all(told["sentence"].split(";")[0] in both for told in MORNING)


@pytest.mark.parametrize("kind", KINDS)
async def test_an_empty_queue_says_so_and_how_far_the_watch_has_come(kind: str, tmp_path: Path) -> None:
    """Empty and blind are told apart."""
    with ready_store(kind, tmp_path) as empty:
        async with a_client(empty) as client:
            answer = await client.get("/")

    assert "Nothing is waiting for you" in answer.text
    assert "nothing has been received yet" in answer.text


async def test_the_rows_alone_are_what_the_live_page_asks_for(client: httpx.AsyncClient) -> None:
    """A fragment, without head or header."""
    answer = await client.get("/rows")

    assert "<html" not in answer.text
    assert 'id="exception-7"' in answer.text


async def test_an_exception_shows_finding_market_messages_and_history(client: httpx.AsyncClient) -> None:
    """All that explains it, with tag names."""
    text = (await client.get("/exceptions/5")).text

    for words in (
        "outside price",
        "$42.13",
        "Bid size",
        "What to do",
        "LastMkt",
        "EDGX",
        "removed liquidity",
        "3 findings",
    ):
        assert words in text
    assert "Acknowledge</button>" in text


async def test_what_a_vendor_writes_is_shown_and_never_run(database: Database, client: httpx.AsyncClient) -> None:
    """Text of the outside world is text."""
    recorded(database, a_finding(9_999, sentence="<script>alert(1)</script>", cause="<b>venue</b>"))
    gather_all(a_queue(database))

    text = (await client.get("/")).text + (await client.get("/exceptions/11")).text

    assert "<script>alert" not in text
    assert "<b>venue" not in text


async def test_acknowledging_without_script_leads_back_to_the_exception(
    database: Database, client: httpx.AsyncClient
) -> None:
    """A form, a redirect, and the note in the history under the actor's name."""
    answer = await client.post("/exceptions/5/act/acknowledge", data={"words": " asked the vendor "})
    page = await client.get(answer.headers["location"])

    assert (answer.status_code, answer.headers["location"]) == (303, "/exceptions/5")
    assert state_of(database, 5) is State.ACKNOWLEDGED
    assert "asked the vendor" in page.text
    assert "Acknowledge</button>" not in page.text


async def test_acknowledging_twice_is_refused_in_words(client: httpx.AsyncClient) -> None:
    """Somebody was quicker: the page says who may do what."""
    await client.post("/exceptions/5/act/acknowledge", data={"words": ""})

    answer = await client.post("/exceptions/5/act/acknowledge", data={"words": "me too"})

    assert answer.status_code == 409
    assert re.search(r"Not done: exception 5 is acknowledged \(pat acknowledged at [0-9:]{8} New York on ", answer.text)
    assert re.search(r"pat may assign or note or .* or propose closing, not acknowledge it\.", answer.text)


async def test_a_note_that_is_too_long_is_refused_and_not_lost(database: Database, client: httpx.AsyncClient) -> None:
    """Nothing is done, and what was written is still in the form."""
    note = "x" * (MOST_WORDS + 1)

    answer = await client.post("/exceptions/5/act/acknowledge", data={"words": note})

    assert answer.status_code == 422
    assert "Not done: Note: it has 2,001 characters; at most 2,000 are kept." in answer.text
    assert note in answer.text
    assert state_of(database, 5) is State.NEW


@pytest.mark.parametrize("path", ["/exceptions/99", "/exceptions/x", "/exceptions/-1", "/exceptions/" + "9" * 30])
async def test_an_exception_that_does_not_exist_is_said_not_to(client: httpx.AsyncClient, path: str) -> None:
    """In words, for reading and for acting."""
    read, acted = await client.get(path), await client.post(f"{path}/act/acknowledge", data={"words": ""})

    assert (read.status_code, acted.status_code) == (404, 404)
    assert f"There is no exception {path.removeprefix('/exceptions/')}" in read.text


async def test_any_other_path_is_not_there(client: httpx.AsyncClient) -> None:
    """Neither a documentation page nor a schema, and a page of ours says so."""
    for path in ("/docs", "/openapi.json", "/static/", "/static/nothing.js"):
        answer = await client.get(path)
        assert answer.status_code == 404
        assert "There is no such page" in answer.text


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "", "http://127.0.0.1:9999"])
async def test_a_write_that_another_site_sent_is_refused(database: Database, origin: str) -> None:
    """The browser says where a form came from."""
    async with a_client(database, Origin=origin) as client:
        answer = await client.post("/exceptions/5/act/acknowledge", data={"words": ""})

    assert answer.status_code == 403
    assert state_of(database, 5) is State.NEW


async def test_a_name_that_is_not_this_machines_is_refused(database: Database) -> None:
    """Another site's name that points at the loopback must read nothing."""
    async with a_client(database, Host="evil.example:8080", Origin="http://evil.example:8080") as client:
        read = await client.get("/")
        acted = await client.post("/exceptions/5/act/acknowledge", data={"words": ""})

    assert (read.status_code, acted.status_code) == (421, 421)
    assert "INITECH" not in read.text


async def test_a_body_that_is_far_too_long_is_not_read(client: httpx.AsyncClient) -> None:
    """Nor one that does not say how long it is."""

    async def endless() -> AsyncIterator[bytes]:
        yield b"words=x"

    long = await client.post("/exceptions/5/act/acknowledge", data={"words": "x" * 100_000})
    unsaid = await client.post("/exceptions/5/act/acknowledge", content=endless())

    assert (long.status_code, unsaid.status_code) == (413, 411)


@pytest.mark.parametrize("path", ["/", "/exceptions/5", "/exceptions/99", "/static/page.js", "/nowhere"])
async def test_every_answer_carries_the_headers_that_keep_the_page_to_itself(
    client: httpx.AsyncClient, path: str
) -> None:
    """Refusals too."""
    answer = await client.get(path)

    assert {name: answer.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS


async def test_no_page_needs_an_exception_from_its_own_policy(client: httpx.AsyncClient) -> None:
    """No inline script, no inline style, nothing from elsewhere."""
    text = (await client.get("/")).text + (await client.get("/exceptions/5")).text

    assert not re.search(r"<script(?![^>]*src=)|<style|style=|\son\w+=|https?://", text)


async def test_the_stream_says_the_counts_first_and_then_what_changes(database: Database) -> None:
    """A new exception is news; so is a step of an old one."""
    live = Live(SqlEvidence(database))
    stream = live.stream()
    first, beat = await anext(stream), await anext(stream)
    recorded(database, a_finding(9_999))
    gather_all(a_queue(database), NOON)

    second = await asyncio.wait_for(anext(stream), 20)
    while '"waiting": 9' not in second:
        second = await asyncio.wait_for(anext(stream), 20)
    open_while_read = live.open
    await stream.aclose()

    steps = SqlEvidence(database).search.steps()
    assert first == f"event: queue-changed\ndata: {json.dumps({'waiting': 8, 'step': steps - 1})}\n\n"
    assert beat.startswith("event: pulse\ndata: ")
    assert second == f"event: queue-changed\ndata: {json.dumps({'waiting': 9, 'step': steps})}\n\n"
    assert (open_while_read, live.open) == (1, 0)


async def test_a_change_is_said_at_once_even_where_counting_takes_long(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten thousand open ones are counted now and then; that something happened is known by the number of its step."""
    monkeypatch.setattr(service.web.live, "SHARE", 1_000_000)
    live = Live(SqlEvidence(database))
    stream = live.stream()
    first = await anext(stream)
    recorded(database, a_finding(9_999))
    gather_all(a_queue(database), NOON)

    second = await asyncio.wait_for(anext(stream), 20)
    while second.startswith("event: pulse"):
        second = await asyncio.wait_for(anext(stream), 20)
    await stream.aclose()

    steps = SqlEvidence(database).search.steps()
    assert first == f"event: queue-changed\ndata: {json.dumps({'waiting': 8, 'step': steps - 1})}\n\n"
    assert second == f"event: queue-changed\ndata: {json.dumps({'waiting': 8, 'step': steps})}\n\n"


async def test_stopping_ends_every_stream_at_once(database: Database) -> None:
    """The server can end while pages are open."""
    live = Live(SqlEvidence(database))
    streams = [live.stream() for _ in range(3)]
    for stream in streams:
        await anext(stream)
        await anext(stream)

    live.stop()
    rest = [[event async for event in stream] for stream in streams]

    assert rest == [[], [], []]
    assert live.open == 0


async def test_many_open_pages_ask_the_store_once(database: Database) -> None:
    """Twenty screens on a wall cost what one costs."""
    evidence = CountingEvidence(database)
    live = Live(evidence)
    streams = [live.stream() for _ in range(20)]

    await asyncio.gather(*(anext(stream) for stream in streams))
    for stream in streams:
        await stream.aclose()

    assert evidence.asked == 1


class CountingEvidence(SqlEvidence):
    """The reads of the pages, counted."""

    asked = 0

    def counts(self) -> Counts:
        """Count, and read."""
        self.asked += 1
        return super().counts()


@pytest.mark.parametrize("name", sorted(VENDORED))
def test_the_vendored_scripts_are_the_ones_that_were_reviewed(name: str) -> None:
    """Nobody changes what runs in a supervisor's browser without saying so here."""
    assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == VENDORED[name]


def test_nothing_else_is_served() -> None:
    """What lies in the folder is on the page."""
    own = {
        *(
            f"{name}.css"
            for name in ("style", "picture", "exception", "queue", "rules", "people", "feeds", "report", "alerts")
        ),
        *(f"{name}.js" for name in ("page", "exception", "queue", "rules")),
        "icon.svg",
    }
    assert {path.name for path in STATIC.iterdir()} == {*VENDORED, *own}


async def test_an_uncertain_exception_is_marked_in_the_list_and_explained_on_its_page(database: Database) -> None:
    """Before the second look and after it."""
    doubtful = a_finding(900, uncertain=True, cause="venue XDBT", sentence="A doubtful wait.", dollar_harm=5 * 10**9)
    recorded(database, doubtful)
    gather_all(a_queue(database))
    async with a_client(database) as client:
        listed = (await client.get("/rows")).text
        page = (await client.get("/exceptions/11")).text
        looked(database, a_look(doubtful, Verdict.WITHDRAWN, reason="the execution was busted"))
        gather_all(a_queue(database))
        listed_after = (await client.get("/rows")).text
        page_after = (await client.get("/exceptions/11")).text

    assert '<span class="doubt" title="1 finding was made while messages were missing' in listed
    assert "It is assessed again when they have come." in page
    assert ">withdrawn</span>" in listed_after
    assert "assessed again at 04:54:20: withdrawn, because the execution was busted." in page_after
    assert "and 1 withdrawn" in page_after
    assert 'assessed again <span class="quiet">1 withdrawn</span>' in page_after
    assert state_of(database, 11) is State.NEW


async def test_exceptions_of_one_incident_are_marked_and_lead_to_each_other(
    database: Database, client: httpx.AsyncClient
) -> None:
    """An outage is one decision; nobody has to find the others himself."""
    evidence = SqlEvidence(database)
    slow = next(case for case in (*evidence.waiting(), *evidence.acknowledged()) if case.venue == "XBOS")
    sentence = "An order at XBOS ended with nothing <executed>."
    recorded(
        database,
        a_finding(9_999, rule="poor_fill", venue="XBOS", cause="IOC orders at XBOS", at=at(5), sentence=sentence),
    )
    gather_all(a_queue(database))

    rows = (await client.get("/rows")).text
    page = (await client.get("/exceptions/11")).text
    other = (await client.get(f"/exceptions/{slow.case_id}")).text

    assert rows.count('title="Part of incident 1 (venue XBOS, 2 exceptions)">incident 1<') == 2
    assert "Part of incident 1 (venue XBOS, 2 exceptions)" in page
    assert f'<a href="/exceptions/{slow.case_id}">{slow.case_id}: {slow.sentence}</a>' in page
    assert 'linked <span class="quiet">incident 1 (venue XBOS)</span>' in page
    assert '<a href="/exceptions/11">11: An order at XBOS ended with nothing &lt;executed&gt;.</a>' in other
    assert "incident" not in (await client.get("/exceptions/5")).text
