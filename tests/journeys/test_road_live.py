"""The whole road, live: a vendor's bytes on a raw socket in; an alert at a real broker, an export and a page out."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from random import Random
from typing import Any, cast

import aiomqtt
import httpx
import msgspec
import pytest

from rules.finding import Finding
from service.journal import Record, RecordKind
from service.store.journal import SqlJournal
from tests import prove_decode
from tests.fix_peer import Fields, FixPeer, an_execution
from tests.live_daemon import LiveDaemon
from tests.servers import Mosquitto
from tests.simulations import ENVIRONMENT, ROOT, SORWATCH, run_sorwatch

pytestmark = pytest.mark.journey

PATIENCE_S = 60.0
SETTINGS = """
firm = "{firm}"
calendar = "always"
[mqtt]
port = {broker}
[http]
port = {{ports.http}}
[web]
port = {{ports.web}}
login = "none"
actor = "pat"
[gateway]
restart_min_s = 0.05
restart_max_s = 0.2
"""
DAMAGES = (
    prove_decode.duplicated,
    prove_decode.reordered,
    prove_decode.dropped,
    prove_decode.mistyped,
    prove_decode.emptied,
    prove_decode.alien,
)


class Road:
    """A vendor, a running daemon that has logged on to it, and the topic of its alerts."""

    def __init__(self, folder: Path, broker: Mosquitto) -> None:
        self.firm = folder.name
        self.vendor = FixPeer()
        self.daemon = LiveDaemon(folder, settings=SETTINGS.format(firm=self.firm, broker=broker.port))
        self.topic = f"sorwatch/{self.firm}/exceptions/#"

    def records(self, kind: RecordKind) -> list[Record]:
        """Return the journal's records of a kind."""
        return [record for record in SqlJournal(self.daemon.database).read(0, 100_000) if record.kind is kind]

    def findings(self, rule: str) -> list[Finding]:
        """Return the findings of a rule."""
        return [finding for finding in self.daemon.findings() if finding.rule == rule]

    def outcomes(self) -> dict[int, str]:
        """Return the outcome of every message by its sequence number, the first one of each."""
        found: dict[int, str] = {}
        offsets = {row["offset"]: str(row["outcome"]) for row in self.exported("messages")}
        for record in self.records(RecordKind.MESSAGE):
            found.setdefault(_sequence(record.body), offsets[record.offset])
        return found

    def exported(self, what: str) -> list[dict[str, Any]]:
        """Return the rows of an export, as the command gives them out."""
        printed = run_sorwatch("export", what, "--folder", str(self.daemon.folder)).stdout
        return [json.loads(line) for line in printed.splitlines()]


@contextmanager
def a_road(folder: Path, broker: Mosquitto) -> Iterator[Road]:
    """Run vendor and daemon, logged on to each other."""
    road = Road(folder, broker)
    with road.vendor.listening(road.daemon.ports.fix), road.daemon:
        road.daemon.start()
        road.vendor.wait_logged_on(PATIENCE_S)
        yield road


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory, mosquitto: Mosquitto) -> Iterator[Road]:
    """Give one road to all tests of this file; each uses orders and venues of its own."""
    with a_road(tmp_path_factory.mktemp("road"), mosquitto) as running:
        yield running


async def test_an_exception_travels_from_the_wire_to_broker_export_and_page(road: Road, mosquitto: Mosquitto) -> None:
    """An execution at a venue that nobody approved: the alert names the exception that export and page show."""
    async with aiomqtt.Client(mosquitto.host, mosquitto.port) as client:
        await client.subscribe(road.topic, qos=1)

        await asyncio.to_thread(road.vendor.send, "8", an_execution(70_001, t30="ROGX", t526="P70001"))

        alert = await the_alert(client, "unexpected_venue")
    exported = await asyncio.to_thread(road.exported, "exceptions")
    async with a_page(road.daemon) as page:
        queue = await page.get("/")
        shown = await page.get(f"/exceptions/{alert['exception']}")
    row = next(row for row in exported if row["rule"] == "unexpected_venue" and row["cause"] == alert["cause"])
    assert row["case_id"] == alert["exception"]
    assert "ROGX" in alert["sentence"]
    assert f"/exceptions/{alert['exception']}" in queue.text
    assert "E70001" in shown.text


def test_bad_messages_through_the_session_are_all_accounted_for(road: Road, seed: int) -> None:
    """200 damaged messages: each is journalled under its number with one outcome, and the daemon lives on."""
    dice = Random(seed)
    sent = [send_damaged(road.vendor, number, dice) for number in range(80_000, 80_200)]
    good = road.vendor.send("8", an_execution(80_999))

    road.daemon.wait(lambda: "E80999" in executions(road), "the good one after them is recorded", PATIENCE_S)

    outcomes = road.outcomes()
    assert [number for number in sent if number not in outcomes] == []
    assert outcomes[good] == "execution"
    assert sum(Counter(outcomes[number] for number in sent).values()) == len(sent)
    assert road.daemon.unaccounted() == 0
    assert road.daemon.answers("healthz")


