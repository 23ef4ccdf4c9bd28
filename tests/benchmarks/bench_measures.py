"""What the measures cost: python -m tests.benchmarks.bench_measures [--executions N] [--rounds N]; and by `make bench`.

The same executions and as many quotes to three: A is the road's pure part, the tape's quote at receipt and at execution
and `measure`; B a plain Python loop, lists and bisect, that makes the same four numbers and nothing else; C polars with
two `join_asof` and the same formulas over whole columns. In turn, A B C A B C; only the ratios within a round count.
Quotes are laid out beforehand for each in its own way. That all three agree is asserted by their sums.

A makes a quote with its state twice and a whole Measures for each execution, one at a time, as they come; C needs the
whole day in columns and says how far the road is from that.
"""

from __future__ import annotations

import argparse
import gc
import os
import time
from bisect import bisect_right
from collections.abc import Callable
from statistics import median
from typing import NamedTuple

import numpy as np
import polars as pl
from polars import col, when

from rules.facts import Nanos, Price, Quantity, Side
from service.market.measures import measure
from service.market.tape import QuoteUpdate, Tape
from tests.factories import NOON

EXECUTIONS = int(os.environ.get("BENCH_EXECUTIONS", "1000000"))
ROUNDS = int(os.environ.get("BENCH_RUNS", "3"))
SYMBOLS = [f"S{number:03}" for number in range(200)]
DAY = 23_400_000_000_000
TICK = 10_000_000
SHARES = Quantity(100_000_000)
SIDES = {1: Side.BUY, -1: Side.SELL}
Sums = tuple[int, int, int, int]
"""Of improvement, effective and quoted spread, outside amount."""


class Market(NamedTuple):
    """Quotes and executions in columns, each in order of time; `symbol` is a number."""

    quotes: dict[str, np.ndarray]
    executions: dict[str, np.ndarray]


def test_the_measures_beside_a_plain_loop_and_polars() -> None:
    """Print the table; nothing is asserted of a time."""
    main(EXECUTIONS, ROUNDS)


def main(executions: int, rounds: int) -> None:
    """Print what each costs an execution, and the ratios of each round: median, least and most."""
    market = a_market(executions)
    ways = {"A road": the_road(market), "B plain loop": plain_loop(market), "C polars": in_columns(market)}
    print(f"\n{executions:,} executions, as many quotes, {len(SYMBOLS)} symbols, load {os.getloadavg()[0]:.1f}")
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    answers = set()
    for _ in range(rounds):
        for name, work in ways.items():
            clocks, sums = timed(work)
            spent[name].append(clocks)
            answers.add(sums)
    assert len(answers) == 1, f"they do not agree: {answers}"
    print(f"{'µs an execution':<16} {'wall':>8} {'processor':>10}")
    for name, clocks in spent.items():
        print(
            f"{name:<16}" + "".join(f" {1e6 * median(times) / executions:>9.2f}" for times in zip(*clocks, strict=True))
        )
    for name in list(ways)[1:]:
        for clock, title in enumerate(("wall", "processor")):
            ratios = [ours[clock] / other[clock] for ours, other in zip(spent["A road"], spent[name], strict=True)]
            print(f"A / {name:<13} {title:<10} {median(ratios):>7.2f}, from {min(ratios):.2f} to {max(ratios):.2f}")


def timed(work: Callable[[], Sums]) -> tuple[tuple[float, float], Sums]:
    """Return the time by the wall and by the processor, of all threads, and what came of it."""
    gc.collect()
    wall, processor = time.perf_counter(), time.process_time()
    sums = work()
    return (time.perf_counter() - wall, time.process_time() - processor), sums


