"""The page of the alerts and the bar on the queue: who sees them, who acts, and what the second of two is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from service.access.permissions import Role
from service.access.trail import Deed
from service.store.deliveries import SqlDeliveries
from service.store.engine import Database
from service.store.evidence import SqlEvidence
from service.store.trail import SqlTrail
from service.web.alerts.pages import SHOWN
from service.web.live import Live
from tests.factories_folder import SETTINGS, a_working_folder
from tests.factories_page import a_morning
from tests.factories_telling import REFUSED, a_dead_letter, an_alert
from tests.page_people import Clock, a_browser, an_account, an_app, hidden, logged_in
from tests.servers import free_port
from tests.stores import ready_store


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Give a store with a morning's exceptions, of which nothing waits to be told, and a person of each role."""
    with ready_store("sqlite", tmp_path) as made:
        a_morning(made)
        with made.writing() as connection:
            connection.exec_driver_sql("UPDATE outbox SET sent_at = created_at, decision = 'sent'")
        for role in Role:
            an_account(made, role.value, role)
        yield made


@pytest.fixture
def app(database: Database, tmp_path: Path) -> FastAPI:
    """Give the application of a firm with the channel desk."""
    folder = a_working_folder(tmp_path / "work", settings=f"{SETTINGS}[http]\nport = {free_port()}\n")
    (folder / "alerts.yaml").write_text("channels:\n  desk: {kind: console}\n", encoding="utf-8")
    return an_app(database, folder, Clock())


async def sent(browser: httpx.AsyncClient, deed: str, fields: dict[str, object]) -> httpx.Response:
    """Fill in the form of the page, and send it."""
    form = hidden((await browser.get("/alerts")).text, "/logout")
    return await browser.post(f"/alerts/{deed}", data={"csrf": form["csrf"], **fields})


def bar(page: str) -> str:
    """Return what the bar on the queue says, "" when it is not shown."""
    found = re.search(r'<p id="unheard"[^>]*?( hidden)?>.*?<span id="unheard-words">(.*?)</span>', page, re.DOTALL)
    assert found is not None
    return "" if found[1] else found[2]


async def test_the_queue_says_on_top_which_channel_is_in_trouble(app: FastAPI, database: Database) -> None:
    """And nothing when none is; it leads to the alerts."""
    async with a_browser(app) as browser:
        await logged_in(browser, "desk")
        calm = await browser.get("/")
        a_dead_letter(database)
        an_alert(database, channel="mqtt")
        troubled = await browser.get("/")

    assert bar(calm.text) == ""
    assert re.fullmatch(
        r"1 alert on desk is dead, the first since Oct 9 04:54:20; mqtt is stuck: 1 alert waits, the oldest for .+\.",
        bar(troubled.text),
    )
    assert '<a href="/alerts">Look at the alerts</a>' in troubled.text


async def test_an_open_page_hears_of_the_trouble_with_the_pulse(database: Database) -> None:
    """The bar comes and goes without a step of anybody."""
    a_dead_letter(database)
    live = Live(SqlEvidence(database))

    async for event in live.stream():
        if event.startswith("event: pulse"):
            live.stop()

    assert '"alerts": "1 alert on desk is dead, the first since Oct 9 04:54:20."' in event


async def test_an_admin_sees_channels_and_dead_letters_and_nothing_of_a_client(
    app: FastAPI, database: Database
) -> None:
    """The number of the exception, without what was found and without a way there."""
    a_dead_letter(database, case_id=5)
    async with a_browser(app) as browser:
        await logged_in(browser, "admin")
        page = (await browser.get("/alerts")).text

    assert "No. 5" in page
    assert 'href="/exceptions/5"' not in page
    assert REFUSED in page
    assert "Send all 1 again" in page


async def test_who_may_only_look_is_offered_nothing(app: FastAPI, database: Database) -> None:
    """And is told who acts."""
    a_dead_letter(database)
    async with a_browser(app) as browser:
        await logged_in(browser, "compliance")
        page = (await browser.get("/alerts")).text

    assert 'name="alert"' not in page
    assert 'action="/alerts/again"' not in page
    assert "supervisors and admins send alerts again or set them aside" in page


