"""The real day of IBM for both paths: its prints as orders for the first, its zipped files by polars for the second.

The file holds no orders, so each print gets one of its own, a market order. That it was received a fixed while before
its print, a tenth of a second unless told otherwise, is MADE UP: what is measured against the receipt says nothing of
that day beyond that both paths agree. Where the price lies at execution, what came after and flicker are of that day.
"""

from __future__ import annotations

import zipfile
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path

import polars as pl
from polars import col, when

from tests import nbbo_2013
from tests.two_paths.prints import Print
from tests.two_paths.second import Day

DAY = "20131007"
DELAY_MS = 100
VENUES = {"venue_unknown" if mic == "FINN" else mic: letter for letter, mic in nbbo_2013.MICS.items()}
"""The letter of each venue as the road names it: D is a facility for reports, so where it was is not known."""
_MIDNIGHT = 1_381_118_400_000
"""In New York, in ms."""
_OPENS, _CLOSES = 34_200_000, 57_600_000


def prints(delay_ms: int = DELAY_MS) -> Iterator[Print]:
    """Yield every print of regular hours with its made-up order."""
    quotes = list(nbbo_2013.nbbo())
    times = [quote.at_ms for quote in quotes]
    for number, trade in enumerate(nbbo_2013.trades(), start=1):
        at = nbbo_2013.MIDNIGHT_NS + trade.at_ms * 1_000_000
        bought = nbbo_2013.is_buy(trade, quotes[bisect_right(times, trade.at_ms) - 1])
        yield Print(
            number=number,
            symbol=nbbo_2013.SYMBOL,
            venue=nbbo_2013.MICS[trade.exchange],
            side="1" if bought else "2",
            price=nbbo_2013.dollars(trade.price),
            shares=str(trade.size),
            received=at - delay_ms * 1_000_000,
            at=at,
        )


def read_zips(delay_ms: int = DELAY_MS) -> Day:
    """Return the day for the second path, its venues as letters; nothing that `prints` made is used."""
    quotes = _rows(nbbo_2013.QUOTES, ["ms", "bid", "bid_size", "offer", "offer_size"])
    sides = {name: when(col(side) > 0).then(col(name)).forward_fill() for name, side in _SIDES.items()}
    quotes = quotes.with_columns(**sides).select(
        pl.lit("IBM").alias("symbol"),
        _nanoseconds(col("ms")).alias("at"),
        *(col(name) * 100_000 for name in ("bid", "offer")),
        *(col(name) * 1_000_000 for name in ("bid_size", "offer_size")),
        pl.lit("normal").alias("market"),
    )
    trades = _rows(nbbo_2013.TRADES, ["ms", "price", "size", "venue"]).filter(
        (col("ms") >= _OPENS) & (col("ms") < _CLOSES)
    )
    executions = trades.select(
        pl.lit("IBM").alias("symbol"),
        "venue",
        pl.int_range(1, pl.len() + 1).alias("number"),
        _nanoseconds(col("ms")).alias("at"),
        _nanoseconds(col("ms") - delay_ms).alias("received"),
        price=col("price") * 100_000,
        quantity=col("size") * 1_000_000,
    )
    return Day(quotes, _with_sides(executions, quotes), *((_MIDNIGHT + at) * 1_000_000 for at in (_OPENS, _CLOSES)))


_SIDES = {"bid": "bid", "bid_size": "bid", "offer": "offer", "offer_size": "offer"}


def _with_sides(executions: pl.DataFrame, quotes: pl.DataFrame) -> pl.DataFrame:
    """Call a print at or above the midpoint a buy, any other a sell."""
    last = quotes.unique("at", keep="last", maintain_order=True).select("at", middle=col("bid") + col("offer"))
    joined = executions.join_asof(last, on="at", strategy="backward")
    bought = 2 * col("price") >= col("middle")
    return joined.with_columns(sign=when(bought).then(1).when(~bought).then(-1).cast(pl.Int64)).drop("middle")


def _nanoseconds(ms: pl.Expr) -> pl.Expr:
    return (ms + _MIDNIGHT) * 1_000_000


def _rows(archive: Path, names: list[str]) -> pl.DataFrame:
    """Read the first columns of the one file in an archive, under these names."""
    with zipfile.ZipFile(archive) as packed:
        text = packed.read(packed.namelist()[0])
    read = pl.read_csv(text, has_header=False, infer_schema=False)
    numbers = {name: pl.String if name == "venue" else pl.Int64 for name in names}
    return read.select(col(read.columns[place]).cast(numbers[name]).alias(name) for place, name in enumerate(names))
