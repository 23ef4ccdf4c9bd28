"""Versions and proposals over a real store: read, compared, proposed, tried on stored days, and decided by a second."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from rules.facts import SECOND, Nanos
from service.access.permissions import Role
from service.backtest.kept import STALE
from service.backtest.kept import State as TrialState
from service.change.doing import Decided, decide
from service.change.proposal_events import State
from service.store.engine import Database
from service.store.proposal_backtests import SqlProposalBacktests
from service.store.proposals import SqlProposals
from tests.factories_change import BOOK, DAYS, REGISTER, proposed, taken_up, two_days
from tests.factories_folder import a_working_folder
from tests.page_people import Clock, a_browser, an_account, an_app, an_open_app, hidden, logged_in

PATIENCE_S = 90
LOUDER = BOOK.replace("severity: high", "severity: critical")


@pytest.fixture
def database(database: Database) -> Database:
    """Give a store with two days, a rulebook and a morning's exceptions."""
    two_days(database)
    return database


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a working folder whose files are not what is in force."""
    return a_working_folder(tmp_path / "work")


@pytest.fixture
async def client(database: Database, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Give a browser of this machine; everybody acts as pat."""
    async with a_browser(an_open_app(database, folder)) as made:
        yield made


def state_of(database: Database, number: int = 1) -> State:
    """Return where a proposal stands."""
    return next(one for one in SqlProposals(database).standing().proposals if one.number == number).state


async def watched_to_its_end() -> None:
    """Wait until nobody watches over a backtest any more."""
    for watch in threading.enumerate():
        if watch.name.startswith("backtest-"):
            await asyncio.to_thread(watch.join, PATIENCE_S)


def newest_state(database: Database) -> TrialState:
    """Return where the newest backtest of the first proposal stands."""
    return SqlProposalBacktests(database).of(1, Nanos(time.time_ns()))[0].state


async def test_every_version_and_proposal_is_listed_and_the_file_that_differs(
    client: httpx.AsyncClient, database: Database
) -> None:
    """What waits first; two that are open do not merge, and the page says so."""
    proposed(database)
    proposed(database, LOUDER, actor="kim")

    text = (await client.get("/rulebooks")).text

    assert "rulebook.yaml is not in force" in text
    assert "2 proposals are open. Open proposals do not merge" in text
    assert [text.index(words) for words in ("proposal 2", "proposal 1", "in force</td>")] == sorted(
        text.index(words) for words in ("proposal 2", "proposal 1", "in force</td>")
    )


async def test_a_version_is_shown_as_text_by_its_hash(client: httpx.AsyncClient, database: Database) -> None:
    """And so is a proposal by its number, and the register."""
    made = proposed(database)

    pages = [
        await client.get("/rulebooks/in-force"),
        await client.get(f"/rulebooks/{made.based_on[:12]}"),
        await client.get("/rulebooks/proposal-1"),
        await client.get("/registers/demo/in-force"),
    ]

    assert "<code>    parameters: {at_most: 2 s}</code>" in pages[0].text
    assert pages[1].text == pages[0].text
    assert "<code>    parameters: {at_most: 5 s}</code>" in pages[2].text
    assert "compare with what is in force" in pages[2].text
    assert "approved_from: 2020-01-02" in pages[3].text


async def test_two_versions_are_compared_in_words_and_side_by_side(
    client: httpx.AsyncClient, database: Database
) -> None:
    """Of a rulebook and of a register."""
    proposed(database)

    books = (await client.get("/rulebooks/compare?old=in-force&new=proposal-1")).text
    same = (await client.get("/registers/demo/compare")).text

    assert "slow_fill.at_most: 2 s → 5 s" in books
    assert "<del>    parameters: {at_most: 2 s}</del>" in books
    assert "<ins>    parameters: {at_most: 5 s}</ins>" in books
    assert "They mean the same." in same


async def test_what_is_not_there_is_said_not_to_be(client: httpx.AsyncClient) -> None:
    """Versions, registers, proposals, backtests."""
    paths = ("/rulebooks/ffff", "/rulebooks/compare?old=ffff", "/registers/acme", "/proposals/7", "/proposals/x")
    posts = ("approve", "backtest", "backtest/cancel")

    read = [(await client.get(path)).status_code for path in paths]
    done = [(await client.post(f"/proposals/7/{path}", data={})).status_code for path in posts]

    assert read == [404] * 5
    assert done == [404] * 3


async def test_a_whole_text_is_proposed_as_it_was_written(client: httpx.AsyncClient, database: Database) -> None:
    """A browser's line ends are not the text's."""
    form = await client.get("/rulebooks/propose")
    text = LOUDER.replace("\n", "\r\n")

    answer = await client.post(
        "/rulebooks/propose", data={**hidden(form.text, "/propose"), "text": text, "why": "louder"}
    )

    assert BOOK.splitlines()[-1] in form.text
    assert answer.headers["location"] == "/proposals/1"
    assert SqlProposals(database).standing().proposals[0].wanted.text == LOUDER


