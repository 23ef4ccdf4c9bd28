"""Integers to the text of FIX: times, dates, prices. The way back lives in service/fix."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from rules.facts import PRICE_SCALE, SECOND

NEW_YORK = ZoneInfo("America/New_York")
HOUR = 3_600


@lru_cache(maxsize=64)
def _second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y%m%d-%H:%M:%S")


def stamp(at: int, digits: int) -> str:
    """Write UTC ns as a FIX UTCTimestamp with 3, 6 or 9 fractional digits, the rest cut off."""
    second, rest = divmod(at, SECOND)
    return f"{_second(second)}.{rest:09d}"[: 18 + digits]


@lru_cache(maxsize=64)
def _date(hour: int) -> str:
    return datetime.fromtimestamp(hour * HOUR, NEW_YORK).strftime("%Y%m%d")


def trade_date(at: int) -> str:
    """Write the date in New York (75); midnight there is always a full hour in UTC."""
    return _date(at // (SECOND * HOUR))


@lru_cache(maxsize=65_536)
def dollars(nanos: int) -> str:
    """Write 1e-9 dollars as decimal text, exact, with at least two decimals."""
    whole, rest = divmod(nanos, PRICE_SCALE)
    decimals = f"{rest:09d}".rstrip("0")
    return f"{whole}.{decimals:<02}" if len(decimals) < 2 else f"{whole}.{decimals}"  # noqa: PLR2004 - cents