async def test_selected_letters_are_sent_again_and_it_is_said(app: FastAPI, database: Database) -> None:
    """By their boxes; the others stay dead. Who did it from where stands in the access log."""
    one, two, other = (a_dead_letter(database) for _ in range(3))
    async with a_browser(app) as browser:
        await logged_in(browser, "supervisor")
        answer = await sent(browser, "again", {"alert": [one, two]})
        page = (await browser.get(answer.headers["location"])).text

    assert (answer.status_code, answer.headers["location"]) == (303, "/alerts?again=2")
    assert "2 alerts go out again, under the same key as before." in page
    assert [letter.alert for letter in SqlDeliveries(database).dead()] == [other]
    entry = SqlTrail(database).newest(1)[0]
    assert (entry.actor, entry.deed, entry.place) == ("supervisor", Deed.SENT_AGAIN, "127.0.0.1")


async def test_the_button_of_a_row_sends_that_one_and_that_of_a_channel_all_of_it(
    app: FastAPI, database: Database
) -> None:
    """Whatever is selected beside it."""
    one, two, three = (a_dead_letter(database) for _ in range(3))
    log = a_dead_letter(database, channel="log")
    async with a_browser(app) as browser:
        await logged_in(browser, "admin")
        await sent(browser, "again", {"alert": [two, three], "one": one})
        left = [letter.alert for letter in SqlDeliveries(database).dead("desk")]
        await sent(browser, "again", {"all": "desk"})

    assert left == [three, two]
    assert [letter.alert for letter in SqlDeliveries(database).dead()] == [log]


async def test_the_second_of_two_people_is_told_who_was_first(app: FastAPI, database: Database) -> None:
    """And what could still be done is done."""
    one, two = a_dead_letter(database), a_dead_letter(database)
    async with a_browser(app) as pat, a_browser(app) as sam:
        await logged_in(pat, "supervisor")
        await logged_in(sam, "admin")
        await sent(pat, "set-aside", {"alert": [one], "words": "told by telephone"})
        answer = await sent(sam, "again", {"alert": [one, two]})

    assert answer.status_code == 409
    assert f"alert {one}: supervisor set it aside" in answer.text
    assert "1 alert goes out again" in answer.text


@pytest.mark.parametrize(
    ("deed", "fields", "words"),
    [
        ("again", {}, "No alert is selected"),
        ("again", {"alert": "five"}, "The form names alerts that cannot be"),
        ("set-aside", {"alert": "1", "words": " "}, "say why they are set aside"),
        ("set-aside", {"words": "keep <this>"}, "No alert is selected"),
        ("again", {"all": "nowhere"}, "nothing is dead on nowhere"),
    ],
)
async def test_what_cannot_be_done_is_said_and_what_was_written_is_kept(
    app: FastAPI, database: Database, deed: str, fields: dict[str, object], words: str
) -> None:
    """Nothing is done."""
    letter = a_dead_letter(database)
    async with a_browser(app) as browser:
        await logged_in(browser, "supervisor")
        answer = await sent(browser, deed, fields)

    assert answer.status_code == 409
    assert f"Not done: {words}" in answer.text
    assert [one.alert for one in SqlDeliveries(database).dead()] == [letter]
    assert ('value="keep &lt;this&gt;"' in answer.text) is ("keep <this>" in fields.values())


async def test_many_letters_come_in_pages_of_one_channel_or_of_all(app: FastAPI, database: Database) -> None:
    """The next page goes on where the first ended."""
    for _ in range(SHOWN + 2):
        a_dead_letter(database)
    a_dead_letter(database, channel="log")
    async with a_browser(app) as browser:
        await logged_in(browser, "supervisor")
        first = (await browser.get("/alerts", params={"channel": "desk"})).text
        following = re.search(r'rel="next" href="([^"]+)"', first)
        assert following is not None
        second = (await browser.get(following[1].replace("&amp;", "&"))).text
        beyond = (await browser.get("/alerts", params={"channel": "desk", "below": 1})).text

    assert first.count('name="alert"') == SHOWN
    assert second.count('name="alert"') == 2
    assert "No more." in beyond
    assert "log</td>" not in first + second


