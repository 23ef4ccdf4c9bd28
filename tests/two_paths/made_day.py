"""A day that never was, made out of a seed: two symbols, every state of the market, prices down to a nanodollar.

Locked, crossed, one-sided, halted, closed and missing markets, price bands; midpoints at half a nanodollar; quotes of
one instant, and marks that fall exactly on a quote; executions before the open, around the close and after it; parts of
a share.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

from tests.two_paths.prints import BUY, SECOND, Print, write_log

DAY = "20131007"
MIDNIGHT = 1_381_118_400 * SECOND
"""In New York, four hours behind UTC."""
OPENS, CLOSES = MIDNIGHT + 34_200 * SECOND, MIDNIGHT + 57_600 * SECOND
SYMBOLS = ("IBM", "XYZ")
BEGIN = {"IBM": 182_000_000_000, "XYZ": 3_000_000_000}
"""The price that each begins with."""
VENUES = ("XNYS", "ARCX", "BATS", "IEXG")
MARKETS = ("halted", "closed", "bid_not_executable", "offer_not_executable", "neither_executable")
NANO = 1_000_000_000
HEADER = "time_ns,symbol,bid,bid_size,offer,offer_size,state\n"
PAUSES = (0, 1, 40_000, 50_000_000, SECOND, 5 * SECOND, 60 * SECOND, 200 * SECOND)
DISTANCES = (0, -SECOND, -SECOND, 50_000_000, SECOND, 15 * SECOND, 60 * SECOND, 300 * SECOND)
"""Of an execution before a quote: a mark then falls on it, or the second in which it may flicker begins with it."""


class MadeDay(NamedTuple):
    """The quotes and the executions of a day."""

    quotes: list[Made]
    prints: list[Print]

    def write(self, folder: Path) -> None:
        """Write quotes.csv, prints.csv and day.log."""
        write_quotes(folder / "quotes.csv", self.quotes)
        write_prints(folder / "prints.csv", self.prints)
        write_log(folder / "day.log", self.prints, DAY)


class Made(NamedTuple):
    """One quote of the day; a side of 0 is not there, a size of None is not known."""

    at: int
    symbol: str
    bid: int
    bid_size: str
    offer: int
    offer_size: str
    state: str


def make_day(seed: int, quotes: int, prints: int) -> MadeDay:
    """Return the day of a seed."""
    dice = Random(seed)
    made = make_quotes(dice, quotes)
    return MadeDay(made, list(make_prints(dice, made, prints)))


def make_quotes(dice: Random, count: int) -> list[Made]:
    """Return the quotes of the day in order of time, from before the open until after the close."""
    at, middle, made = OPENS - 30 * SECOND, dict(BEGIN), []
    market = dict.fromkeys(SYMBOLS, "")
    pause = max((CLOSES + 300 * SECOND - at) * 2 // count - sum(PAUSES) // len(PAUSES), SECOND)
    for _ in range(count):
        at += dice.choice(PAUSES) if dice.random() < 0.5 else dice.randrange(2 * pause)
        symbol = dice.choice(SYMBOLS)
        middle[symbol] += dice.choice((0, 1, -1, 10_000_000, -10_000_000, 5_000_001, -333_333))
        market[symbol] = _market(dice, market[symbol])
        bid, offer = _sides(dice, middle[symbol])
        sizes = [dice.choice(("", "100", "1", "12.5", "100000")) for _ in range(2)]
        made.append(Made(at, symbol, bid, sizes[0], offer, sizes[1], market[symbol]))
    return made


def _market(dice: Random, before: str) -> str:
    """Return what the source says of the market: open as a rule, else for a while something else."""
    if dice.random() < (0.4 if before else 0.97):
        return ""
    return before or dice.choice(MARKETS)


def _sides(dice: Random, middle: int) -> tuple[int, int]:
    kind = dice.random()
    half = dice.choice((5_000_000, 10_000_000, 1, 2_500_000))
    bid, offer = middle - half, middle + half + dice.choice((0, 1))
    if kind < 0.08:
        return middle, middle
    if kind < 0.14:
        return offer, bid
    if kind < 0.22:
        return dice.choice(((bid, 0), (0, offer), (0, 0)))
    return bid, offer


def make_prints(dice: Random, quotes: list[Made], count: int) -> Iterator[Print]:
    """Yield executions near the quotes, some at the very instant of one or a horizon before it, one before them all."""
    times = {symbol: [quote.at for quote in quotes if quote.symbol == symbol] for symbol in SYMBOLS}
    by_symbol = {symbol: [quote for quote in quotes if quote.symbol == symbol] for symbol in SYMBOLS}
    for number in range(1, count + 1):
        near = dice.choice(quotes)
        at = near.at - dice.choice(DISTANCES) + (0 if dice.random() < 0.5 else dice.randrange(2 * SECOND))
        at = at if number > 1 else quotes[0].at - 1
        index = max(bisect_right(times[near.symbol], at) - 1, 0)
        price = _price(dice, *(by_symbol[near.symbol][max(index - back, 0)] for back in (0, dice.choice((1, 2)))))
        yield Print(
            number=number,
            symbol=near.symbol,
            venue=dice.choice(VENUES),
            side=dice.choice((BUY, BUY, "2", "5")),
            price=text(price, 9),
            shares=dice.choice(("100", "1", "7", "0.5", "33.333333", "250000")),
            received=at - dice.choice((0, 1, 50_000_000, SECOND, 45 * SECOND)),
            at=at,
        )


def _price(dice: Random, quote: Made, before: Made) -> int:
    """Return a price at, in or beside the market, or at a side of the one before it: that one may have flickered."""
    if dice.random() < 0.4:
        return dice.choice((before.bid, before.offer)) or 2 * NANO
    bid, offer = quote.bid or quote.offer or 2 * NANO, quote.offer or quote.bid or 2 * NANO
    places = (bid, offer, (bid + offer) // 2, bid - 1, offer + 1, bid + 1, offer + 10_000_000, bid - 10_000_000)
    return dice.choice(places)


def write_quotes(path: Path, quotes: list[Made]) -> None:
    """Write the quote file."""
    with path.open("w", encoding="ascii") as out:
        out.write(HEADER)
        for made in quotes:
            bid = f"{text(made.bid, 9)},{made.bid_size}" if made.bid else ","
            offer = f"{text(made.offer, 9)},{made.offer_size}" if made.offer else ","
            out.write(f"{made.at},{made.symbol},{bid},{offer},{made.state}\n")


def write_prints(path: Path, prints: list[Print]) -> None:
    """Write the executions as CSV, under the names of Print."""
    lines = [",".join(Print._fields), *(",".join(map(str, each)) for each in prints)]
    path.write_text("\n".join(lines) + "\n", encoding="ascii")


def text(value: int, digits: int) -> str:
    """Return value / 10^digits as decimal text, all digits written."""
    return f"{value // 10**digits}.{value % 10**digits:0{digits}d}"
