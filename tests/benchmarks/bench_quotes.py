"""How fast quotes come in: python -m tests.benchmarks.bench_quotes [--batches N] [--pairs N]; also by `make bench`.

A takes what waits at a real broker through the same client and the same decode and lets it go, B puts it on the tape;
the same batches for both, in turn, A B A B; only the ratio within a pair counts. Rates are by the clock and, for a
machine that others use too, by this process's own processor time. Then what the parts cost, how long a decision waits
for the lock meanwhile, and the room that 10,000 symbols take.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from statistics import median, quantiles

import msgspec

from alerts.broker import Broker
from rules.facts import Nanos
from service.market.enrich import QuotePolicy
from service.market.live_quotes import LiveQuotes
from service.market.liveness import Liveness
from service.market.mqtt_quotes import MqttQuotes, Subscription
from service.market.quote_json import QuoteMessage, read_message
from service.market.tape import Tape
from tests.benchmarks.quote_publisher import BATCH, payloads
from tests.factories_market import NOON, a_request, an_update, seconds
from tests.servers import Mosquitto, running_mosquitto
from tests.simulations import ENVIRONMENT, ROOT

BATCHES = int(os.environ.get("BENCH_BATCHES", "3000"))
PAIRS = int(os.environ.get("BENCH_RUNS", "5"))
TARGET = 300_000
TOPIC = "bench/quotes"
LIMITS = ("allow_anonymous true", "max_queued_messages 0", "max_inflight_messages 1000")


class Counted(LiveQuotes):
    """Counts what it takes; says when the last quote has come."""

    def __init__(self, tape: Tape | None, expected: int) -> None:
        super().__init__(tape or Tape(), QuotePolicy(), Liveness.of_settings(5_000))
        self.began: tuple[float, float] | None = None
        self.done: tuple[float, float] | None = None
        self._kept = tape is not None
        self._left = expected

    def take(self, message: QuoteMessage, now: Nanos) -> None:
        """Take it, or only count it."""
        self.began = self.began or clocks()
        if self._kept:
            super().take(message, now)
        self._left -= len(message.quotes)
        if self._left <= 0:
            self.done = clocks()


def test_quotes_with_and_without_the_tape() -> None:
    """Print the tables; nothing is asserted of a time."""
    main(BATCHES, PAIRS)


def main(batches: int, pairs: int) -> None:
    """Print all three tables."""
    print(f"\n{batches:,} batches of {BATCH} quotes over 10,000 symbols, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as name, running_mosquitto(Path(name), options=LIMITS) as broker:
        through_the_broker(broker, batches, pairs)
    parts(min(batches, 1_000), pairs)
    waiting(pairs)
    room()


def through_the_broker(broker: Mosquitto, batches: int, pairs: int) -> None:
    """Print quotes a second without and with the tape, pair by pair, by the clock and by the processor."""
    kinds: dict[str, Callable[[], Tape | None]] = {
        "A decode": lambda: None,
        "B tape": at_work,
        "B watchlist": lambda: at_work(frozenset()),
    }
    print(f"{'quotes/s':>8}" + "".join(f"{name + word:>22}" for word in ("", " (cpu)") for name in kinds))
    rows = []
    for pair in range(1, pairs + 1):
        rates = [asyncio.run(rate(broker, batches, make())) for make in kinds.values()]
        rows.append([by[which] for which in (0, 1) for by in rates])
        print(f"{pair:>8}" + "".join(f"{number:>22,.0f}" for number in rows[-1]), flush=True)
    print(f"{'median':>8}" + "".join(f"{median(column):>22,.0f}" for column in zip(*rows, strict=True)))
    for which, word in ((0, "by the clock"), (3, "by the processor")):
        ratios = [median(row[which + kind] / row[which] for row in rows) for kind in (1, 2)]
        print(f"B/A {word}: {ratios[0]:.2f}, with an empty watchlist {ratios[1]:.2f} (target {TARGET:,} quotes/s)")


def at_work(watchlist: frozenset[str] | None = None) -> Tape:
    """Return a tape that has known its 10,000 symbols for a while: meeting one is dear, and happens once."""
    tape = Tape(watchlist=watchlist)
    for body in payloads(4_000, NOON):
        tape.update_many(read_message(body).quotes)
    return tape


async def rate(broker: Mosquitto, batches: int, tape: Tape | None) -> tuple[float, float]:
    """Let the batches wait at the broker for our session, then take them; return quotes a second, by both clocks."""
    quotes = Counted(tape, batches * BATCH)
    before = quotes.report(NOON).tape.taken
    source = MqttQuotes(
        Subscription(
            topic=TOPIC, broker=Broker(host=broker.host, port=broker.port), client_id=f"bench{time.time_ns()}"
        ),
        quotes,
    )
    await running(source, until=lambda: source.connections > 0)
    command = [sys.executable, "-m", "tests.benchmarks.quote_publisher", str(broker.port), TOPIC, str(batches)]
    subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, check=True, timeout=300)  # noqa: ASYNC221 - nothing else runs
    quotes.began = None
    await running(source, until=lambda: quotes.done is not None)
    report = quotes.report(NOON)
    assert not report.dropped
    assert report.missed == report.gaps == 0
    assert tape is None or report.tape.taken - before == batches * BATCH
    assert quotes.began is not None
    assert quotes.done is not None
    wall, own = (after - before for before, after in zip(quotes.began, quotes.done, strict=True))
    return batches * BATCH / wall, batches * BATCH / own


def clocks() -> tuple[float, float]:
    """Return the time by the clock and by this process's processor."""
    return time.perf_counter(), time.process_time()


