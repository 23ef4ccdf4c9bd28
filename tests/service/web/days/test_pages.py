"""The pages about days over a real store: what they show, what is signed, and what is refused."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from service.statements.chain import Kind
from service.store.engine import Database
from service.store.statements import SqlStatements
from tests.factories_folder import SETTINGS, a_working_folder
from tests.factories_recorded import ROAD_DAY, admin, record_all, trade
from tests.factories_road import versions
from tests.page_people import an_open_app
from tests.servers import free_port
from tests.stores import lay_tables

ORIGIN = "http://127.0.0.1:8080"
GAPPED = [admin(1, 0, "A"), trade(2), trade(3), *(trade(number) for number in range(6, 9))]
COMMENT = "the vendor resends tonight"


@pytest.fixture
def database(database: Database) -> Database:
    """Give a store with a day that misses two messages."""
    record_all(database, GAPPED)
    return database


@pytest.fixture
async def client(database: Database, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Give a browser of this machine on the pages, with a sound working folder behind them."""
    folder = a_working_folder(tmp_path / "work", settings=f"{SETTINGS}[http]\nport = {free_port()}\n")
    async with a_client(database, folder) as made:
        yield made


def a_client(database: Database, folder: Path, **headers: str) -> httpx.AsyncClient:
    """Return a client of the pages over a store and a working folder."""
    app = an_open_app(database, folder)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN, headers={"Origin": ORIGIN, **headers})


async def shown_of(client: httpx.AsyncClient, path: str) -> str:
    """Return what tells a page as it was shown from another."""
    found = re.search(r'name="shown" value="(\w+)"', (await client.get(path)).text)
    assert found is not None
    return found[1]


def kinds(database: Database) -> list[str]:
    """Return the kinds of all statements of the day."""
    return [one.kind.value for one in SqlStatements(database).of_day(ROAD_DAY)]


async def test_a_day_is_certified_on_demand_and_shows_what_is_missing(
    client: httpx.AsyncClient, database: Database
) -> None:
    """Under the name of the page's actor; then the list has it."""
    before = (await client.get(f"/days/{ROAD_DAY}")).text

    answer = await client.post(f"/days/{ROAD_DAY}/certify")
    page, days = (await client.get(answer.headers["location"])).text, (await client.get("/days")).text

    assert "no certificate yet" in before
    assert (answer.status_code, answer.headers["location"]) == (303, f"/days/{ROAD_DAY}")
    assert "2 numbers never came (open): 4-5" in page
    assert "no source of our own orders is in force for demo" in page
    assert "Monday, October 7, 2013" in page
    assert f'id="day-{ROAD_DAY}"' in days
    assert "not complete" in days
    (statement,) = SqlStatements(database).of_day(ROAD_DAY)
    assert (statement.actor, statement.state) == ("pat", "red")


async def test_the_close_of_a_day_is_signed_as_it_was_shown(client: httpx.AsyncClient, database: Database) -> None:
    """With a comment, for the day is not complete."""
    await client.post(f"/days/{ROAD_DAY}/certify")
    shown = await shown_of(client, f"/days/{ROAD_DAY}")

    answer = await client.post(f"/days/{ROAD_DAY}/sign", data={"shown": shown, "comment": f" {COMMENT} "})
    page, days = (await client.get(answer.headers["location"])).text, (await client.get("/days")).text

    assert answer.status_code == 303
    assert kinds(database) == ["completeness", "close_of_day", "signature"]
    assert "Of 5 executions reported for trade date 2013-10-07" in page
    assert COMMENT in page
    assert "by pat" in days
    assert SqlStatements(database).verify() == (3, None)


async def test_a_close_that_changed_meanwhile_is_not_signed(client: httpx.AsyncClient, database: Database) -> None:
    """What is signed is what was seen; the comment is not lost."""
    shown = await shown_of(client, f"/days/{ROAD_DAY}")
    await client.post(f"/days/{ROAD_DAY}/certify")

    answer = await client.post(f"/days/{ROAD_DAY}/sign", data={"shown": shown, "comment": COMMENT})

    assert answer.status_code == 409
    assert "Not signed: it has changed since you saw it; look at it again." in answer.text
    assert COMMENT in answer.text
    assert kinds(database) == ["completeness"]


async def test_a_day_that_is_not_complete_is_not_signed_without_a_word(
    client: httpx.AsyncClient, database: Database
) -> None:
    """Whoever signs says why."""
    shown = await shown_of(client, f"/days/{ROAD_DAY}")

    answer = await client.post(f"/days/{ROAD_DAY}/sign", data={"shown": shown, "comment": " "})

    assert answer.status_code == 409
    assert "Not signed: not everything is well; say in a comment why it is signed all the same." in answer.text
    assert kinds(database) == []


