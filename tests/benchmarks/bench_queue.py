"""The queue after years: python -m tests.benchmarks.bench_queue [--open N] [--closed N] [--asks N].

On a store with so many open and closed exceptions and a real server on it: how long each page takes, how long after a
commit an open page hears of it, and what one decision over 2,000 takes. All clocks are this machine's.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from statistics import quantiles

import httpx

from rules.facts import Nanos
from service.access.actor import Actor, Way
from service.alerting import alerting
from service.cases.given import Given
from service.cases.states import Action
from service.store.engine import Database
from service.store.queue import SqlQueue
from service.store.upgrade import migrate
from tests.benchmarks.filled_queue import a_filled_queue
from tests.factories_cases import NO_CLOCKS
from tests.factories_page import DAY, a_morning
from tests.page_server import PageServer, serving

OPEN = int(os.environ.get("BENCH_OPEN", "10000"))
CLOSED = int(os.environ.get("BENCH_CLOSED", "1000000"))
ASKS = int(os.environ.get("BENCH_ASKS", "40"))
BULK = 2_000
MORNING = 10
"""So many exceptions have messages and a market behind them, those of a morning: the newest."""
PAT = Actor(name="pat", roles=("supervisor", "compliance"), how=Way.PAGE)
EXCEPTION = "/exceptions/{case_id}"
PAGES = (
    "/",
    "/?severity=high",
    "/?symbol=BAK&state=closed",
    "/?order=harm",
    "/?text=slow",
    "/rows",
    EXCEPTION,
    "/days",
    f"/days/{DAY}",
    f"/report/{DAY}",
    "/rules",
    "/venues",
    "/feeds",
    "/people/shelvings",
    "/api/v1/exceptions",
)


def test_how_quick_the_queue_is_after_years() -> None:
    """Print the tables; nothing is asserted of a time."""
    main(OPEN, CLOSED, ASKS)


def main(still_open: int, closed: int, asks: int) -> None:
    """Fill a store, and measure everything on it."""
    with tempfile.TemporaryDirectory(prefix="sorwatch-queue-") as name:
        folder = Path(name)
        began = time.monotonic()
        filled(folder, still_open, closed)
        with Database(f"sqlite:///{folder / 'sorwatch.db'}") as database:
            a_morning(database)
        size = (folder / "sorwatch.db").stat().st_size
        took = time.monotonic() - began
        print(f"{still_open:,} open, {closed:,} closed: filled in {took:.0f} s, {size / 2**20:,.0f} MiB", flush=True)
        asyncio.run(at_the_page(folder, asks, still_open + closed + 1))
        one_decision(folder, still_open + closed)


def filled(folder: Path, still_open: int, closed: int) -> None:
    """Put the exceptions of years into a store; where BENCH_STORE names one that is filled, take a copy of it."""
    kept = os.environ.get("BENCH_STORE")
    if kept is not None:
        shutil.copyfile(kept, folder / "sorwatch.db")
        return
    with Database(f"sqlite:///{folder / 'sorwatch.db'}") as database:
        migrate(database)
        a_filled_queue(database, closed=closed, still_open=still_open, now=Nanos(time.time_ns()))


async def at_the_page(folder: Path, asks: int, first: int) -> None:
    """Time every page, one visitor at a time, and the live stream; a morning's exceptions begin with `first`."""
    async with serving(folder) as server, httpx.AsyncClient(base_url=server.url, timeout=120) as client:
        times: dict[str, list[float]] = {page: [] for page in PAGES}
        for turn in range(asks + 1):
            for page, found in times.items():
                began = time.perf_counter()
                answer = await client.get(page.format(case_id=first + turn % MORNING))
                if turn and answer.status_code == httpx.codes.OK:  # the first one warms
                    found.append(time.perf_counter() - began)
        print(f"\n{'page':>34} {'count':>6} {'p50 ms':>8} {'p95 ms':>8}, load {os.getloadavg()[0]:.1f}")
        for page, found in times.items():
            _line(page, found)
        _line("heard live after the commit", await heard(server, folder, asks, first))


async def heard(server: PageServer, folder: Path, asks: int, first: int) -> list[float]:
    """Return how long after the commit of a note an open page hears that the queue changed, in seconds."""
    waits = []
    with Database(f"sqlite:///{folder / 'sorwatch.db'}") as database:
        queue = SqlQueue(database, alerting=alerting("demo"), rules=NO_CLOCKS)
        async with httpx.AsyncClient(timeout=120) as client, client.stream("GET", f"{server.url}/live") as answer:
            lines = answer.aiter_lines()
            await _changed(lines)
            for turn in range(asks):
                given = Given(words=f"turn {turn}")
                queue.act(first + turn % MORNING, Action.NOTE, PAT, given, Nanos(time.time_ns()))
                committed = time.perf_counter()
                await _changed(lines)
                waits.append(time.perf_counter() - committed)
    return waits


async def _changed(lines: AsyncIterator[str]) -> None:
    async for line in lines:
        if line == "event: queue-changed":
            return


def one_decision(folder: Path, last: int) -> None:
    """Time one decision over the 2,000 exceptions up to `last`, and the longest of its transactions."""
    with Database(f"sqlite:///{folder / 'sorwatch.db'}") as database:
        queue = SqlQueue(database, alerting=alerting("demo"), rules=NO_CLOCKS)
        newest = range(last + 1 - BULK, last + 1)
        began = time.perf_counter()
        queue.bulks.begin("bench", newest, Action.NOTE, PAT, Given(words="seen"), Nanos(time.time_ns()))
        ends = [time.perf_counter() for _ in queue.bulks.finish("bench", Nanos(time.time_ns()))]
        chunks = [end - start for start, end in zip([began, *ends], ends, strict=False)]
        print(f"\none decision over {len(newest):,}: {ends[-1] - began:.2f} s, longest transaction {max(chunks):.3f} s")


def _line(what: str, found: list[float]) -> None:
    if len(found) < 2:
        print(f"{what:>34} {len(found):>6}        –        –", flush=True)
        return
    cuts = [1e3 * cut for cut in quantiles(found, n=20, method="inclusive")]
    print(f"{what:>34} {len(found):>6} {cuts[9]:>8.1f} {cuts[18]:>8.1f}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--open", type=int, default=OPEN)
    parser.add_argument("--closed", type=int, default=CLOSED)
    parser.add_argument("--asks", type=int, default=ASKS)
    wanted = parser.parse_args()
    main(wanted.open, wanted.closed, wanted.asks)
