"""Rulebooks, registers, proposals and venues over the API: by two people, as at the pages."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.access.permissions import Role
from service.store.engine import Database
from tests.api_programs import As
from tests.factories_change import BOOK, DAYS, taken_up, two_days
from tests.page_people import an_account
from tests.stores import ready_store

SLOWER = BOOK.replace("2 s", "5 s")
VENUE = {"counterparty": "alpha", "venue": "XTOX", "name": "Toxic", "approved_from": "2026-11-20", "why": "agreed"}


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a store with two days under a rulebook and a register once, for each test to copy."""
    folder = tmp_path_factory.mktemp("days")
    with ready_store("sqlite", folder) as made:
        two_days(made)
        an_account(made, "pat", Role.SUPERVISOR)
        an_account(made, "kim", Role.COMPLIANCE)
        an_account(made, "desk", Role.DESK)
    return folder / "sorwatch.db"


@pytest.fixture
def database(days: Path, tmp_path: Path) -> Iterator[Database]:
    """Give a store of its own."""
    shutil.copy(days, tmp_path / "sorwatch.db")
    with Database(f"sqlite:///{tmp_path / 'sorwatch.db'}") as mine:
        yield mine


def party(database: Database) -> str:
    """Return the counterparty that has a register."""
    with database.reading() as connection:
        found = connection.exec_driver_sql("SELECT name FROM versions WHERE kind = 'register'").scalar_one()
    return str(found)


async def test_a_rulebook_is_proposed_compared_approved_by_another_and_listed(as_: As, database: Database) -> None:
    """Who proposed it cannot approve it; the daemon puts it in force."""
    async with as_("pat") as pat, as_("kim") as kim:
        made = await pat.post("/rulebooks/proposals", json={"text": SLOWER, "why": "desk review 12"})
        number = made.json()["number"]
        told = (await pat.get(f"/proposals/{number}")).json()
        between = (await pat.get("/rulebooks/differences", params={"new": f"proposal-{number}"})).json()
        own = await pat.post(f"/proposals/{number}/decision", json={"decision": "approved"})
        approved = await kim.post(f"/proposals/{number}/decision", json={"decision": "approved", "why": "seen"})
        taken_up(database)
        listed = (await kim.get("/rulebooks")).json()["versions"]
        text = (await kim.get("/rulebooks/in-force")).json()
        late = await kim.post(f"/proposals/{number}/decision", json={"decision": "refused", "why": "late"})

    assert (made.status_code, told["text"], told["state"]) == (201, SLOWER, "proposed")
    assert told["differences"] == between["differences"] != []
    assert (own.status_code, approved.status_code, late.status_code) == (403, 200, 409)
    assert [step["actor"] for step in approved.json()["history"]] == ["pat", "kim"]
    assert [(row["state"], row["approver"]) for row in listed][-1] == ("in force", "kim")
    assert (text["text"], text["proposal"]) == (SLOWER, number)


async def test_what_stands_against_a_proposal_is_said_all_at_once(as_: As) -> None:
    """A text that cannot be read, a reason that is not there, a time that is none."""
    async with as_("pat") as pat:
        unread = await pat.post("/rulebooks/proposals", json={"text": "rules: {no_rule: {}}", "why": " "})
        no_time = await pat.post("/rulebooks/proposals", json={"text": SLOWER, "why": "w", "effective": "soon"})
        missing = [await pat.get(path) for path in ("/rulebooks/abcdef", "/registers/nobody", "/proposals/99")]

    assert (unread.status_code, len(unread.json()["problems"])) == (409, 2)
    assert (no_time.status_code, no_time.json()["problems"][0]["where"]) == (422, "body.effective")
    assert [answer.status_code for answer in missing] == [404, 404, 404]


async def test_a_proposal_is_withdrawn_by_who_made_it_and_refused_by_others(as_: As) -> None:
    """With the reason."""
    async with as_("pat") as pat, as_("kim") as kim:
        first = (await pat.post("/rulebooks/proposals", json={"text": SLOWER, "why": "w"})).json()["number"]
        withdrawn = await pat.post(f"/proposals/{first}/withdrawal", json={"why": "mistyped"})
        second = (await pat.post("/rulebooks/proposals", json={"text": SLOWER, "why": "w"})).json()["number"]
        refused = await kim.post(f"/proposals/{second}/decision", json={"decision": "refused", "why": "too slow"})
        listed = (await kim.get("/proposals")).json()["proposals"]

    assert (withdrawn.json()["state"], refused.json()["state"]) == ("withdrawn", "refused")
    assert [one["state"] for one in listed] == ["withdrawn", "refused"]


