"""How fast history is judged again: facts a second from the store, beside the engine alone on facts in memory.

Two days are recorded by a replay of simulated logs. The engine alone is one core over facts that are read already; the
backtest reads them from SQLite and judges both sides, with one process and with one a core.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rules.rule import LooksAt
from rules.rulebook import parse_rulebook
from service.backtest.judge import Bench
from service.backtest.reading import StoredDay
from service.backtest.run import Wanted, backtest
from service.backtest.timeline import Timeline
from service.processed import Amendment, Requoted
from service.store.engine import Database
from tests.simulations import ROOT, run_sorwatch

MESSAGES = int(os.environ.get("BENCH_MESSAGES", "10000"))
MONDAY = 1_767_623_400 * 1_000_000_000
DAY_NS = 86_400 * 1_000_000_000
FIRST, LAST = "2026-01-05", "2026-01-06"
TRIED = 'rules: {slow_fill: {parameters: {at_most: 5 ms}}, outside_nbbo: {parameters: {tolerance: "0.01"}}}'


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give a store of two simulated days."""
    folder = tmp_path_factory.mktemp("history")
    url = f"sqlite:///{folder / 'history.db'}"
    for number in range(2):
        written = folder / f"day{number}"
        start = str(MONDAY + number * DAY_NS)
        words = ("--messages", str(MESSAGES), "--seed", str(number + 1), "--start-ns", start)
        run_sorwatch("simulate", "--write", str(written), *words)
        files = (str(written / "messages.fix"), "--quotes", str(written / "quotes.csv"))
        run_sorwatch("replay", *files, "--counterparty", "demo", "--store", url, "--folder", str(ROOT))
    return url


def test_backtest_beside_the_engine_alone(store: str, tmp_path: Path) -> None:
    """Facts a second: the engine on facts in memory, reading alone, the whole with one process and with one a core."""
    tried = tmp_path / "tried.yaml"
    tried.write_text(TRIED, encoding="utf-8")
    cores, load = os.cpu_count() or 1, os.getloadavg()[0]
    facts, reading, judging = _alone(store)
    one, several = (_seconds(lambda jobs=jobs: _whole(store, tried, jobs)) for jobs in (1, cores))
    sweep = _seconds(lambda: _whole(store, tried, 1, "slow_fill.at_most=1 ms..1 s:20"))

    print(f"\n{facts:,} facts of two days; load average {load:.1f}, {cores} cores")
    for name, seconds in (("engine alone", judging), ("reading alone", reading), ("1 process", one)):
        print(f"  {name:<14} {facts / seconds:>10,.0f} facts/s")
    print(
        f"  {cores} processes    {facts / several:>10,.0f} facts/s, of engine × cores {judging / several / cores:.2f}"
    )
    print(f"  20 points swept over one rule in {sweep:.1f} s")
    assert facts > MESSAGES


def _alone(url: str) -> tuple[int, float, float]:
    """Return how many facts the catalogue looks at, and the seconds of reading and of judging them."""
    kinds = frozenset(LooksAt)
    count, reading, judging = 0, 0.0, 0.0
    for day in (FIRST, LAST):
        with Database(url) as database, database.reading() as connection:
            source = StoredDay(connection, day)
            began = time.perf_counter()
            facts = [one for one in source.items(kinds) if not isinstance(one, Amendment | Requoted)]
            reading += time.perf_counter() - began
        bench = Bench(Timeline(()), source.first, parse_rulebook(""))
        began = time.perf_counter()
        for fact in facts:
            bench.assess(fact)
        judging += time.perf_counter() - began
        count += len(facts)
    return count, reading, judging


def _whole(url: str, tried: Path, jobs: int, sweep: str | None = None) -> None:
    wanted = Wanted(store_url=url, rulebook=tried, against="in-force", first=FIRST, last=LAST, sweep=sweep, jobs=jobs)
    assert backtest(wanted).days


def _seconds(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
