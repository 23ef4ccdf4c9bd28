"""Integers of the facts in words for people: exact, never through a float."""

from __future__ import annotations

from rules.facts import MILLISECOND, PRICE_SCALE, QUANTITY_SCALE, SECOND

_RATIO_SCALE = 1_000_000


def _decimal(value: int, scale: int, places: int) -> str:
    """Return value / scale as exact decimal text with at least `places` digits after the point."""
    whole, rest = divmod(abs(value), scale)
    digits = str(rest).zfill(len(str(scale)) - 1).rstrip("0").ljust(places, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{whole}.{digits}" if digits else f"{sign}{whole}"


def dollars(price: int) -> str:
    """Return a price or an amount in 1e-9 dollars as decimal dollars, at least two places: "10.05"."""
    return _decimal(price, PRICE_SCALE, 2)


def shares(quantity: int) -> str:
    """Return a quantity in 1e-6 shares as decimal shares: "100", "0.5"."""
    return _decimal(quantity, QUANTITY_SCALE, 0)


def duration(nanos: int) -> str:
    """Return a length of time in the unit that reads best: "3 s", "12.5 ms", "800 ns"."""
    if abs(nanos) >= SECOND:
        return f"{_decimal(nanos, SECOND, 0)} s"
    if abs(nanos) >= MILLISECOND // 10:
        return f"{_decimal(nanos, MILLISECOND, 0)} ms"
    return f"{nanos} ns"


def percent(ppm: int) -> str:
    """Return a ratio in parts per million as per cent: "92.5 %"."""
    return f"{_decimal(ppm, _RATIO_SCALE // 100, 0)} %"


def ratio_ppm(part: int, whole: int) -> int:
    """Return part / whole in parts per million, rounded down; 0 of 0 is 0."""
    return part * _RATIO_SCALE // whole if whole else 0
