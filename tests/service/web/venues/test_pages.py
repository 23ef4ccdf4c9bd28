"""The venues over a real store: what is approved for whom, and what is proposed, ended, or left refused."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from rules.facts import Nanos
from rules.register import parse_register
from service.cases.states import Action
from service.change.doing import Decided, decide
from service.change.proposal_events import State
from service.store.engine import Database
from service.store.proposals import SqlProposals
from tests.factories_cases import a_queue
from tests.factories_change import taken_up, two_days
from tests.factories_folder import a_working_folder
from tests.page_people import a_browser, an_open_app

XTOX = {"counterparty": "demo", "venue": "XTOX"}
APPROVAL = {**XTOX, "name": "Toronto", "approved_from": "2026-11-26", "approved_until": "2026-12-31", "why": "reviewed"}


@pytest.fixture
def database(database: Database) -> Database:
    """Give a store with a register and a morning's exceptions."""
    two_days(database)
    return database


@pytest.fixture
async def client(database: Database, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Give a browser of this machine; everybody acts as pat."""
    async with a_browser(an_open_app(database, a_working_folder(tmp_path / "work"))) as made:
        yield made


def the_exception(database: Database) -> int:
    """Return the number of the exception about a venue that nobody approved."""
    queue = a_queue(database)
    cases = (queue.case(number) for number in range(1, 40))
    return next(case.case_id for case in cases if case is not None and case.key.rule == "unexpected_venue")


async def test_the_registers_in_force_are_shown_with_what_each_approval_is_for(client: httpx.AsyncClient) -> None:
    """Order types, sessions, share, document, who allowed it; and that the file differs."""
    text = (await client.get("/venues")).text

    for words in ("<b>XNYS</b>", "annex A", "limit orders; regular session", "20 %", "venues.yaml is not in force"):
        assert words in text, words


async def test_from_an_exception_a_venue_is_approved_until_a_day_by_two_people(
    client: httpx.AsyncClient, database: Database
) -> None:
    """The words name the exception; afterwards the register says who allowed it, and that it ends soon."""
    number = the_exception(database)
    page = (await client.get("/venues", params={**XTOX, "from": str(number)})).text
    of_the_case = (await client.get("/venues", params={"venue": "XTOX", "from": str(number)})).text
    of_the_only_register = (await client.get("/venues", params={"venue": "XTOX"})).text

    answer = await client.post("/venues/approve", data={**APPROVAL, "from": str(number), "order_types": ["limit"]})
    waiting = (await client.get("/venues")).text
    decide(database, 1, Decided(state=State.APPROVED, actor="sam"), Nanos(time.time_ns()))
    taken_up(database)
    after = (await client.get("/venues?counterparty=demo&venue=XTOX")).text

    assert of_the_case == page
    assert f"exception {number}: " in page
    assert "XTOX is not in the register of demo." in of_the_only_register
    assert "which is not an approved venue" in page
    assert "XTOX is not in the register of demo." in page
    assert answer.headers["location"] == "/proposals/1"
    assert "pat proposes: reviewed" in waiting
    (made,) = SqlProposals(database).standing().proposals
    (approval,) = parse_register(made.wanted.text).by_venue["XTOX"]
    assert (approval.approved_until, approval.order_types) == ("2026-12-31", ("limit",))
    assert "pat, approved by sam" in after
    assert "End it" in after


async def test_everything_that_is_wrong_is_said_at_once_and_what_was_written_is_kept(
    client: httpx.AsyncClient, database: Database
) -> None:
    """Nothing is proposed."""
    wrong = {"approved_until": "soon", "why": "", "effective": "soon", "routing_share": "much", "desks": "retail"}

    answer = await client.post("/venues/approve", data={**APPROVAL, **wrong})
    nameless = await client.post("/venues/approve", data={**APPROVAL, "name": ""})

    assert answer.status_code == 422
    for words in ("the last day is", "the routing share is", "from when on:", "no reason is given"):
        assert words in answer.text, words
    assert 'value="retail"' in answer.text
    assert "XTOX is not in the register yet: say its name, too" in nameless.text
    assert SqlProposals(database).standing().proposals == ()


async def test_the_end_of_an_approval_is_proposed(client: httpx.AsyncClient, database: Database) -> None:
    """With its last day."""
    asked = {"counterparty": "demo", "venue": "XBOS", "why": "the fees rose"}

    never = await client.post("/venues/end", data={**asked, "on": "never"})
    answer = await client.post("/venues/end", data={**asked, "on": "2026-12-31"})

    assert never.status_code == 422
    assert "the last day is &#34;never&#34;" in never.text
    assert answer.headers["location"] == "/proposals/1"
    (made,) = SqlProposals(database).standing().proposals
    assert parse_register(made.wanted.text).by_venue["XBOS"][0].approved_until == "2026-12-31"


async def test_a_venue_that_stays_refused_is_noted_on_the_exception(
    client: httpx.AsyncClient, database: Database
) -> None:
    """The work on it goes on at its own page."""
    number = the_exception(database)
    asked = {**XTOX, "from": str(number)}

    silent = await client.post("/venues/refuse", data={**asked, "why": " "})
    nameless = await client.post("/venues/refuse", data={**XTOX, "why": "never"})
    long = await client.post("/venues/refuse", data={**asked, "why": "x" * 2_000})
    answer = await client.post("/venues/refuse", data={**asked, "why": "the vendor switches it off"})

    assert [silent.status_code, nameless.status_code, long.status_code] == [422] * 3
    assert "say why it stays refused" in silent.text
    assert "the exception is not named" in nameless.text
    assert "at most 2,000 are kept" in long.text
    assert answer.headers["location"] == f"/exceptions/{number}"
    last = a_queue(database).history(number)[-1]
    assert (last.action, last.actor) == (Action.NOTE, "pat")
    assert b"XTOX stays refused for demo: the vendor switches it off" in last.body


async def test_who_allowed_which_venue_is_shown_newest_first(client: httpx.AsyncClient) -> None:
    """Of all, of one counterparty, of one venue."""
    every = (await client.get("/venues/history")).text
    one = (await client.get("/venues/history?counterparty=demo&venue=XBOS")).text
    none = (await client.get("/venues/history?venue=NONE")).text

    assert "XNYS" in every
    assert "XBOS" in one
    assert "XNYS" not in one
    assert "Nothing has been changed" in none


@pytest.mark.parametrize("path", ["/venues?counterparty=acme", "/registers/acme"])
async def test_a_counterparty_without_a_register_is_said_not_to_be_there(client: httpx.AsyncClient, path: str) -> None:
    """With its name."""
    answer = await client.get(path)

    assert answer.status_code == 404
    assert "acme" in answer.text


async def test_a_folder_that_cannot_be_read_is_said(database: Database) -> None:
    """The registers are shown all the same, whatever number an address names as the exception."""
    async with a_browser(an_open_app(database, Path("no-folder-is-read"))) as client:
        answers = [
            await client.get(f"/venues?counterparty=demo&venue=XTOX&from={one}") for one in ("x", "9" * 30, "99")
        ]

    assert all("The working folder cannot be read" in answer.text for answer in answers)
    assert all("Leave it refused" not in answer.text for answer in answers)
