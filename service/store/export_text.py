"""Stored integers as the texts of the exports: exact, never through a float. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from rules.facts import PRICE_SCALE, QUANTITY_SCALE, SECOND

NEW_YORK = ZoneInfo("America/New_York")
SENDING_TIME = re.compile(rb"(?:^|[\x01|])52=(\d{8}-\d\d:\d\d:\d\d)")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def plain(value: int, scale: int) -> str:
    """Return value / scale as an exact decimal without exponent and without needless zeros."""
    whole, rest = divmod(abs(value), scale)
    sign = "-" if value < 0 else ""
    if not rest:
        return f"{sign}{whole}"
    digits = str(rest).zfill(len(str(scale)) - 1).rstrip("0")
    return f"{sign}{whole}.{digits}"


def plain_dollars(value: int) -> str:
    """Return 1e-9 dollars as dollars, for example 10015000000 as 10.015."""
    return plain(value, PRICE_SCALE)


def plain_shares(value: int) -> str:
    """Return 1e-6 shares as shares, for example 100500000 as 100.5."""
    return plain(value, QUANTITY_SCALE)


def plain_seconds(value: int) -> str:
    """Return nanoseconds as seconds with nine digits, for example 1500000000 as 1.500000000."""
    whole, rest = divmod(abs(value), SECOND)
    return f"{'-' if value < 0 else ''}{whole}.{rest:09d}"


def iso_utc(value: int) -> str:
    """Return UTC nanoseconds as ISO 8601 with nanoseconds, for example 2013-10-07T13:30:00.123000000Z."""
    seconds, rest = divmod(value, SECOND)
    try:
        moment = EPOCH + timedelta(seconds=seconds)
    except OverflowError:  # beyond the year 9999: no date has a name there
        return f"{seconds}.{rest:09d} s since 1970"
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest:09d}Z".zfill(30)


def raw_text(raw: bytes) -> str:
    """Return the bytes as a text that gives them back exactly: `.encode("latin-1")`; SOH stays U+0001."""
    return raw.decode("latin-1")


def sending_day(raw: bytes) -> str | None:
    """Return the date in New York of a message's SendingTime (52), None when it cannot be read."""
    found = SENDING_TIME.search(raw)
    if found is None:
        return None
    try:
        moment = datetime.strptime(found[1].decode("ascii"), "%Y%m%d-%H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return moment.astimezone(NEW_YORK).date().isoformat()


def trade_day(received_at: int) -> str:
    """Return the date in New York of an instant."""
    return (EPOCH + timedelta(seconds=received_at // SECOND)).astimezone(NEW_YORK).date().isoformat()


def day_bounds(day: str) -> tuple[int, int]:
    """Return the first nanosecond of a date in New York and the first of the next; raise ValueError on no date."""
    start = datetime.fromisoformat(day).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=NEW_YORK)
    after = (start + timedelta(days=1)).replace(tzinfo=NEW_YORK)
    first, last = ((moment.astimezone(UTC) - EPOCH) // timedelta(seconds=1) for moment in (start, after))
    return first * SECOND, last * SECOND
