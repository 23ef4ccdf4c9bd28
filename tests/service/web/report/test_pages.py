"""The report of a day over a real store: what is shown, and the same as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from service.cases.actor import Actor
from service.cases.given import Given
from service.cases.principal import Principal
from service.cases.states import Action
from service.report.gather import gathered_report
from service.store.engine import Database
from service.store.principals import SqlPrincipals
from tests.factories_cases import NO_CLOCKS, NOON, a_queue
from tests.factories_folder import SETTINGS, a_working_folder
from tests.factories_page import DAY, a_morning, at
from tests.factories_recorded import ROAD_DAY, admin, record_all, trade
from tests.page_people import a_browser, an_open_app
from tests.servers import free_port

GAPPED = [admin(1, 0, "A"), trade(2), trade(3), *(trade(number) for number in range(6, 9))]
FORMULA = '=HYPERLINK("http://evil.example")'


@pytest.fixture
def database(database: Database) -> Database:
    """Give a store with two days: one that misses messages, and one whose exceptions were worked on."""
    record_all(database, GAPPED)
    a_morning(database)
    queue, pat, kim = a_queue(database), Actor(name="pat"), Actor(name="kim")
    number = next(
        n for n in range(1, 20) if (case := queue.case(n)) is not None and case.key.rule == "unexpected_venue"
    )
    queue.act(number, Action.ACKNOWLEDGE, pat, Given(), at(30))
    queue.act(number, Action.PROPOSE_CLOSE, pat, Given(words="seen", reason="router_fault"), at(40))
    queue.act(number, Action.APPROVE_CLOSE, kim, Given(words="agreed"), at(50))
    SqlPrincipals(database).name(
        Principal(trade_date=DAY, name="kim", deputies=("pat",), by="kim", at=NOON, note=FORMULA)
    )
    return database


@pytest.fixture
async def client(database: Database, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Give a browser of this machine on the pages."""
    folder = a_working_folder(tmp_path / "work", settings=f"{SETTINGS}[http]\nport = {free_port()}\n")
    async with a_browser(an_open_app(database, folder)) as made:
        yield made


async def test_the_report_says_what_was_found_and_who_handled_it(client: httpx.AsyncClient) -> None:
    """With both names under a closing, and what is open still."""
    page = (await client.get(f"/report/{DAY}")).text

    assert "Friday, November 20, 2026" in page
    assert "10 exceptions; 1 closed, 9 still open, 9 of them waiting for somebody." in page
    assert "Still open: 9" in page
    assert "Closed: 1" in page
    assert "router_fault: The router did wrong" in page
    assert "no exception other than those listed was found" in page


async def test_a_day_that_is_not_complete_says_so_and_claims_no_more(client: httpx.AsyncClient) -> None:
    """Of its executions some were not evaluated, with the reason."""
    page = (await client.get(f"/report/{ROAD_DAY}")).text

    assert "Of 5 executions reported for trade date 2013-10-07" in page
    assert "is without a certificate: what is missing was not reviewed." in page
    assert "Nobody is named who answers for this day." in page


async def test_the_csv_is_what_the_page_shows_and_no_formula(client: httpx.AsyncClient) -> None:
    """Cell for cell."""
    answer = await client.get(f"/report/{DAY}.csv")
    lines = list(csv.reader(io.StringIO(answer.text)))

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="sorwatch-report-{DAY}.csv"'
    assert ["by severity", "all", "10", "9", "–", "–", "1", "128", "$88.86"] in lines
    assert [line[-1] for line in lines if line[:2] == ["principal", "kim"]] == [f"'{FORMULA}"]
    assert sum(line[0] == "open" for line in lines) == 10


async def test_without_a_day_the_newest_is_shown_and_what_is_no_day_is_not(client: httpx.AsyncClient) -> None:
    """The form leads to the day that was chosen."""
    newest, chosen = await client.get("/report"), await client.get(f"/report?day={ROAD_DAY}")
    wrong = [(await client.get(path)).status_code for path in ("/report?day=x", "/report/x", "/report/x.csv")]

    assert (newest.status_code, newest.headers["location"]) == (303, f"/report/{DAY}")
    assert chosen.headers["location"] == f"/report/{ROAD_DAY}"
    assert wrong == [404] * 3


async def test_a_working_folder_that_is_not_sound_keeps_no_report_away(database: Database, tmp_path: Path) -> None:
    """The sessions that the store knows of are reported."""
    async with a_browser(an_open_app(database, tmp_path / "nowhere")) as browser:
        answer = await browser.get(f"/report/{DAY}")

    assert answer.status_code == 200
    assert "FIX.4.4:FIRM-&gt;SOR" in answer.text


def test_a_day_of_which_nothing_is_known_has_a_report(database: Database) -> None:
    """Every part of it says that there is nothing."""
    sheet = gathered_report(database, NO_CLOCKS, "2026-11-19", [], NOON)

    assert all(section.rows or section.sentences or section.quiet for section in sheet.sections)
    assert [section.name for section in sheet.sections if section.rows] == ["findings"]
