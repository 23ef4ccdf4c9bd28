"""How fast a log is replayed: python -m tests.benchmarks.bench_replay [--messages N] [--runs N]; also by `make bench`.

Without quotes, with quotes, and with quotes into a store, each held against a plain split of the same lines into tags
and values, all in turn in each run.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from service.replay_file import replay_file
from service.simulator.folder import free_ports, write_folder
from tests.simulations import Written, write_simulation

MESSAGES = int(os.environ.get("BENCH_MESSAGES", "50000"))
RUNS = int(os.environ.get("BENCH_RUNS", "5"))


def test_how_fast_a_log_is_replayed() -> None:
    """Print the table; nothing is asserted of a time."""
    main(MESSAGES, RUNS)


def main(messages: int, runs: int) -> None:
    """Print messages a second of each way and its share of the plain split, run by run and in the median."""
    with tempfile.TemporaryDirectory(prefix="sorwatch-replay-") as name:
        folder = Path(name)
        written = write_simulation(folder / "written", messages, 1)
        write_folder(folder / "home", free_ports())
        print(f"\nreplay of {messages:,} messages, {runs} runs, load {os.getloadavg()[0]:.1f}")
        ways = _ways(folder, written)
        print("   run " + " ".join(f"{title:>24}" for title in ways))
        rates: dict[str, list[float]] = {title: [] for title in ways}
        for run in range(1, runs + 1):
            for title, way in ways.items():
                rates[title].append(messages / _timed(way))
            print(f"{run:>6} " + " ".join(f"{found[-1]:>20,.0f} /s " for found in rates.values()), flush=True)
        plain, *_ = rates.values()
        print("median " + " ".join(f"{median(found):>20,.0f} /s " for found in rates.values()))
        shares = (median(a / b for a, b in zip(found, plain, strict=True)) for found in rates.values())
        print(" share " + " ".join(f"{share:>23.3f} " for share in shares), flush=True)


def _ways(folder: Path, written: Written) -> dict[str, Callable[[], object]]:
    log, home = written.folder / "messages.fix", folder / "home"
    stores = iter(range(1_000_000))

    def replayed(quotes: Path | None, *, stored: bool = False) -> None:
        url = f"sqlite:///{folder / f'store{next(stores)}.db'}" if stored else None
        summary = replay_file(log, quotes=quotes, counterparty="demo", store_url=url, folder=home)
        assert summary.executions == len(written.executions)

    return {
        "plain split": lambda: split_all(log),
        "without quotes": lambda: replayed(None),
        "with quotes": lambda: replayed(written.quotes),
        "with quotes, into store": lambda: replayed(written.quotes, stored=True),
    }


def split_all(log: Path) -> int:
    """Split every line into tags and values; return how many fields there were."""
    count = 0
    with log.open("rb") as lines:
        for line in lines:
            body = line.partition(b" : ")[2]
            count += len(dict(part.partition(b"=")[::2] for part in body.split(b"\x01")))
    return count


def _timed(way: Callable[[], object]) -> float:
    began = time.perf_counter()
    way()
    return time.perf_counter() - began


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=MESSAGES)
    parser.add_argument("--runs", type=int, default=RUNS)
    wanted = parser.parse_args()
    main(wanted.messages, wanted.runs)
