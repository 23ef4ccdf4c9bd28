"""Values in words: what a finding holds as integers, as a supervisor would say it. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec

from rules.facts import PRICE_SCALE
from rules.finding import Value
from rules.words import dollars, duration, percent, shares
from service.exact_text import iso_utc

NEW_YORK = ZoneInfo("America/New_York")
NANOS = 1_000_000_000
CENT = PRICE_SCALE // 100
NONE = "–"
UNITS: dict[str, Callable[[int], str]] = {
    "_ppm": percent,
    "_price": lambda value: f"${dollars(value)}",
    "_shares": lambda value: grouped(shares(value)),
    "_at_ns": lambda value: instant(value).full,
    "_ns": duration,
    "_count": lambda value: grouped(str(value)),
}
"""How an integer is said, by the ending of its name: the first that fits."""
SILENT = ("_ppm", "_ns", "_count")
"""Endings that need not be said beside a value that shows its unit."""


class Instant(msgspec.Struct, frozen=True, kw_only=True):
    """One time as people read it: day and time in New York, the time with milliseconds, and UTC to the nanosecond."""

    day: str
    time: str
    fine: str
    full: str
    exact: str


def instant(at: int) -> Instant:
    """Return a UTC nanosecond time for people; beyond the calendar only the exact form is there."""
    whole, rest = divmod(at, NANOS)
    exact = iso_utc(at)
    try:
        moment = datetime.fromtimestamp(whole, UTC).astimezone(NEW_YORK)
    except (ValueError, OverflowError, OSError):
        return Instant(day="", time=exact, fine=exact, full=exact, exact=exact)
    day, time = f"{moment:%b} {moment.day}", f"{moment:%H:%M:%S}"
    fine = f"{time}.{rest // 1_000_000:03d}"
    return Instant(day=day, time=time, fine=fine, full=f"{moment.year} {day} {time}.{rest:09d} New York", exact=exact)


def said(name: str, value: Value) -> tuple[str, str]:
    """Return a value's name and the value itself in words, by the unit that the name's ending says."""
    if value is None:
        return words(bare(name)), NONE
    if isinstance(value, bool):
        return words(name), "yes" if value else "no"
    if isinstance(value, str):
        return words(name), words(value)
    for ending, say in UNITS.items():
        if name.endswith(ending):
            return words(bare(name)), say(value)
    return words(name), grouped(str(value))


def bare(name: str) -> str:
    """Return the name without an ending that the value itself makes plain."""
    return next((name.removesuffix(ending) for ending in SILENT if name.endswith(ending)), name)


def words(name: str) -> str:
    """Return a name of the program as words: outside_nbbo as outside NBBO."""
    return name.replace("_", " ").replace("nbbo", "NBBO")


def grouped(number: str) -> str:
    """Return a decimal number with commas between its thousands: 12345.5 as 12,345.5."""
    whole, point, rest = number.partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{int(digits):,}{point}{rest}"


def money(amount: int | None) -> str:
    """Return an amount in 1e-9 dollars to the cent, for a column: "" when none was computed."""
    if amount is None:
        return ""
    cents = (abs(amount) + CENT // 2) // CENT
    if amount and not cents:
        return "<$0.01"
    return f"{'-' if amount < 0 else ''}${cents // 100:,}.{cents % 100:02d}"


def exact_money(amount: int | None) -> str:
    """Return an amount in 1e-9 dollars with all its digits: "" when none was computed."""
    return "" if amount is None else f"${grouped(dollars(amount))}"
