"""The real day of IBM, 7 October 2013, as a quote file and a FIX 4.4 log of ours; the data stays where it is.

Each trade of the regular session becomes an order acknowledgement and a fill. The side is a buy at or above the
midpoint of the NBBO at the trade, else a sell, so that every trade is judged against its nearer side.
"""

from __future__ import annotations

import os
import zipfile
from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

DATA = Path(os.environ.get("NBBO_2013") or Path(__file__).resolve().parents[2] / "shared/data/nbbo_2013")
"""Beside the project, or where the environment says."""
ABSENT = "the real day is not here: set NBBO_2013 to the folder with both zips; it is no part of the project"
QUOTES = DATA / "ibm_20131007_quote.zip"
TRADES = DATA / "ibm_20131007_trade.zip"
SYMBOL = "IBM"
MIDNIGHT = datetime(2013, 10, 7, tzinfo=ZoneInfo("America/New_York"))
MIDNIGHT_NS = int(MIDNIGHT.timestamp()) * 1_000_000_000
OPEN_MS, CLOSE_MS = 34_200_000, 57_600_000
MICS = {
    "B": "XBOS",
    "C": "XCIS",
    "D": "FINN",
    "J": "EDGA",
    "K": "EDGX",
    "M": "XCHI",
    "N": "XNYS",
    "P": "ARCX",
    "Q": "XNAS",
    "W": "CBSX",
    "X": "XPSX",
    "Y": "BATY",
    "Z": "BATS",
}
SOH = "\x01"


class Nbbo(NamedTuple):
    """Best bid and offer (prices × 10,000) from a millisecond of the day on; 0 is a side that is not there."""

    at_ms: int
    bid: int
    bid_size: int
    offer: int
    offer_size: int


class Trade(NamedTuple):
    """One print: milliseconds of the day, price × 10,000, shares, the exchange's letter."""

    at_ms: int
    price: int
    size: int
    exchange: str


def is_present() -> bool:
    """Tell whether the data lies beside the project."""
    return QUOTES.exists() and TRADES.exists()


def nbbo() -> Iterator[Nbbo]:
    """Yield the NBBO after each row: a row updates one side, the other one stays."""
    bid = bid_size = offer = offer_size = 0
    for row in _rows(QUOTES):
        if int(row[1]):
            bid, bid_size = int(row[1]), int(row[2])
        if int(row[3]):
            offer, offer_size = int(row[3]), int(row[4])
        yield Nbbo(int(row[0]), bid, bid_size, offer, offer_size)


def trades() -> Iterator[Trade]:
    """Yield the trades of the regular session, in the order of the file."""
    for row in _rows(TRADES):
        if OPEN_MS <= int(row[0]) < CLOSE_MS:
            yield Trade(int(row[0]), int(row[1]), int(row[2]), row[3])


def write_quotes(path: Path) -> int:
    """Write the quote file; return how many rows it has."""
    count = 0
    with path.open("w", encoding="ascii") as out:
        out.write("time_ns,symbol,bid,bid_size,offer,offer_size\n")
        for count, quote in enumerate(nbbo(), start=1):  # noqa: B007 - the last count is the answer
            at = MIDNIGHT_NS + quote.at_ms * 1_000_000
            bid = f"{dollars(quote.bid)},{quote.bid_size}" if quote.bid else ","
            offer = f"{dollars(quote.offer)},{quote.offer_size}" if quote.offer else ","
            out.write(f"{at},{SYMBOL},{bid},{offer}\n")
    return count


def write_fix_log(path: Path) -> int:
    """Write the log, one message a line; return how many fills it has."""
    quotes = list(nbbo())
    times = [quote.at_ms for quote in quotes]
    number = 0
    with path.open("w", encoding="ascii", newline="\n") as out:
        for number, trade in enumerate(trades(), start=1):
            side = "1" if is_buy(trade, quotes[bisect_right(times, trade.at_ms) - 1]) else "2"
            out.write(_acknowledgement(number, trade, side) + "\n")
            out.write(_fill(number, trade, side) + "\n")
    return number


def is_buy(trade: Trade, quote: Nbbo) -> bool:
    """Tell whether the price is at or above the midpoint."""
    return 2 * trade.price >= quote.bid + quote.offer


def dollars(ten_thousandths: int) -> str:
    """Write a price as decimal text in dollars."""
    return f"{ten_thousandths // 10_000}.{ten_thousandths % 10_000:04d}"


def _acknowledgement(number: int, trade: Trade, side: str) -> str:
    return _report(number, trade, f"37=O{number}|11=C{number}|17=A{number}|150=0|39=0", side, filled=False)


def _fill(number: int, trade: Trade, side: str) -> str:
    return _report(number, trade, f"37=O{number}|11=C{number}|17=E{number}|150=F|39=2", side, filled=True)


def _report(number: int, trade: Trade, ids: str, side: str, *, filled: bool) -> str:
    sequence = 2 * number - (not filled)
    at = (MIDNIGHT + timedelta(milliseconds=trade.at_ms)).astimezone(UTC).strftime("%Y%m%d-%H:%M:%S.%f")[:-3]
    price = dollars(trade.price)
    # every other order is a limit at its own price, the rest are market orders
    terms = f"40=2|44={price}" if number % 2 else "40=1"
    done = f"32={trade.size}|31={price}|30={MICS[trade.exchange]}|151=0|14={trade.size}|6={price}"
    body = (
        f"35=8|49=SOR|56=FIRM|34={sequence}|52={at}|{ids}|1=ACC1|55={SYMBOL}|54={side}|38={trade.size}|{terms}|59=0|"
        f"60={at}|75=20131007|{done if filled else f'151={trade.size}|14=0|6=0'}|"
    ).replace("|", SOH)
    framed = f"8=FIX.4.4{SOH}9={len(body)}{SOH}{body}"
    return f"{framed}10={sum(framed.encode()) % 256:03d}{SOH}"


def _rows(archive: Path) -> Iterator[list[str]]:
    with zipfile.ZipFile(archive) as packed:
        for line in packed.read(packed.namelist()[0]).decode("ascii").splitlines():
            yield line.split(",")