async def test_the_file_of_the_working_folder_can_be_taken_into_the_form(client: httpx.AsyncClient) -> None:
    """So that a drift is ended by two people."""
    text = (await client.get("/registers/demo/propose?of=file")).text

    assert "- {venue: XNYS, name: NYSE, approved_from: 2000-01-01}" in text
    assert "annex A" not in text


async def test_a_text_that_cannot_be_is_refused_with_every_line_and_kept(
    client: httpx.AsyncClient, database: Database
) -> None:
    """Nothing is proposed."""
    text = "rules:\n  slow_fil: {}\n  poor_fill: {color: red}\n"

    answer = await client.post("/rulebooks/propose", data={"text": text, "why": "", "effective": ""})
    late = await client.post("/rulebooks/propose", data={"text": text, "why": "x", "effective": "soon"})
    long = await client.post("/rulebooks/propose", data={"text": text, "why": "x" * 2_001})

    assert [answer.status_code, late.status_code, long.status_code] == [422] * 3
    for words in ("line 2: the catalogue knows no", "line 3: poor_fill knows no", "no reason is given"):
        assert words in answer.text
    assert "poor_fill: {color: red}" in answer.text
    assert "is no time" in late.text
    assert "at most 2,000 are kept" in long.text
    assert SqlProposals(database).standing().proposals == ()


async def test_a_folder_that_cannot_be_read_is_said(database: Database) -> None:
    """The versions are shown all the same."""
    async with a_browser(an_open_app(database, Path("no-folder-is-read"))) as client:
        text = (await client.get("/rulebooks")).text

    assert "The working folder cannot be read" in text
    assert "in force" in text


async def test_the_proposer_withdraws_and_cannot_approve(client: httpx.AsyncClient, database: Database) -> None:
    """It is not offered, and refused all the same."""
    proposed(database)
    page = (await client.get("/proposals/1")).text

    refused = await client.post("/proposals/1/approve", data={"why": "it is mine"})
    withdrawn = await client.post("/proposals/1/withdraw", data={"why": "not yet"})

    assert "Withdraw it as pat" in page
    assert "/proposals/1/approve" not in page
    assert "anybody but pat" in page
    assert refused.status_code == 409
    assert "cannot be the one by whom it is approved" in refused.text
    assert "it is mine" in refused.text
    assert withdrawn.headers["location"] == "/proposals/1"
    assert state_of(database) is State.WITHDRAWN


async def test_a_second_person_approves_and_the_daemon_takes_it_up(
    client: httpx.AsyncClient, database: Database
) -> None:
    """Without a backtest, which is said before and after."""
    proposed(database, actor="sam")
    before = (await client.get("/proposals/1")).text

    answer = await client.post("/proposals/1/approve", data={"why": "agreed"})
    approved = (await client.get("/proposals/1")).text

    assert "Nobody has run a backtest of this proposal" in before
    assert "slow_fill.at_most: 2 s → 5 s" in before
    assert answer.status_code == 303
    assert "Refuse it after all" in approved
    assert taken_up(database) == 1
    after = (await client.get("/proposals/1")).text
    assert "without a backtest" in after
    assert "came into force" in after


async def test_a_refusal_needs_words(client: httpx.AsyncClient, database: Database) -> None:
    """They are in the record."""
    proposed(database, actor="sam")

    silent = await client.post("/proposals/1/refuse", data={"why": " "})
    spoken = await client.post("/proposals/1/refuse", data={"why": "the desk does not agree"})

    assert silent.status_code == 409
    assert "no reason is given; say why it is refused" in silent.text
    assert spoken.status_code == 303
    assert "the desk does not agree" in (await client.get("/proposals/1")).text


async def test_a_proposal_that_was_overtaken_says_so(client: httpx.AsyncClient, database: Database) -> None:
    """It must be made again on top of what is in force."""
    proposed(database, actor="sam")
    other = proposed(database, LOUDER, actor="kim")
    beside = (await client.get("/proposals/1")).text
    decide(database, other.number, Decided(state=State.APPROVED, actor="sam"), Nanos(time.time_ns()))
    taken_up(database)

    text = (await client.get("/proposals/1")).text

    assert "Open proposals do not merge" in beside
    assert "it cannot be approved any more" in re.sub(r"\s+", " ", text)