def a_market(number: int) -> Market:
    """Return quotes two to five cents wide, and executions at any price of the day, of orders up to two seconds old."""
    dice = np.random.default_rng(1)
    at = np.sort(dice.integers(0, DAY, number)) + int(NOON)
    bid = (10_000 + dice.integers(0, 500, number)) * TICK
    symbols = dice.integers(0, len(SYMBOLS), number)
    symbols[: len(SYMBOLS)], at[: len(SYMBOLS)] = range(len(SYMBOLS)), int(NOON)  # each has a quote before any order
    quotes = {"at": at, "symbol": symbols, "bid": bid}
    quotes["offer"] = bid + dice.integers(2, 6, number) * TICK
    then = np.sort(dice.integers(DAY // 100, DAY, number)) + int(NOON)
    done = {"at": then, "symbol": dice.integers(0, len(SYMBOLS), number), "sign": dice.choice((1, -1), number)}
    done["received"] = then - dice.integers(0, 2_000_000_000, number)
    done["price"] = (10_000 + dice.integers(0, 500, number)) * TICK
    return Market(quotes, done)


def the_road(market: Market) -> Callable[[], Sums]:
    """Return the work of the road's pure part."""
    tape = Tape(capacity=None)
    tape.update_many(
        QuoteUpdate(SYMBOLS[symbol], Nanos(at), Price(bid), SHARES, Price(offer), SHARES)
        for at, symbol, bid, offer in rows(market.quotes, "at", "symbol", "bid", "offer")
    )
    executions = [
        (SYMBOLS[symbol], SIDES[sign], Nanos(received), Nanos(at), Price(price))
        for symbol, sign, received, at, price in rows(market.executions, *_ASKED)
    ]

    def work() -> Sums:
        improvement = effective = quoted = outside = 0
        for symbol, side, received, at, price in executions:
            found = measure(
                side=side,
                price=price,
                quantity=SHARES,
                receipt=tape.as_of(symbol, received),
                execution=tape.as_of(symbol, at),
                executed_at=at,
                working_at=received,
            )
            improvement += found.price_improvement or 0
            effective += found.effective_spread or 0
            quoted += found.quoted_spread or 0
            outside += found.outside_amount or 0
        return improvement, effective, quoted, outside

    return work


_ASKED = ("symbol", "sign", "received", "at", "price")


def plain_loop(market: Market) -> Callable[[], Sums]:
    """Return the work of a loop that does the least."""
    times: list[list[int]] = [[] for _ in SYMBOLS]
    sides: list[list[tuple[int, int]]] = [[] for _ in SYMBOLS]
    for at, symbol, bid, offer in rows(market.quotes, "at", "symbol", "bid", "offer"):
        times[symbol].append(at)
        sides[symbol].append((bid, offer))
    executions = list(rows(market.executions, *_ASKED))

    def work() -> Sums:
        improvement = effective = quoted = outside = 0
        for symbol, sign, received, at, price in executions:
            bid, offer = sides[symbol][bisect_right(times[symbol], received) - 1]
            improvement += sign * ((offer if sign > 0 else bid) - price)
            effective += sign * (2 * price - bid - offer)
            quoted += offer - bid
            bid, offer = sides[symbol][bisect_right(times[symbol], at) - 1]
            outside += max(0, sign * (price - (offer if sign > 0 else bid)))
        return improvement, effective, quoted, outside

    return work


def in_columns(market: Market) -> Callable[[], Sums]:
    """Return the work of polars; every measure of every execution becomes a column before it is added up."""
    quotes, executions = pl.DataFrame(market.quotes).sort("at"), pl.DataFrame(market.executions)
    touch = when(col("sign") > 0).then(col("offer")).otherwise(col("bid"))

    def work() -> Sums:
        receipt = executions.sort("received").join_asof(
            quotes, left_on="received", right_on="at", by="symbol", check_sortedness=False
        )
        receipt = receipt.with_columns(
            improvement=col("sign") * (touch - col("price")),
            effective=col("sign") * (2 * col("price") - col("bid") - col("offer")),
            quoted=col("offer") - col("bid"),
        )
        execution = executions.join_asof(quotes, on="at", by="symbol", check_sortedness=False).with_columns(
            outside=pl.max_horizontal(0, col("sign") * (col("price") - touch))
        )
        sums = receipt.select(col("improvement", "effective", "quoted").sum()).row(0)
        return *(int(each) for each in sums), int(execution["outside"].sum())  # type: ignore[return-value] # three and one

    return work


def rows(columns: dict[str, np.ndarray], *names: str) -> zip[tuple[int, ...]]:
    """Return rows of plain integers."""
    return zip(*(columns[name].tolist() for name in names), strict=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--executions", type=int, default=EXECUTIONS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    wanted = parser.parse_args()
    main(wanted.executions, wanted.rounds)
