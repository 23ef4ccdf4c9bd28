"""A day of a real daemon on PostgreSQL: executions, a kill, a gap that is certified, filled from a file and shown."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from rules.facts import Nanos
from service.market.calendar import trade_date
from service.store.export import SqlRecords
from service.store.statements import SqlStatements
from tests.fix_peer import FixPeer, an_execution
from tests.live_daemon import LiveDaemon
from tests.simulations import ENVIRONMENT, ROOT, SORWATCH, run_sorwatch
from tests.stores import empty_store, end_connections
from tests.wild_road import PATIENCE_S, QUICK, Road, live

pytestmark = pytest.mark.journey

LOST = (4, 5)
ROGUE = "ROGX"


@pytest.fixture
def road(tmp_path: Path) -> Iterator[Road]:
    """Run a daemon on PostgreSQL whose vendor resends nothing; give both, logged on to each other."""
    vendor = FixPeer(answers_resend=False)
    with (
        empty_store("postgres", tmp_path) as store,
        LiveDaemon(tmp_path, settings=QUICK, store=store) as daemon,
        vendor.listening(daemon.ports.fix),
    ):
        daemon.start()
        vendor.wait_logged_on(PATIENCE_S)
        yield Road(daemon, vendor)


def test_a_day_with_a_kill_and_a_gap_is_certified_filled_and_shown(road: Road) -> None:
    """Nothing is lost or doubled; the exception is on the page, the certificates are one chain."""
    day = trade_date(Nanos(time.time_ns()))
    numbers = [road.peer.send("8", an_execution(number)) for number in (1, 2)]
    numbers.append(road.peer.send("8", an_execution(3, t30=ROGUE, t526="P3")))
    road.reaches(3)

    road.daemon.kill_core()
    numbers += [road.peer.send("8", an_execution(number), lost=True) for number in LOST]
    road.daemon.start()
    road.peer.wait_logged_on(PATIENCE_S)
    numbers.append(road.peer.send("8", an_execution(6)))
    road.holds(live(1, 2, 3, 6))
    torn = certified(road, day)
    filled = backfilled(road, numbers)
    whole = certified(road, day)
    road.daemon.wait(road.daemon.every_finding_has_its_case, "what was found is on the page", PATIENCE_S)

    road.holds(live(1, 2, 3, 4, 5, 6))
    assert torn == (1, "red")
    assert "execution: 2\n" in filled
    assert whole == (0, "complete_not_reconciled")
    assert SqlStatements(road.daemon.database).verify() == (2, None)
    exceptions = SqlRecords(road.daemon.database).rows("exceptions", None)
    (rogue,) = [row for row in exceptions if row["rule"] == "unexpected_venue"]
    assert ROGUE in str(rogue["sentence"])
    with a_page(road.daemon) as page:
        assert f"/exceptions/{rogue['case_id']}" in page.get("/").text
        assert "E3" in page.get(f"/exceptions/{rogue['case_id']}").text
        assert "complete" in page.get(f"/days/{day}").text
    assert road.daemon.stop() == 0


def test_the_daemon_goes_on_and_keeps_its_store_when_the_database_ends_every_connection(road: Road) -> None:
    """As its restart does: what comes afterwards is recorded, a second daemon is refused, the exit code is 0."""
    road.peer.send("8", an_execution(1))
    road.reaches(1)

    end_connections(road.daemon.store)
    road.daemon.wait(lambda: "store_held_again" in road.daemon.last_words(), "the store is held again", PATIENCE_S)
    road.peer.send("8", an_execution(2))

    road.holds(live(1, 2))
    second = run_sorwatch("run", "--folder", str(road.daemon.folder), check=False)
    assert (second.returncode, b"in use by another sorwatch daemon" in second.stderr) == (2, True)
    assert road.daemon.stop() == 0


def certified(road: Road, day: str) -> tuple[int, str]:
    """Certify the day; return the command's exit code and the state that was certified."""
    done = run_sorwatch("completeness", "--day", day, "--folder", str(road.daemon.folder), check=False)
    return done.returncode, SqlStatements(road.daemon.database).of_day(day)[-1].state


def backfilled(road: Road, numbers: list[int]) -> str:
    """Fill what is missing from the vendor's own log; return what the command said."""
    log = road.daemon.folder / "vendor.log"
    sent = [(number, *road.peer.sent[number]) for number in numbers]
    log.write_bytes(b"\n".join(road.peer.message(n, kind, fields, t52=at) for n, kind, fields, at in sent) + b"\n")
    words = ("backfill", "demo", str(log), "--folder", str(road.daemon.folder), "--actor", "pat")
    return run_sorwatch(*words, "--reason", "the line broke").stdout.decode()


@contextmanager
def a_page(daemon: LiveDaemon) -> Iterator[httpx.Client]:
    """Serve the page of the daemon's folder for the length of a block."""
    with (
        (daemon.folder / "web.log").open("wb") as log,
        subprocess.Popen(
            [*SORWATCH, "web", "--folder", str(daemon.folder)], cwd=ROOT, env=ENVIRONMENT, stderr=log
        ) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{daemon.ports.web}") as page,
    ):
        daemon.wait(lambda: answers(page), "the page answers", PATIENCE_S)
        yield page
        process.terminate()


def answers(page: httpx.Client) -> bool:
    """Return whether the page is there."""
    try:
        return page.get("/").is_success
    except httpx.TransportError:
        return False
