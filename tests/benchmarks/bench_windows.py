"""Windows beside a toy: python -m tests.benchmarks.bench_windows [--symbols N] [--venues N] [--each N] [--turns N].

One rule, one window for each symbol at each venue. A is a plain dict of deques of tuples with a running sum, in order
of arrival: no late ones, no repetitions, no bound. B is what the engine keeps. Each turn runs in a process of its own,
A B A B; time is that of the processor, memory what the process grew by. Only the ratio within a pair counts.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import deque
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path
from statistics import median

from rules.facts import SECOND
from rules.observed import Row, digested
from rules.windows import Windows
from tests.factories import NOON

SPAN = 3600 * SECOND
_PAGE = 4096
Key = tuple[str, str, str]
Figures = tuple[float, float]


def observations(symbols: int, venues: int, each: int) -> Iterator[tuple[Key, int, str, int]]:
    """Yield key, time, identity and value of so many observations for each key, in the span, keys by chance."""
    dice = random.Random(7)
    count = symbols * venues * each
    for n in range(count):
        key = ("demo", f"S{dice.randrange(symbols)}", f"V{dice.randrange(venues)}")
        yield key, NOON + n * SPAN // count, f"demo/2026-11-20/E{n}", dice.randrange(10**9)


def toy(symbols: int, venues: int, each: int) -> object:
    """Keep every observation as a tuple in a deque."""
    kept: dict[Key, deque[tuple[int, str, int]]] = {}
    sums: dict[Key, int] = {}
    for key, at, identity, value in observations(symbols, venues, each):
        window = kept.setdefault(key, deque())
        window.append((at, identity, value))
        sums[key] = sums.get(key, 0) + value
        while window[0][0] <= at - SPAN:
            sums[key] -= window.popleft()[2]
    return kept, sums


def ours(symbols: int, venues: int, each: int) -> object:
    """Keep them as the engine does."""
    kept = Windows()
    for key, at, identity, value in observations(symbols, venues, each):
        kept.add(("2026-11-20", key), Row(at, digested(identity), value), SPAN, at)
    return kept


def _grown() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE


def measured(variant: str, symbols: int, venues: int, each: int) -> Figures:
    """Return observations per second, without the making of them, and bytes."""
    begun = time.process_time()
    for _ in observations(symbols, venues, each):
        pass
    making, before = time.process_time() - begun, _grown()
    begun = time.process_time()
    kept = {"toy": toy, "ours": ours}[variant](symbols, venues, each)
    taken = time.process_time() - begun - making
    assert kept is not None
    return symbols * venues * each / taken, float(_grown() - before)


def main(symbols: int, venues: int, each: int, turns: int) -> None:
    """Print the median of each and of the ratios."""
    context = get_context("spawn")
    figures: dict[str, list[Figures]] = {"toy": [], "ours": []}
    for _ in range(turns):
        for variant, into in figures.items():
            with context.Pool(1) as pool:
                into.append(pool.apply(measured, (variant, symbols, venues, each)))
    print(f"{symbols} symbols x {venues} venues, {each} observations each, {turns} turns")
    for variant, of in figures.items():
        rate, size = (median(figure) for figure in zip(*of, strict=True))
        print(f"{variant:>5}: {rate:>12,.0f}/s {size / 2**20:>8,.0f} MiB")
    pairs = list(zip(figures["ours"], figures["toy"], strict=True))
    print(
        f"ratio: {median(one[0] / toy[0] for one, toy in pairs):.2f} of its speed, "
        f"{median(one[1] / toy[1] for one, toy in pairs):.2f} of its memory"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("symbols", 10_000), ("venues", 30), ("each", 5), ("turns", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    wanted = parser.parse_args()
    main(wanted.symbols, wanted.venues, wanted.each, wanted.turns)
