"""Seals with a real daemon, a real broker and real kills: one a day, in store, file and on the wire, never two."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from pathlib import Path

import aiomqtt
import pytest

from service.journal import Frame
from service.store.journal import SqlJournal
from service.store.seals import SqlSeals
from service.versions import Version, VersionKind
from tests import servers
from tests.dying_seal import INSTANTS
from tests.factories_audit import a_record
from tests.factories_cases import NOON
from tests.factories_folder import a_working_folder, settings_on
from tests.live_daemon import SETTINGS, LiveDaemon
from tests.simulations import ENVIRONMENT, ROOT, run_sorwatch
from tests.stores import KINDS, ready_store

pytestmark = pytest.mark.journey

PATIENCE_S = 60


def lines(folder: Path) -> list[bytes]:
    """Return the lines of the file of seals."""
    path = folder / "seals" / "seals.jsonl"
    return path.read_bytes().splitlines() if path.exists() else []


async def test_the_daemon_seals_a_missed_day_once_and_the_seal_leaves_the_house(
    tmp_path: Path, private_mosquitto: servers.Mosquitto
) -> None:
    """In the file and on the wire are the same bytes; a kill and another start make no second; all of it holds."""
    broker = private_mosquitto
    without_quotes = SETTINGS.replace('source = "file"\nfile = "quotes.csv"\n', "")
    settings = without_quotes + f'[mqtt]\nhost = "{broker.host}"\nport = {broker.port}\n'
    with LiveDaemon(tmp_path, settings=settings) as daemon:
        daemon.start_store()
        seed = Version(kind=VersionKind.RULEBOOK, name="rulebook", text="", actor="seed")
        SqlJournal(daemon.database).append(Frame(entries=(seed.entry(NOON),)))
        async with aiomqtt.Client(broker.host, broker.port) as client:
            await client.subscribe("sorwatch/proof/seals", qos=1)

            daemon.start()

            async with asyncio.timeout(PATIENCE_S):
                heard = await anext(aiter(client.messages))
        daemon.wait(lambda: lines(tmp_path) != [], "the file has the seal")
        daemon.kill_core()
        daemon.start()
        verdict = run_sorwatch("audit", "verify", "--json", "--folder", str(tmp_path))

        told = json.loads(verdict.stdout)
        assert lines(tmp_path) == [heard.payload]
        assert len(SqlSeals(daemon.database, "proof").after(0)) == 1
        assert (told["whole"], told["seals"]) == (True, 1)
        assert daemon.stop() == 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("instant", INSTANTS)
def test_a_kill_at_any_instant_of_a_seal_is_made_good_by_the_next(tmp_path: Path, kind: str, instant: str) -> None:
    """One seal in the store, one in the outbox, one in the file; everything holds."""
    with ready_store(kind, tmp_path) as database:
        a_record(database)
        sealed = len(SqlSeals(database, "demo").after(0))
        folder = a_working_folder(
            tmp_path / "work", settings=settings_on(database.url.render_as_string(hide_password=False))
        )
        call = [sys.executable, "-P", "-m", "tests.dying_seal", str(folder), instant]

        died = subprocess.run(call, cwd=ROOT, env=ENVIRONMENT, timeout=PATIENCE_S, check=False, capture_output=True)
        run_sorwatch("audit", "seal", "--folder", str(folder))

        verdict = json.loads(run_sorwatch("audit", "verify", "--json", "--folder", str(folder)).stdout)
        seals = SqlSeals(database, "demo").after(0)
        assert died.returncode == -signal.SIGKILL, died.stderr
        assert len(seals) == sealed + 1
        assert [line for line in lines(folder) if line.endswith(b"}")][-1] == seals[-1].line
        assert (verdict["whole"], verdict["seals"]) == (True, sealed + 1)
