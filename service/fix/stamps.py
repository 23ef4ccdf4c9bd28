"""Text of FIX times, dates and numbers → exact integers, or the reason why not. The one home of these conversions.

Refuses floats, rounding and silent truncation: what is finer than the scale is an error in words.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from rules.facts import SECOND, Nanos, Price, Quantity

_LARGEST = 2**63 - 1
"""What a column of the store can hold."""
_LONGEST = 40
_NUMBER = re.compile(r"(-?)(\d*)(?:\.(\d*))?", re.ASCII)
_SECOND_TEXT = re.compile(r"(\d{4})(\d\d)(\d\d)-(\d\d):(\d\d):(\d\d)", re.ASCII)
_SECOND_LENGTH = len("YYYYMMDD-HH:MM:SS")
_POINT_LENGTH = _SECOND_LENGTH + 1
_NANO_DIGITS = 9
_SCALE = {digits: 10 ** max(_NANO_DIGITS - digits, 0) for digits in range(1, 13)}
_QUARTER = 900 * SECOND
_NEW_YORK = ZoneInfo("America/New_York")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_YEAR, _LAST_YEAR = 1970, 2261  # within 64 bits of nanoseconds
_LEAP_SECOND = 60


def instant(text: str, zone: str = "UTC") -> tuple[Nanos, int] | None:
    """Return (UTC ns, fractional digits) of `YYYYMMDD-HH:MM:SS[.fraction]` on the clock of `zone`, None if it is none.

    Picoseconds are cut to nanoseconds; the digit count keeps the precision as written.
    """
    second = _second(text[:_SECOND_LENGTH], zone)
    if second is None:
        return None
    digits = len(text) - _POINT_LENGTH
    if digits < 0:
        return second, 0
    fraction = text[_POINT_LENGTH:]
    scale = _SCALE.get(digits)
    if scale is None or text[_SECOND_LENGTH] != "." or not (fraction.isdigit() and fraction.isascii()):
        return None
    if digits > _NANO_DIGITS:
        fraction = fraction[:_NANO_DIGITS]
    return second + int(fraction) * scale, digits


@lru_cache(maxsize=16_384)
def _second(text: str, zone: str) -> Nanos | None:
    match = _SECOND_TEXT.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = map(int, match.groups())
    leap = second == _LEAP_SECOND
    try:
        at = datetime(year, month, day, hour, minute, second - leap, tzinfo=ZoneInfo(zone))
    except ValueError:
        return None
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    return Nanos(((at - _EPOCH) // timedelta(seconds=1) + leap) * SECOND)


def new_york_date(at: Nanos) -> str:
    """Return the date in New York at that instant, as YYYY-MM-DD."""
    return _date_of_quarter(at // _QUARTER)


@lru_cache(maxsize=1_024)
def _date_of_quarter(quarter: int) -> str:
    return datetime.fromtimestamp(quarter * 900, _NEW_YORK).date().isoformat()


@lru_cache(maxsize=1_024)
def local_date(text: str) -> str | None:
    """Return a LocalMktDate `YYYYMMDD` as YYYY-MM-DD, None if it is no date."""
    if len(text) != len("YYYYMMDD") or not (text.isascii() and text.isdigit()):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:])).isoformat()
    except ValueError:
        return None


@lru_cache(maxsize=32_768)
def price(text: str) -> Price | str:
    """Return decimal text in 1e-9 dollars, or in words why it cannot be."""
    value = _scaled(text, 9)
    return value if isinstance(value, str) else Price(value)


@lru_cache(maxsize=32_768)
def quantity(text: str) -> Quantity | str:
    """Return decimal text in 1e-6 shares, or in words why it cannot be."""
    value = _scaled(text, 6)
    return value if isinstance(value, str) else Quantity(value)


def whole(text: str) -> int | None:
    """Return a non-negative whole number that the store can hold, None if the text is none."""
    if not (text.isascii() and text.isdigit()) or len(text) > _LONGEST:
        return None
    value = int(text)
    return value if value <= _LARGEST else None


def _scaled(text: str, places: int) -> int | str:
    if len(text) > _LONGEST:
        return f"longer than {_LONGEST} characters"
    match = _NUMBER.fullmatch(text)
    sign, units, fraction = match.groups("") if match else ("", "", "")
    if not units and not fraction:
        return "not a decimal number"
    fraction = fraction.rstrip("0")
    if len(fraction) > places:
        return f"finer than 1e-{places}"
    value = int(units + fraction.ljust(places, "0"))
    if value > _LARGEST:
        return "too large to keep"
    return -value if sign else value
