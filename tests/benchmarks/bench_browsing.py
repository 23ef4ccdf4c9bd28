"""What supervisors cost the watch: python -m tests.benchmarks.bench_browsing [--pairs N] [--people N] [--rate N].

How late the daemon's commits are at a steady rate with ten supervisors at the page and without, in pairs that change
places, on a store with so many open and closed exceptions. All clocks are this machine's; nothing is asserted.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from statistics import median

import msgspec

from tests.benchmarks.bench_latency import received_by_offset
from tests.benchmarks.bench_queue import CLOSED, OPEN, filled
from tests.benchmarks.bench_road import fast_vendor
from tests.benchmarks.instrumented import Notes
from tests.live_daemon import LiveDaemon
from tests.page_server import PageServer
from tests.simulations import ENVIRONMENT, ROOT, Written, write_simulation

PAIRS = int(os.environ.get("BENCH_PAIRS", "5"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "10"))
RATE = int(os.environ.get("BENCH_RATE", "200"))
PEOPLE = 10
PAUSE_S = 3.0
QUANTILES = (0.5, 0.95, 0.99)
LIMIT_S = 600.0


def test_what_supervisors_cost_the_commits() -> None:
    """Print the tables; nothing is asserted of a time."""
    main(OPEN, CLOSED, PAIRS, PEOPLE, RATE)


def main(still_open: int, closed: int, pairs: int, people: int, rate: int) -> None:
    """Fill a store, and run the daemon on it with the page beside it."""
    with tempfile.TemporaryDirectory(prefix="sorwatch-browsing-") as name:
        folder = Path(name)
        filled(folder, still_open, closed)
        size = int(rate * SECONDS)
        written = write_simulation(folder / "written", size * pairs * 2, 1)
        received, notes, asked = _measured(folder, written, pairs, people, rate)
        print(
            f"\n{rate} messages/s, {pairs} pairs of {SECONDS:g} s, load {os.getloadavg()[0]:.1f}; {people} supervisors"
        )
        print(f"asked {sum(asked.values()):,} times: {dict(asked)}")
        for title, upto in (("journal commit", notes.journalled), ("findings commit", notes.recorded)):
            _told(title, _by_run(received, upto, size), pairs)


def _measured(
    folder: Path, written: Written, pairs: int, people: int, rate: int
) -> tuple[dict[int, int], Notes, Counter[str]]:
    """Run vendor, daemon, page and supervisors; return receipts by offset, the commits, and what was asked."""
    home, notes, asked = folder / "daemon", folder / "notes.json", Counter[str]()
    entry = (sys.executable, "-P", "-m", "tests.benchmarks.instrumented", str(home), str(notes))
    store = f"sqlite:///{folder / 'sorwatch.db'}"
    with LiveDaemon(home, quotes=written.quotes, store=store, entry=entry) as daemon:
        before, size = daemon.journal_offset(), int(rate * SECONDS)
        daemon.start()
        words = ("--rate", str(rate), "--runs", str(pairs * 2), "--pause", str(PAUSE_S))
        with _page(daemon), fast_vendor(written.folder / "messages.fix", daemon.ports.fix, *words):
            for turn in range(pairs * 2):
                upto = before + size * (turn + 1)
                with _supervisors(daemon, people, turn, asked) if has_people(turn) else nullcontext():
                    daemon.wait(_journalled(daemon, upto), "the run is journalled", LIMIT_S)
            daemon.wait(lambda: daemon.caught_up(len(written.executions)), "all are recorded", LIMIT_S)
        assert daemon.stop() == 0
        received = {offset: at for offset, at in received_by_offset(daemon).items() if offset > before}
    return received, msgspec.json.decode(notes.read_bytes(), type=Notes), asked


def has_people(turn: int) -> bool:
    """Return whether supervisors browse in a run: the first of a pair and the second change places."""
    return turn % 4 in (1, 2)


def _journalled(daemon: LiveDaemon, upto: int) -> Callable[[], bool]:
    return lambda: daemon.journal_offset() >= upto


def _by_run(received: dict[int, int], commits: list[tuple[int, int]], size: int) -> list[list[float]]:
    """Return for each run how long after its receipt each message was in a commit, in ms, sorted."""
    upto = [offset for offset, _ in commits]
    first = min(received)
    runs: dict[int, list[float]] = {}
    for offset, at in received.items():
        runs.setdefault((offset - first) // size, []).append((commits[bisect_left(upto, offset)][1] - at) / 1e6)
    return [sorted(found) for _, found in sorted(runs.items())]


def _told(title: str, runs: list[list[float]], pairs: int) -> None:
    """Print each run's quantiles, and the median over the pairs of their ratio."""
    print(f"\n{title:>16} {'pair':>5} " + " ".join(f"{f'p{q * 100:g} alone':>12} {'browsed':>9}" for q in QUANTILES))
    ratios: list[list[float]] = []
    for pair in range(pairs):
        two = {has_people(turn): runs[turn] for turn in (2 * pair, 2 * pair + 1)}
        cells = [(_quantile(two[False], q), _quantile(two[True], q)) for q in QUANTILES]
        ratios.append([browsed / alone for alone, browsed in cells])
        print(f"{'':>16} {pair + 1:>5} " + " ".join(f"{alone:>12.2f} {browsed:>9.2f}" for alone, browsed in cells))
    medians = [median(column) for column in zip(*ratios, strict=True)]
    print(f"{'median ratio':>22} " + " ".join(f"{'':>12} {ratio:>9.2f}" for ratio in medians), flush=True)


def _quantile(found: list[float], share: float) -> float:
    return found[min(len(found) - 1, int(len(found) * share))]


@contextmanager
def _page(daemon: LiveDaemon) -> Iterator[None]:
    """Run `sorwatch web` on the daemon's folder."""
    with (daemon.folder / "web.log").open("wb") as log:
        command = PageServer.command(daemon.folder)
        process = subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.kill()
        process.wait()


@contextmanager
def _supervisors(daemon: LiveDaemon, people: int, seed: int, asked: Counter[str]) -> Iterator[None]:
    """Let so many people work at the page; count what they asked and what was answered."""
    words = (f"http://127.0.0.1:{daemon.ports.web}", str(people), str(seed))
    command = [sys.executable, "-m", "tests.benchmarks.supervisors", *words]
    process = subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
    try:
        yield
    finally:
        process.kill()
        told, _ = process.communicate()
        asked.update(" ".join(line.split()[:2]) for line in told.splitlines())


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--open", type=int, default=OPEN)
    parser.add_argument("--closed", type=int, default=CLOSED)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--rate", type=int, default=RATE)
    wanted = parser.parse_args()
    main(wanted.open, wanted.closed, wanted.pairs, wanted.people, wanted.rate)
