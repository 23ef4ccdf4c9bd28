"""How late it is: python -m tests.benchmarks.bench_latency [--seconds S] [--runs N] [--rate N …]; also by `make bench`.

From the receipt of a message to the commit of the journal, to the commit of its findings, and to an MQTT subscriber of
its alert, at a steady rate, with all quotes in a file. Every so often an execution is at another venue that nobody
approved, so that a new exception opens and an alert leaves. All clocks are this machine's.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import threading
import time
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import aiomqtt
import msgspec
from iso10383 import MIC
from sqlalchemy import select

from service.journal import RecordKind
from service.store.tables import case_findings, findings, journal
from tests.benchmarks.bench_road import fast_vendor
from tests.benchmarks.instrumented import Notes
from tests.live_daemon import SETTINGS, LiveDaemon
from tests.servers import Mosquitto, running_mosquitto
from tests.simulations import Written, write_simulation

RATES = (1_000, 5_000)
SECONDS = float(os.environ.get("BENCH_SECONDS", "10"))
RUNS = int(os.environ.get("BENCH_RUNS", "5"))
ALERTS_A_SECOND = 10
PAUSE_S = 1.0
AT_ONCE = ("allow_anonymous true", "set_tcp_nodelay true")
"""As the shipped broker is laid down: without it the kernel's delayed acknowledgements are measured."""
WITH_BROKER = SETTINGS + "[mqtt]\nport = {broker}\n"
TO = ("journal commit", "findings commit", "MQTT subscriber")


def test_how_late_commits_and_alerts_are() -> None:
    """Print the tables; nothing is asserted of a time."""
    for rate in RATES:
        main(rate, SECONDS, RUNS)


