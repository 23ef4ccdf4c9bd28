"""The feeds over the API, with a daemon that answers and with none, over a real store."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from rules.facts import Nanos
from service.backfill.plan import FileNote
from service.health import Readiness, endpoint, serving
from service.journal import Frame
from service.metrics.daemon import Metrics
from service.metrics.sight import SessionSight, Sight
from service.store.engine import Database
from service.store.journal import SqlJournal
from tests.api_programs import As, a_program, a_token
from tests.factories_folder import SETTINGS, a_working_folder
from tests.factories_page import DAY
from tests.page_people import Clock, an_app
from tests.servers import free_port

SESSION = "FIX.4.4:FIRM->SOR"
CAME = 1_763_649_663_250_000_000


@pytest.fixture
def port() -> int:
    """Give the port on which a daemon would answer."""
    return free_port()


@pytest.fixture
def desk(database: Database, tmp_path: Path, port: int) -> httpx.AsyncClient:
    """Give a program of the desk on an application whose quotes come over MQTT, a second source beside."""
    quotes = '[quotes]\nsource = "mqtt"\n[mqtt]\nhost = "127.0.0.1"\n'
    folder = a_working_folder(tmp_path / "feeds", settings=f"{SETTINGS}[http]\nport = {port}\n{quotes}")
    return a_program(an_app(database, folder, Clock()), a_token(database, Clock(), "desk"))


async def test_without_a_daemon_the_last_sign_of_life_is_told(desk: httpx.AsyncClient, database: Database) -> None:
    """And what only the daemon knows is null."""
    note = FileNote(file="day.fix", sha256="ab", size=9, form="fix", messages=12, actor="pat", reason="line was down")
    SqlJournal(database).append(Frame(entries=(note.entry("demo", Nanos(CAME)),)))

    async with desk:
        told = (await desk.get("/feeds")).json()

    daemon, (session,), (source,), (party,) = (
        told[name] for name in ("daemon", "sessions", "sources", "counterparties")
    )
    assert (daemon["answers"], daemon["state"], daemon["words"]) == (False, None, "does not answer")
    assert "127.0.0.1" in daemon["problems"][0]
    assert daemon["last_sign"] == {"utc": "2025-11-20T14:41:03.250000000Z", "ns": CAME}
    assert (session["session"], session["logged_on"], session["clock_offset_ns"]) == (SESSION, None, None)
    assert (source["source"], source["lag_ns"], source["last"]) == ("mqtt", None, None)
    assert [(one["file"], one["messages"], one["size"]) for one in told["files"]] == [("day.fix", 12, 9)]
    assert (party["name"], party["role"], party["sessions"]) == ("demo", "drop_copy", [SESSION])
    assert told["waiting"]["not_judged"] >= 1
    assert told["readiness"] == "fail"


async def test_what_the_daemon_knows_alone_is_asked_of_it(desk: httpx.AsyncClient, port: int) -> None:
    """Logged on, clock, lag of the quotes: as whole nanoseconds."""
    one = SessionSight(
        counterparty="demo", session=SESSION, logged_on=True, last_inbound_age=1.0, gap_open=True, clock_offset=0.125
    )
    sight = Sight(sessions=(one,), gateway_restarts={"demo": 3}, quote_lag={"mqtt": 0.25}, warm=True)
    app = endpoint(Metrics([], lambda: sight), lambda: Readiness(state="ready"))
    async with serving(app, "127.0.0.1", port), desk:
        told = (await desk.get("/feeds")).json()

    daemon, (session,), (source,) = told["daemon"], told["sessions"], told["sources"]
    assert (daemon["answers"], daemon["state"], daemon["gateway_restarts"]) == (True, "ready", 3)
    assert (session["logged_on"], session["clock_offset_ns"], session["messages_missing"]) == (True, 125_000_000, True)
    assert (source["words"], source["lag_ns"]) == ("live", 250_000_000)
    assert source["last"]["ns"] == told["at"]["ns"] - 250_000_000


async def test_the_certificates_of_the_last_days_stand_beside(as_: As) -> None:
    """As the day itself has them."""
    async with as_("pat") as pat:
        made = (await pat.post(f"/days/{DAY}/certificates")).json()["statements"]
        told = (await pat.get("/feeds")).json()["certificates"]

    (day,) = told
    assert day["day"] == DAY
    assert [(one["session"], one["state"]) for one in day["sessions"]] == [
        (one["session"], one["state"]) for one in made
    ]


async def test_whoever_may_see_the_page_may_ask_and_nobody_else(as_: As, desk: httpx.AsyncClient) -> None:
    """An admin too; without a token nobody."""
    async with as_("root") as root, desk:
        seen = await root.get("/feeds")
        del desk.headers["Authorization"]
        refused = await desk.get("/feeds")

    assert (seen.status_code, refused.status_code) == (200, 401)


async def test_a_working_folder_that_is_not_sound_is_refused_with_what_is_wrong(
    database: Database, tmp_path: Path
) -> None:
    """Which feeds there should be is not known then."""
    folder = a_working_folder(
        tmp_path / "broken", settings='firm = "demo"\ncalendar = "sometimes"\n[http]\nport = -1\n'
    )
    app = an_app(database, folder, Clock())
    async with a_program(app, a_token(database, Clock(), "desk")) as desk:
        answer = await desk.get("/feeds")

    assert answer.status_code == 409
    words = [one["words"] for one in answer.json()["problems"]]
    assert [("calendar" in one, "http.port" in one) for one in words] == [(True, False), (False, True)]