async def test_a_backtest_runs_apart_and_is_kept_with_the_proposal(
    client: httpx.AsyncClient, database: Database
) -> None:
    """Whoever decides must have seen the newest, and its digest is in the record of the decision."""
    proposed(database, actor="sam")
    nothing = await client.post("/proposals/1/backtest", data={"day": ["2001-01-01"]})

    begun = await client.post("/proposals/1/backtest", data={"day": list(DAYS)})
    second = await client.post("/proposals/1/backtest", data={"day": list(DAYS)})
    await watched_to_its_end()
    page = (await client.get("/proposals/1")).text

    assert "choose at least one day" in nothing.text
    assert begun.status_code == 303
    assert "a backtest of proposal 1 is running, asked for by pat" in second.text
    assert "slow_fill" in page
    assert "2013-10-07 and 2013-10-08" in page
    assert "A marketable order in IBM waited" in page
    assert 'href="/exceptions/' in page
    (kept,) = SqlProposalBacktests(database).of(1, Nanos(time.time_ns()))
    assert kept.digest is not None
    unseen = await client.post("/proposals/1/approve", data={"why": "agreed", "backtest": ""})
    seen = await client.post("/proposals/1/approve", data={"why": "agreed", "backtest": kept.digest})
    assert (unseen.status_code, seen.status_code) == (409, 303)
    assert "a backtest came in since you looked" in unseen.text
    assert SqlProposals(database).standing().proposals[0].history[-1].backtest == kept.digest
    assert kept.digest[:12] in (await client.get("/proposals/1")).text
    over = await client.post("/proposals/1/withdraw", data={})
    assert over.status_code == 409


async def test_a_backtest_can_be_cancelled_and_then_another_runs(client: httpx.AsyncClient, database: Database) -> None:
    """Its process ends with it."""
    proposed(database, actor="sam")
    await client.post("/proposals/1/backtest", data={"day": list(DAYS)})
    running = (await client.get("/proposals/1")).text

    answer = await client.post("/proposals/1/backtest/cancel")
    page = (await client.get("/proposals/1")).text
    again = await client.post("/proposals/1/backtest", data={"day": list(DAYS)})

    assert "0 of 2 days judged" in running
    assert answer.status_code == 303
    assert "came to nothing: cancelled by pat" in page
    assert again.status_code == 303
    await watched_to_its_end()
    assert newest_state(database) is TrialState.DONE


async def test_a_backtest_whose_page_ended_is_broken_off(client: httpx.AsyncClient, database: Database) -> None:
    """It holds up no other one."""
    proposed(database, actor="sam")
    other = proposed(database, LOUDER, actor="kim")
    kept, now = SqlProposalBacktests(database), Nanos(time.time_ns())
    kept.begin(1, DAYS, "pat", now)
    beside = (await client.get(f"/proposals/{other.number}")).text

    later = Nanos(now + STALE + SECOND)

    assert 'A backtest of <a href="/proposals/1">proposal 1</a> is running' in beside
    assert kept.of(1, later)[0].state is TrialState.BROKEN_OFF
    assert kept.running(later) is None
    assert kept.begin(2, DAYS, "pat", later)[1] is True


async def test_a_text_that_cannot_be_judged_any_more_is_said(client: httpx.AsyncClient, database: Database) -> None:
    """The process answers with problems instead of an outcome."""
    proposed(database, actor="sam")
    kept, now = SqlProposalBacktests(database), Nanos(time.time_ns())
    one, _ = kept.begin(1, DAYS, "pat", now)
    kept.end(one.seq, TrialState.FAILED, now, why="line 1: it cannot be read")

    assert "failed: line 1: it cannot be read" in (await client.get("/proposals/1")).text


async def test_with_accounts_the_page_names_who_may_approve(database: Database, folder: Path) -> None:
    """And offers a decision to nobody else."""
    an_account(database, "Pat Jones", Role.SUPERVISOR)
    an_account(database, "sam", Role.COMPLIANCE)
    an_account(database, "dan", Role.DESK)
    proposed(database, actor="Pat Jones")
    app = an_app(database, folder, Clock())
    told = {}
    for name in ("Pat Jones", "sam", "dan"):
        async with a_browser(app) as browser:
            await logged_in(browser, name)
            told[name] = (await browser.get("/proposals/1")).text

    assert all("<dt>May approve</dt><dd>sam</dd>" in text for text in told.values())
    assert "Withdraw it as Pat Jones" in told["Pat Jones"]
    assert "Approve as sam" in told["sam"]
    assert "Run the backtest" not in told["dan"]
    assert "Your decision" not in told["dan"]


async def test_a_register_is_proposed_whole(client: httpx.AsyncClient, database: Database) -> None:
    """What it changes is said venue by venue; there is no backtest of it."""
    text = REGISTER + "- {venue: MEMX, name: MEMX, approved_from: 2026-12-01}\n"

    answer = await client.post("/registers/demo/propose", data={"text": text, "why": "annex B"})
    page = (await client.get(answer.headers["location"])).text
    trial = await client.post("/proposals/1/backtest", data={"day": list(DAYS)})

    assert "MEMX: approved from 2026-12-01" in page
    assert "Backtest" not in page
    assert trial.status_code == 404
    assert "demo" in (await client.get("/registers/demo")).text
