"""Prints of a day as a FIX 4.4 log: for each the acknowledgement of a market order and its fill, in order of time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

SOH = "\x01"
SECOND = 1_000_000_000
BUY = "1"


class Print(NamedTuple):
    """One execution of an order of its own: side as in tag 54, price and shares as decimal text, times in UTC ns."""

    number: int
    symbol: str
    venue: str
    side: str
    price: str
    shares: str
    received: int
    at: int


def write_log(path: Path, prints: Iterable[Print], day: str) -> int:
    """Write the log, one message a line; return how many there are. An order comes before its fill of one instant."""
    told = [(each.received, 0, each) for each in prints]
    told += [(each.at, 1, each) for _, _, each in told]
    told.sort(key=lambda row: row[:2])
    with path.open("w", encoding="ascii", newline="\n") as out:
        for sequence, (at, filled, each) in enumerate(told, start=1):
            out.write(_report(sequence, at, each, day, filled=bool(filled)) + "\n")
    return len(told)


def _report(sequence: int, at: int, told: Print, day: str, *, filled: bool) -> str:
    stamp, shares = fix_time(at), told.shares
    ids = f"37=O{told.number}|11=C{told.number}|" + (f"17=E{told.number}|150=F|39=2" if filled else _new(told))
    done = f"32={shares}|31={told.price}|30={told.venue}|151=0|14={shares}|6={told.price}"
    body = (
        f"35=8|49=SOR|56=FIRM|34={sequence}|52={stamp}|{ids}|1=ACC1|55={told.symbol}|54={told.side}|38={shares}|40=1|"
        f"59=0|60={stamp}|75={day}|{done if filled else f'151={shares}|14=0|6=0'}|"
    ).replace("|", SOH)
    framed = f"8=FIX.4.4{SOH}9={len(body)}{SOH}{body}"
    return f"{framed}10={sum(framed.encode()) % 256:03d}{SOH}"


def _new(told: Print) -> str:
    return f"17=A{told.number}|150=0|39=0"


def fix_time(at: int) -> str:
    """Return UTC nanoseconds as a FIX stamp with nine digits."""
    seconds, rest = divmod(at, SECOND)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y%m%d-%H:%M:%S}.{rest:09d}"