async def running(source: MqttQuotes, until: Callable[[], bool]) -> None:
    """Run the source until something is true."""
    task = asyncio.create_task(source.run())
    async with asyncio.timeout(60):
        while not until():  # noqa: ASYNC110 - what is waited for happens at the broker and tells nobody
            await asyncio.sleep(0.001)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def parts(batches: int, rounds: int) -> None:
    """Print what decode and tape cost a quote, in µs of the processor."""
    kept, tails = at_work(), at_work(frozenset())
    quotes = batches * BATCH
    work: dict[str, Callable[[], object]] = {
        "decode": lambda: [read_message(body) for body in bodies],
        "tape, all with history": lambda: [kept.update_many(each.quotes) for each in messages],
        "tape, none with history": lambda: [tails.update_many(each.quotes) for each in messages],
    }
    spent: dict[str, list[float]] = {name: [] for name in work}
    for turn in range(1, rounds + 1):
        bodies = list(payloads(batches, NOON + turn * 3_600 * 10**9))
        messages = [read_message(body) for body in bodies]
        for name, one in work.items():
            spent[name].append(processor(one) / quotes * 1e6)
    for name, costs in spent.items():
        print(f"{name:<26} {median(costs):>6.2f} µs a quote of the processor, at least {min(costs):.2f}")


def processor(work: Callable[[], object]) -> float:
    """Return the seconds that the thread itself took."""
    began = time.thread_time()
    work()
    return time.thread_time() - began


def waiting(rounds: int) -> None:
    """Print how long a decision takes while nothing, batches of 100 or batches of 10,000 are taken."""
    print(f"\n{'a decision while taking':<26} {'p50 µs':>8} {'p99 µs':>9} {'most ms':>8}")
    for name, size in (("nothing", 0), ("batches of 100", 100), ("batches of 10,000", 10_000)):
        taken = sorted(spent for _ in range(rounds) for spent in decisions(size))
        cuts = quantiles(taken, n=100)
        print(f"{name:<26} {cuts[49] / 1e3:>8.1f} {cuts[98] / 1e3:>9.1f} {taken[-1] / 1e6:>8.1f}")


def decisions(size: int, number: int = 2_000) -> list[int]:
    """Return how many ns each of some decisions took, one every 100 µs, beside a thread that takes without a pause."""
    live = LiveQuotes(Tape(), QuotePolicy(), Liveness.of_settings(5_000))
    live.take(QuoteMessage(quotes=(an_update(),)), NOON)
    ended = threading.Event()
    body = read_message(next(payloads(1, NOON)))
    message = QuoteMessage(quotes=body.quotes * (size // BATCH))
    thread = threading.Thread(target=lambda: feed(live, message, ended)) if size else None
    if thread is not None:
        thread.start()
    spent = []
    for _ in range(number):
        time.sleep(0.0001)
        began = time.perf_counter_ns()
        live.decide(a_request(), seconds(60))
        spent.append(time.perf_counter_ns() - began)
    ended.set()
    if thread is not None:
        thread.join(60)
    return spent


def feed(live: LiveQuotes, message: QuoteMessage, ended: threading.Event) -> None:
    """Take moved copies of a message until the end."""
    turn = 0
    while not ended.is_set():
        turn += 1
        moved = tuple(msgspec.structs.replace(each, at=Nanos(each.at + turn * 1_000_000)) for each in message.quotes)
        live.take(QuoteMessage(quotes=moved), NOON)


def room() -> None:
    """Print the memory that 10,000 symbols with 200 quotes each take, with a history and without."""
    print()
    for name, tape in (("all with history", Tape()), ("none with history", Tape(watchlist=frozenset()))):
        gc.collect()
        before = resident()
        for body in payloads(20_000, NOON):
            tape.update_many(read_message(body).quotes)
        print(f"10,000 symbols, {name:<18} {len(tape):>10,} quotes kept, {(resident() - before) / 1e6:>6.0f} MB")


def resident() -> int:
    """Return the bytes of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--batches", type=int, default=BATCHES)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    wanted = parser.parse_args()
    main(wanted.batches, wanted.pairs)