def test_what_our_engine_rejects_is_a_finding(road: Road) -> None:
    """A tag twice makes the engine send a 35=3: the execution counts all the same, and the reject is told."""
    number = road.vendor.send("8", [*an_execution(90_001), (58, "once"), (58, "twice")])

    road.daemon.wait(lambda: rejected(road, number), "the reject is a finding", PATIENCE_S)

    assert "E90001" in executions(road)


def test_a_second_daemon_on_the_folder_is_refused(road: Road) -> None:
    """Exit code 2, words that say who is there, and the first one is untouched."""
    second = run_sorwatch("run", "--folder", str(road.daemon.folder), check=False)

    assert second.returncode == 2
    assert f"process {road.daemon.pid}".encode() in second.stderr
    assert road.daemon.answers("healthz")


async def test_a_wedged_gateway_is_restarted_while_core_and_page_stay_up(road: Road) -> None:
    """SIGSTOP: noticed, killed, started again and counted; meanwhile both answer, afterwards messages flow."""
    before = road.daemon.metric("sorwatch_gateway_restarts_total")
    wedged = road.daemon.gateway_pid()
    assert wedged is not None
    answered = []
    async with a_page(road.daemon) as page:
        os.kill(wedged, signal.SIGSTOP)

        async with asyncio.timeout(PATIENCE_S):
            while road.daemon.metric("sorwatch_gateway_restarts_total") == before:
                answered.append((await page.get("/")).is_success and road.daemon.answers("healthz"))
                await asyncio.sleep(0.2)

    assert all(answered)
    road.vendor.send("8", an_execution(95_001))
    await asyncio.to_thread(
        road.daemon.wait, lambda: "E95001" in executions(road), "the new gateway brings messages", PATIENCE_S
    )


def test_sigterm_logs_out_and_ends_in_bounded_time(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """The vendor hears a Logout, what was sent is recorded, the exit code is 0."""
    with a_road(tmp_path, mosquitto) as road:
        road.vendor.send_executions(range(1, 101))
        road.daemon.wait(lambda: len(road.records(RecordKind.MESSAGE)) > 100, "they are journalled")
        began = time.monotonic()

        code = road.daemon.stop()

        seconds = time.monotonic() - began
        assert (code, len(executions(road))) == (0, 100)
        assert seconds < 20
        assert road.vendor.got("5")


def send_damaged(vendor: FixPeer, number: int, dice: Random) -> int:
    """Send one execution whose body is damaged inside a right frame and header; a resend is damaged the same way."""
    fields = [f"{tag}={value}".encode() for tag, value in an_execution(number)]
    dice.choice(DAMAGES)(fields, dice)
    parts = (field.decode("utf-8", "surrogateescape").partition("=") for field in fields)
    return vendor.send("8", cast("Fields", [(tag, value) for tag, _, value in parts]))


def executions(road: Road) -> set[str]:
    """Return the ExecIDs that are recorded."""
    return set(road.daemon.executions())


def rejected(road: Road, number: int) -> bool:
    """Return whether the reject of a sequence number is a finding."""
    return any(number in finding.values.values() for finding in road.findings("rejected_by_session"))


async def the_alert(client: aiomqtt.Client, rule: str) -> dict[str, Any]:
    """Return the first alert of a rule, bounded."""
    async with asyncio.timeout(PATIENCE_S):
        async for message in client.messages:
            assert isinstance(message.payload, bytes)
            alert: dict[str, Any] = msgspec.json.decode(message.payload)
            if alert["rule"] == rule:
                return alert
    msg = "the broker ended"
    raise AssertionError(msg)


@asynccontextmanager
async def a_page(daemon: LiveDaemon) -> AsyncIterator[httpx.AsyncClient]:
    """Serve the page of the daemon's folder for the length of a block."""
    process = await asyncio.to_thread(_served, daemon.folder)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{daemon.ports.web}") as page:
            await asyncio.to_thread(daemon.wait, lambda: _answers(f"{page.base_url}"), "the page answers", PATIENCE_S)
            yield page
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 20)


def _served(folder: Path) -> subprocess.Popen[bytes]:
    words = [*SORWATCH, "web", "--folder", str(folder)]
    return subprocess.Popen(words, cwd=ROOT, env=ENVIRONMENT, stderr=subprocess.DEVNULL)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False


def _sequence(body: bytes) -> int:
    """Return MsgSeqNum (34) of a message whose header is whole."""
    return int(body.partition(b"\x0134=")[2].partition(b"\x01")[0])