def main(rate: int, seconds: float, runs: int) -> None:
    """Print p50, p99 and p99.9 of every run at one rate, and their medians over the runs."""
    messages = int(rate * seconds)
    with tempfile.TemporaryDirectory(prefix="sorwatch-latency-") as name:
        folder = Path(name)
        written = write_simulation(folder / "written", messages * runs, 1)
        every = max(1, rate // ALERTS_A_SECOND)
        log = with_rogue_venues(written, every, folder / "rogue.fix")
        with running_mosquitto(folder / "mosquitto", options=AT_ONCE) as broker:
            delays, received = _measured(folder, written, log, broker, rate, runs)
    print(f"\n{rate:,} messages/s, {runs} runs of {seconds:g} s, ms from receipt, load {os.getloadavg()[0]:.1f}")
    print(f"{'run':>6} {'to':>16} {'count':>8} {'p50':>8} {'p99':>8} {'p99.9':>8} {'most':>8}")
    for title, by_offset in delays.items():
        rows = []
        for run, offsets in enumerate(_runs(received, runs), start=1):
            found = sorted(by_offset[offset] / 1e6 for offset in offsets if offset in by_offset)
            if found:
                rows.append([_quantile(found, q) for q in (0.5, 0.99, 0.999, 1.0)])
                print(f"{run:>6} {title:>16} {len(found):>8,} " + " ".join(f"{value:>8.2f}" for value in rows[-1]))
        if rows:
            medians = (median(column) for column in zip(*rows, strict=True))
            print(f"{'median':>6} {title:>16} {'':>8} " + " ".join(f"{value:>8.2f}" for value in medians), flush=True)


def with_rogue_venues(written: Written, every: int, path: Path) -> Path:
    """Write the log again with every so-manieth child execution at another venue of the world."""
    venues = iter(sorted(entry.name.upper() for entry in MIC))
    lines, due = [], every
    for number, line in enumerate((written.folder / "messages.fix").read_bytes().splitlines(), start=1):
        head, found, rest = line.partition(b"\x0130=")
        if number >= due and found and b"\x01150=F\x01" in line and b"\x01526=" in line:
            due += every
            venue = next(venues, None)
            lines.append(line if venue is None else head + found + venue.encode() + rest[4:])
        else:
            lines.append(line)
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


Delays = dict[str, dict[int, int]]


def _measured(
    folder: Path, written: Written, log: Path, broker: Mosquitto, rate: int, runs: int
) -> tuple[Delays, dict[int, int]]:
    """Run vendor, daemon and subscriber; return the delays in ns by offset, and when each message was received."""
    notes = folder / "notes.json"
    home = folder / "daemon"
    entry = (sys.executable, "-P", "-m", "tests.benchmarks.instrumented", str(home), str(notes))
    settings = WITH_BROKER.replace("{broker}", str(broker.port))
    words = ("--rate", str(rate), "--runs", str(runs), "--pause", str(PAUSE_S))
    with LiveDaemon(home, quotes=written.quotes, settings=settings, entry=entry) as daemon:
        with subscribed(broker) as heard:
            daemon.start()
            with fast_vendor(log, daemon.ports.fix, *words):
                limit_s = 120 + 2 * written.messages / rate
                daemon.wait(lambda: daemon.journal_offset() >= written.messages, "all are journalled", limit_s)
                daemon.wait(lambda: daemon.caught_up(len(written.executions)), "all are recorded", limit_s)
                daemon.wait(lambda: daemon.metric("sorwatch_alerts_waiting") == 0, "all alerts have left", limit_s)
                assert daemon.stop() == 0
        received = received_by_offset(daemon)
        told = _told(daemon, heard)
    taken = msgspec.json.decode(notes.read_bytes(), type=Notes)
    return {
        TO[0]: _delays(received, taken.journalled),
        TO[1]: _delays(received, taken.recorded),
        TO[2]: {offset: at - received[offset] for offset, at in told.items() if offset in received},
    }, received


def _delays(received: dict[int, int], commits: list[tuple[int, int]]) -> dict[int, int]:
    """Return how long after its receipt each offset was in a commit."""
    upto = [offset for offset, _ in commits]
    return {offset: commits[bisect_left(upto, offset)][1] - at for offset, at in received.items()}


def received_by_offset(daemon: LiveDaemon) -> dict[int, int]:
    """Return when each execution report was received, by offset."""
    wanted = select(journal.c.offset, journal.c.received_at, journal.c.body).where(
        journal.c.kind == RecordKind.MESSAGE.value
    )
    with daemon.database.reading() as connection:
        rows = connection.execute(wanted.order_by(journal.c.offset))
        return {row.offset: row.received_at for row in rows if b"\x0135=8\x01" in row.body}


def _told(daemon: LiveDaemon, heard: dict[int, int]) -> dict[int, int]:
    """Return when the alert of an exception's first finding was heard, by the finding's offset."""
    joined = select(case_findings.c.case_id, findings.c.offset).join(findings, findings.c.seq == case_findings.c.seq)
    first: dict[int, int] = {}
    with daemon.database.reading() as connection:
        for row in connection.execute(joined.order_by(findings.c.seq)):
            first.setdefault(row.case_id, row.offset)
    return {first[case_id]: at for case_id, at in heard.items()}


@contextmanager
def subscribed(broker: Mosquitto) -> Iterator[dict[int, int]]:
    """Give a dict of case → when the alert of its opening came in; a subscriber on a thread of its own fills it."""
    heard: dict[int, int] = {}
    ready, loop = threading.Event(), asyncio.new_event_loop()

    async def listen() -> None:
        async with aiomqtt.Client(broker.host, broker.port) as client:
            await client.subscribe("sorwatch/+/exceptions/#", qos=1)
            ready.set()
            async for message in client.messages:
                at = time.time_ns()
                alert = msgspec.json.decode(message.payload)
                if alert["reason"] == "opened":
                    heard.setdefault(alert["exception"], at)

    task = loop.create_task(listen())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    ready.wait(20)
    try:
        yield heard
    finally:
        time.sleep(PAUSE_S)
        loop.call_soon_threadsafe(task.cancel)
        loop.call_soon_threadsafe(loop.call_later, 0.2, loop.stop)
        thread.join(5)


def _runs(received: dict[int, int], runs: int) -> Iterator[list[int]]:
    """Cut the offsets into the vendor's runs."""
    offsets = sorted(received)
    size = -(-len(offsets) // runs)
    for start in range(0, len(offsets), size):
        yield offsets[start : start + size]


def _quantile(found: list[float], share: float) -> float:
    return found[min(len(found) - 1, int(len(found) * share))]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--rate", type=int, nargs="*", default=list(RATES))
    wanted = parser.parse_args()
    for each in wanted.rate:
        main(each, wanted.seconds, wanted.runs)
