"""How fast the whole road is: python -m tests.benchmarks.bench_road [--messages N] [--pairs N]; also by `make bench`.

A is QuickFIX's own empty callback, B the daemon from the socket to the commit of the findings; the same vendor serves
the same messages to both, in turn, A B A B; only the ratio within a pair counts. Then what each stage costs over the
same messages in one process.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from sqlalchemy import func, select

from service.journal import RecordKind
from service.store.tables import journal
from tests.benchmarks.stages import budgets
from tests.live_daemon import LiveDaemon
from tests.servers import free_port
from tests.simulations import ENVIRONMENT, ROOT, Written, write_simulation

MESSAGES = int(os.environ.get("BENCH_MESSAGES", "50000"))
PAIRS = int(os.environ.get("BENCH_RUNS", "5"))
TARGET = 0.35
SLOWEST = 500


def test_the_road_against_an_empty_callback() -> None:
    """Print the table; nothing is asserted of a time."""
    main(MESSAGES, PAIRS)


def main(messages: int, pairs: int) -> None:
    """Print both rates of each pair, their ratio, the median; then the stages."""
    with tempfile.TemporaryDirectory(prefix="sorwatch-road-") as name:
        folder = Path(name)
        written = write_simulation(folder / "written", messages, 1)
        print(f"\n{messages:,} messages, {len(written.executions):,} executions, load {os.getloadavg()[0]:.1f}")
        print(f"{'pair':>4} {'A empty callback /s':>20} {'B durable road /s':>18} {'B/A':>6}")
        ratios = []
        for pair in range(1, pairs + 1):
            empty = messages / empty_callback(written)
            durable = messages / whole_road(folder / f"road{pair}", written)
            ratios.append(durable / empty)
            print(f"{pair:>4} {empty:>20,.0f} {durable:>18,.0f} {durable / empty:>6.2f}", flush=True)
        print(f"median B/A {median(ratios):.2f} (target {TARGET}), from {min(ratios):.2f} to {max(ratios):.2f}\n")
        print(budgets(folder / "stages", written))


@contextmanager
def fast_vendor(log: Path, port: int, *words: str) -> Iterator[None]:
    """Run the vendor that costs nothing to serve."""
    command = [sys.executable, "-m", "tests.benchmarks.fast_vendor", str(log), str(port), *words]
    process = subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def empty_callback(written: Written) -> float:
    """Return the seconds that QuickFIX alone takes from the first message to the last."""
    port, limit_s = free_port(), 60 + written.messages / SLOWEST
    command = [sys.executable, "-m", "tests.benchmarks.noop_initiator", str(port), str(written.messages)]
    with fast_vendor(written.folder / "messages.fix", port):
        done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, check=True, capture_output=True, timeout=limit_s)
    return float(done.stdout)


def whole_road(folder: Path, written: Written) -> float:
    """Return the seconds from the receipt of the first message to the commit of the last one's findings."""
    with LiveDaemon(folder, quotes=written.quotes) as daemon:
        with fast_vendor(written.folder / "messages.fix", daemon.ports.fix):
            daemon.start()
            limit_s = 60 + written.messages / SLOWEST
            daemon.wait(lambda: daemon.journal_offset() >= written.messages, "all are journalled", limit_s)
            daemon.wait(lambda: daemon.caught_up(len(written.executions)), "all are recorded", limit_s)
            ended = time.time_ns()
            assert daemon.stop() == 0
        assert daemon.executions() == written.executions
        return (ended - first_received(daemon)) / 1e9


def first_received(daemon: LiveDaemon) -> int:
    """Return when the first execution report was received, in UTC ns."""
    reports = journal.c.kind == RecordKind.MESSAGE.value, func.instr(journal.c.body, b"\x0135=8\x01") > 0
    with daemon.database.reading() as connection:
        return int(connection.execute(select(func.min(journal.c.received_at)).where(*reports)).scalar_one())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=MESSAGES)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    wanted = parser.parse_args()
    main(wanted.messages, wanted.pairs)
