"""The simulator over real sockets and as a process: what a counterparty sees of it, and how it ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import aiomqtt
import msgspec
import pytest

from rules.facts import SECOND
from service.simulator.acceptor import Acceptor, Line
from service.simulator.events import DropCopy
from service.simulator.files import MESSAGES
from service.simulator.messages import BeginString
from service.simulator.simulate import serve, write_files
from service.simulator.wire import pairs
from tests.factories_simulator import START, a_run, fields_of
from tests.fakes_initiator import Initiator
from tests.servers import Mosquitto, free_port

pytestmark = pytest.mark.journey

BODIES = [event.body for event in a_run(seconds=3) if isinstance(event, DropCopy)][:50]


@pytest.mark.parametrize("version", list(BeginString))
def test_a_counterparty_gets_the_reports_in_order(version: BeginString) -> None:
    """Logon, then every report with the next number and all of its fields, groups in order."""
    bodies = [event.body for event in a_run(seconds=3, version=version) if isinstance(event, DropCopy)][:30]
    port = free_port()

    with Acceptor(Line(port=port, version=version)) as acceptor, Initiator(port, version) as firm:
        logged_on(firm, acceptor)
        for body in bodies:
            acceptor.send(body)
        received = [firm.receive() for _ in bodies]

    assert [int(dict(pairs(message))[34]) for message in received] == list(range(2, 32))
    header = {8, 9, 35, 34, 49, 52, 56, 10}
    for message, body in zip(received, bodies, strict=True):
        told = {(tag, value) for tag, value in pairs(message) if tag not in header}
        assert told == {(int(part.split("=")[0]), part.split("=", 1)[1]) for part in body.split("\x01")[:-1]}
        group = [tag for tag, _ in pairs(message) if tag in {768, 769, 770}]
        assert group == [] if version is BeginString.FIX42 else group[1:] == [769, 770] * ((len(group) - 1) // 2)


def test_what_was_sent_before_the_logon_can_be_asked_for() -> None:
    """Reports without a listener keep their numbers and come by ResendRequest, marked as possible duplicates."""
    port = free_port()

    with Acceptor(Line(port=port)) as acceptor:
        for body in BODIES[:5]:
            acceptor.send(body)
        with Initiator(port) as firm:
            firm.log_on()
            firm.send("2", "7=1|16=0|")
            again = firm.reports(5)

    assert [fields[17] for fields in again] == [fields_of(body)["17"] for body in BODIES[:5]]
    assert {fields[43] for fields in again} == {"Y"}


def test_a_lost_number_opens_a_real_gap_that_a_resend_closes() -> None:
    """After `skip` the next report is three numbers on; asked for, the lost ones are a gap fill."""
    port = free_port()

    with Acceptor(Line(port=port)) as acceptor, Initiator(port) as firm:
        logged_on(firm, acceptor)
        acceptor.send(BODIES[0])
        acceptor.skip(3)
        acceptor.send(BODIES[1])
        numbers = [int(fields[34]) for fields in firm.reports(2)]
        firm.send("2", "7=3|16=5|")
        fill = dict(pairs(firm.receive()))

    assert numbers == [2, 6]
    assert (fill[35], fill[123], fill[36]) == ("4", "Y", "6")


def test_a_possible_resend_is_marked() -> None:
    """A duplicate asked for with 97=Y has it in the header, under a new number."""
    port = free_port()

    with Acceptor(Line(port=port)) as acceptor, Initiator(port) as firm:
        logged_on(firm, acceptor)
        acceptor.send(BODIES[0])
        acceptor.send(BODIES[0], resend=True)
        first, second = firm.reports(2)

    assert (first.get(97), second.get(97)) == (None, "Y")
    assert first[17] == second[17]
    assert int(second[34]) == int(first[34]) + 1


def test_a_reset_begins_again_at_one() -> None:
    """A reset asks the counterparty to leave; logged on anew it gets the numbers from the start."""
    port = free_port()

    with Acceptor(Line(port=port)) as acceptor:
        with Initiator(port) as firm:
            logged_on(firm, acceptor)
            acceptor.send(BODIES[0])
            firm.reports(1)
            resetting = threading.Thread(target=acceptor.reset)
            resetting.start()
            goodbye = dict(pairs(firm.receive()))
            firm.send("5")
            resetting.join(10)
        with Initiator(port) as firm:
            logged_on(firm, acceptor)
            acceptor.send(BODIES[1])
            (report,) = firm.reports(1)

    assert goodbye[35] == "5"
    assert report[34] == "2"


def test_a_file_store_outlives_the_acceptor(tmp_path: Path) -> None:
    """With a folder for its store, the SOR still serves yesterday's reports after a restart."""
    port = free_port()

    with Acceptor(Line(port=port, store=tmp_path)) as acceptor, Initiator(port) as firm:
        logged_on(firm, acceptor)
        acceptor.send(BODIES[0])
        firm.reports(1)
    with Acceptor(Line(port=port, store=tmp_path)) as acceptor, Initiator(port, sequence=firm.sequence) as firm:
        logged_on(firm, acceptor)
        firm.send("2", "7=1|16=0|")
        (report,) = firm.reports(1)

    assert report[17] == fields_of(BODIES[0])["17"]
    assert report[43] == "Y"


