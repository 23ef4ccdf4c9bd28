"""Stored integers as exact text for machines: exports and alerts. Never through a float, never rounded. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from rules.facts import PRICE_SCALE, QUANTITY_SCALE, SECOND

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


def plain_half_dollars(value: int) -> str:
    """Return what is twice as much in 1e-9 dollars as dollars, with up to ten digits: 3 as 0.0000000015."""
    return plain(5 * value, 10 * PRICE_SCALE)


def plain_doubled(value: int) -> str:
    """Return a doubled amount in 1e-15 dollars as dollars, for example 1000000000000001 as 0.5000000000000005."""
    return plain(5 * value, 10 * PRICE_SCALE * QUANTITY_SCALE)


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