async def test_the_start_of_the_day_is_shown_and_signed(client: httpx.AsyncClient, database: Database) -> None:
    """The daemon does not run here: that fails, and is signed with a reason."""
    page = (await client.get("/readiness")).text
    shown = await shown_of(client, "/readiness")

    silent = await client.post("/readiness/sign", data={"shown": shown, "comment": ""})
    signed = await client.post("/readiness/sign", data={"shown": shown, "comment": COMMENT})
    after = (await client.get("/readiness")).text

    assert "not ready" in page
    assert "does not answer" in page
    assert (silent.status_code, signed.status_code) == (409, 303)
    assert "Signed today" in after
    assert COMMENT in after
    assert SqlStatements(database).verify() == (2, None)


async def test_a_readiness_that_is_not_what_the_page_said_is_not_signed(client: httpx.AsyncClient) -> None:
    """It is looked at again when it is signed."""
    answer = await client.post("/readiness/sign", data={"shown": "other", "comment": COMMENT})

    assert answer.status_code == 409
    assert "it has changed since you saw it" in answer.text


async def test_a_working_folder_that_is_not_sound_is_a_line_of_the_start_of_the_day(
    database: Database, tmp_path: Path
) -> None:
    """The pages stay; the day shows the sessions that the store knows of."""
    async with a_client(database, tmp_path / "nowhere") as client:
        ready, day = (await client.get("/readiness")).text, (await client.get(f"/days/{ROAD_DAY}")).text

    assert "fix_configs/: no counterparty" in ready
    assert "no certificate yet" in day


@pytest.mark.parametrize("day", ["2013-13-40", "x", "2013-1-1x"])
async def test_a_day_that_is_no_date_is_said_not_to_be_there(client: httpx.AsyncClient, day: str) -> None:
    """For reading and for acting."""
    answers = [
        await client.get(f"/days/{day}"),
        await client.post(f"/days/{day}/certify"),
        await client.post(f"/days/{day}/sign", data={"shown": "", "comment": ""}),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert f"There is no day {day}" in answers[0].text


async def test_a_signature_that_another_site_sent_is_refused(database: Database, tmp_path: Path) -> None:
    """The same doorkeeper as for acknowledgements."""
    folder = a_working_folder(tmp_path / "work")
    async with a_client(database, folder, Origin="http://evil.example") as client:
        answers = [
            await client.post(path, data={"shown": "", "comment": ""})
            for path in (f"/days/{ROAD_DAY}/sign", f"/days/{ROAD_DAY}/certify", "/readiness/sign")
        ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert kinds(database) == []


async def test_a_comment_is_text_and_never_run(client: httpx.AsyncClient, database: Database) -> None:
    """Nor is anything else on these pages from elsewhere or inline."""
    shown = await shown_of(client, f"/days/{ROAD_DAY}")
    await client.post(f"/days/{ROAD_DAY}/sign", data={"shown": shown, "comment": "<script>alert(1)</script>"})

    text = "".join([(await client.get(path)).text for path in ("/days", f"/days/{ROAD_DAY}", "/readiness")])

    assert "<script>alert" not in text
    assert not re.search(r"<script(?![^>]*src=)|<style|style=|\son\w+=", text)
    assert [one.kind for one in SqlStatements(database).of_day(ROAD_DAY)] == [Kind.CLOSE_OF_DAY, Kind.SIGNATURE]


async def test_the_day_lists_what_was_not_evaluated_and_the_segments(store_url: str, tmp_path: Path) -> None:
    """By rule and reason; ranges by segment; and what a copy of fills only is worth."""
    dialect = "begin_string: FIX.4.4\nsequence: {scope: [1180], number: 1181}\n"
    entries = [admin(1, 0, "A"), trade(2, _1180="LIT", _1181=1), trade(3, _1180="LIT", _1181=4)]
    with Database(store_url) as database:
        lay_tables(database)
        record_all(database, entries, before=versions(dialect=dialect))
        async with a_client(database, a_working_folder(tmp_path / "work", settings=SETTINGS)) as client:
            await client.post(f"/days/{ROAD_DAY}/certify")
            page = (await client.get(f"/days/{ROAD_DAY}")).text

    assert "<td>unexpected venue</td><td>no venue register</td>" in page
    assert '<td>LIT</td><td class="quiet">e1</td><td>1, 4</td><td>2-3</td>' in page
    assert page.count("the copy tells of fills only (2 executions, no report of an order)") == 2