def test_a_port_that_is_taken_is_named() -> None:
    """The refusal says which port it was."""
    port = free_port()

    with Acceptor(Line(port=port)), pytest.raises(OSError, match=f"cannot listen on port {port}"):
        Acceptor(Line(port=port)).__enter__()


def test_a_written_log_is_served_whole(tmp_path: Path) -> None:
    """Every message of the file arrives, in order, as fast as it goes; then the SOR waits for the end."""
    totals = write_files(tmp_path, messages=2_000, seed=7, start_ns=START)
    port, stop = free_port(), threading.Event()
    served: list[int] = []
    server = threading.Thread(
        target=lambda: served.append(serve(Line(port=port), tmp_path / MESSAGES, rate=None, stop=stop))
    )

    server.start()
    with Initiator(port) as firm:
        firm.log_on()
        received = firm.reports(totals.messages)
        stop.set()
        server.join(20)

    assert served == [2_000]
    assert len({fields[17] for fields in received}) == 2_000
    assert sum(fields[150] == "F" for fields in received) == totals.executions


async def test_the_process_publishes_its_market_and_trades_after_the_word(mosquitto: Mosquitto, tmp_path: Path) -> None:
    """Heartbeats first; with the word on its input, quotes, reports and truth; with SIGTERM a clean end."""
    port = free_port()
    truth = tmp_path / "truth.jsonl"
    process = a_simulator(port, mosquitto.port, truth, "--fault", "rogue_venue@0+30", "--rate", "100", "--hold")
    try:
        async with aiomqtt.Client("127.0.0.1", mosquitto.port) as client:
            await client.subscribe("sorwatch/quotes/#")
            first = await asyncio.wait_for(anext(aiter(client.messages)), 20)
            assert first.topic.matches("sorwatch/quotes/heartbeat")
            with Initiator(port) as firm:
                await asyncio.to_thread(firm.log_on)
                assert process.stdin is not None
                process.stdin.write(b"begin\n")
                process.stdin.flush()
                reports = await asyncio.to_thread(firm.reports, 50)
            quotes = await asyncio.wait_for(a_batch(client), 20)
        ended = ends_cleanly(process)
    finally:
        process.kill()
        process.wait(10)

    assert ended == 0
    assert len(reports) == 50
    assert set(quotes["quotes"][0]) == {"symbol", "bid", "bid_size", "offer", "offer_size", "time_ns"}
    assert abs(quotes["time_ns"] - time.time_ns()) < 60 * SECOND
    lines = [json.loads(line) for line in truth.read_text(encoding="utf-8").splitlines()]
    assert lines[0]["event"] == "begin"
    assert lines[-1]["event"] == "totals"
    assert lines[-1]["messages"] >= 50


def test_a_held_simulator_ends_with_its_input(tmp_path: Path) -> None:
    """Whoever held it died: the end of the input ends it too."""
    process = a_simulator(free_port(), None, tmp_path / "truth.jsonl", "--hold")
    try:
        _, _ = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait(10)

    assert process.returncode == 0


def logged_on(firm: Initiator, acceptor: Acceptor) -> None:
    """Log on, and wait until the acceptor too knows it: what it sends before that is only stored."""
    firm.log_on()
    assert acceptor.wait_for_logon(20)


async def a_batch(client: aiomqtt.Client) -> dict[str, Any]:
    """Return the first batch of quotes."""
    async for message in client.messages:
        if message.topic.matches("sorwatch/quotes/batch"):
            assert isinstance(message.payload, bytes)
            return dict(msgspec.json.decode(message.payload))
    msg = "the broker ended"
    raise AssertionError(msg)


def a_simulator(port: int, broker: int | None, truth: Path, *words: str) -> subprocess.Popen[bytes]:
    """Start `sorwatch simulate` as a process of its own."""
    command = [sys.executable, "-c", "from service.simulator.command import simulate; simulate()"]
    command += ["--port", str(port), "--truth", str(truth), *words]
    if broker is not None:
        command += ["--broker", f"127.0.0.1:{broker}"]
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)


def ends_cleanly(process: subprocess.Popen[bytes]) -> int:
    """Ask the process to end and return its code."""
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=15)
    return process.returncode