async def test_with_a_folder_that_is_not_sound_the_channels_of_the_alerts_are_shown(
    app: FastAPI, database: Database, tmp_path: Path
) -> None:
    """With what is wrong with it."""
    a_dead_letter(database)
    (tmp_path / "work" / "sorwatch.toml").write_text("firm = 5", encoding="utf-8")
    async with a_browser(app) as browser:
        await logged_in(browser, "admin")
        page = (await browser.get("/alerts")).text

    assert "The working folder is not sound" in page
    assert '<th scope="row">desk</th>' in page


async def test_an_exception_says_who_was_told_of_it(app: FastAPI, database: Database) -> None:
    """On each channel what was sent when, withheld why, what waits and what is dead."""
    a_dead_letter(database, case_id=5, channel="desk")
    withheld = {"decision": "withheld", "reason": "no route leads from it to log"}
    an_alert(database, case_id=5, channel="log", sent_at=1_763_650_000_000_000_000, **withheld)
    an_alert(database, case_id=5, channel="on_call")
    async with a_browser(app) as browser:
        await logged_in(browser, "desk")
        page = (await browser.get("/exceptions/5")).text
        record = (await browser.get("/exceptions/5/record")).text

    told = page[page.index("<h2>Who was told</h2>") :]
    assert re.findall(r"<summary>(\w+) <span class=\"quiet\">([^<]*)</span>", told)[:4] == [
        ("desk", "1 dead"),
        ("log", "1 withheld"),
        ("mqtt", "1 sent"),
        ("on_call", "1 waiting"),
    ]
    assert f"tried 3 times: {REFUSED}" in told
    assert "no route leads from it to log" in told
    assert "<h2>Who was told</h2>" in record


async def test_what_is_left_on_a_channel_out_of_the_plan_is_offered_to_be_set_aside(
    app: FastAPI, database: Database
) -> None:
    """With words; afterwards the channel has nothing left that anybody has to look at."""
    an_alert(database, channel="old_desk")
    a_dead_letter(database, channel="old_desk")
    async with a_browser(app) as browser:
        await logged_in(browser, "supervisor")
        before = (await browser.get("/alerts")).text
        done = await sent(browser, "set-aside", {"left": "old_desk", "words": "the desk is gone"})
        after = (await browser.get("/alerts")).text

    assert "Set all 2 aside" in before
    assert "Send all" not in before, "nobody would send them"
    assert done.headers["location"] == "/alerts?aside=2"
    assert "aside</button></form>" not in after
    assert {one.dead + one.waiting for one in SqlDeliveries(database).standings(0)} == {0}


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ("channels:\n  log: {kind: console}\n", "log is in the plan: what waits there goes out"),
        ("routes: nonsense\n", "Not done: alerts.yaml: line 1: routes is a list"),
    ],
)
async def test_what_may_still_go_out_is_not_set_aside_as_left(
    database: Database, tmp_path: Path, plan: str, words: str
) -> None:
    """On a channel of the plan it does, and with a plan that is not sound nobody knows."""
    an_alert(database, channel="log")
    folder = a_working_folder(tmp_path / "work", settings=SETTINGS)
    (folder / "alerts.yaml").write_text(plan, encoding="utf-8")
    async with a_browser(an_app(database, folder, Clock())) as browser:
        await logged_in(browser, "supervisor")
        refused = await sent(browser, "set-aside", {"left": "log", "words": "the desk is gone"})

    assert words in refused.text
    assert {one.channel: one.waiting for one in SqlDeliveries(database).standings(0)}["log"] == 1