async def test_a_proposal_is_tried_on_stored_days_and_one_backtest_runs_at_a_time(as_: As) -> None:
    """It can be cancelled, and a day that is not stored is said so."""
    async with as_("pat") as pat:
        number = (await pat.post("/rulebooks/proposals", json={"text": SLOWER, "why": "w"})).json()["number"]
        no_day = await pat.post(f"/proposals/{number}/backtests", json={"days": ["2001-01-02"]})
        begun = await pat.post(f"/proposals/{number}/backtests", json={"days": [DAYS[0]]})
        second = await pat.post(f"/proposals/{number}/backtests", json={"days": [DAYS[0]]})
        cancelled = await pat.post(f"/proposals/{number}/backtests/cancel")
        none = await pat.post(f"/proposals/{number}/backtests/cancel")
        told = (await pat.get(f"/proposals/{number}")).json()["backtests"]
    for watch in threading.enumerate():
        if watch.name.startswith("backtest-"):
            watch.join(90)

    assert [one.status_code for one in (no_day, begun, second, cancelled, none)] == [409, 201, 409, 200, 404]
    assert (begun.json()["state"], begun.json()["days"]) == ("running", [DAYS[0]])
    assert told == [cancelled.json()]
    assert cancelled.json()["state"] == "cancelled"


async def test_a_venue_is_approved_from_a_day_and_ended_by_two_people(as_: As, database: Database) -> None:
    """Each is a proposal of the register; in force it stands in the list with who made it so."""
    name = party(database)
    wanted = {**VENUE, "counterparty": name, "approved_from": "2020-01-02"}
    async with as_("pat") as pat, as_("kim") as kim:
        made = await pat.post("/venues/approvals", json=wanted)
        await kim.post(f"/proposals/{made.json()['number']}/decision", json={"decision": "approved"})
        taken_up(database)
        venues = (await pat.get("/venues", params={"counterparty": name})).json()["venues"]
        changes = (await pat.get("/venues/history", params={"venue": "XNYS"})).json()["changes"]
        texts = (await pat.get(f"/registers/{name}")).json()["versions"]
        same = (await pat.get(f"/registers/{name}/differences")).json()
        text = (await pat.get(f"/registers/{name}/in-force")).json()["text"]
        ended = await pat.post(
            "/venues/endings", json={"counterparty": name, "venue": "XTOX", "on": "2026-11-20", "why": "closed"}
        )
        whole = await pat.post(f"/registers/{name}/proposals", json={"text": text + "\n# x\n", "why": "tidier"})

    mine = next(one for one in venues if one["venue"] == "XTOX")
    assert (mine["name"], mine["proposer"], mine["approver"]) == ("Toxic", "pat", "kim")
    assert [(one["counterparty"], one["words"]) for one in changes] == [
        (name, "approved from 2000-01-01; document annex A")
    ]
    assert (len(texts), same["differences"]) == (2, [])
    assert "XTOX" in text
    assert (ended.status_code, whole.status_code) == (201, 201)


async def test_a_venue_that_cannot_be_approved_or_ended_is_refused_in_words(as_: As, database: Database) -> None:
    """A day that is none, an end before the beginning, a counterparty without a register."""
    name = party(database)
    wanted = {**VENUE, "counterparty": name}
    ending = {"counterparty": name, "venue": "XBOS", "on": "2026-02-30", "why": "closed"}
    async with as_("pat") as pat:
        answers = [
            await pat.post("/venues/approvals", json={**wanted, "approved_from": "2026-02-30"}),
            await pat.post("/venues/approvals", json={**wanted, "approved_until": "2026-11-19"}),
            await pat.post("/venues/approvals", json={**wanted, "counterparty": "nobody"}),
            await pat.post("/venues/endings", json=ending),
        ]

    assert [answer.status_code for answer in answers] == [422, 409, 409, 422]


async def test_who_only_looks_proposes_nothing(as_: As) -> None:
    """Reading is open."""
    async with as_("desk") as desk:
        answers = [
            await desk.post("/rulebooks/proposals", json={"text": SLOWER, "why": "w"}),
            await desk.post("/venues/approvals", json=VENUE),
            await desk.get("/rulebooks"),
        ]

    assert [answer.status_code for answer in answers] == [403, 403, 200]
