"""Values of a report in words: days and times in New York, lengths, money. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime

from rules.facts import PRICE_SCALE, SECOND, Nanos
from service.cases.clocks import span
from service.market.calendar import NEW_YORK

NONE = "–"
CENT = PRICE_SCALE // 100


def moment(at: Nanos | None) -> str:
    """Return an instant in New York to the second, as it sorts: 2026-11-20 09:41:07."""
    if at is None:
        return NONE
    return f"{datetime.fromtimestamp(at // SECOND, UTC).astimezone(NEW_YORK):%Y-%m-%d %H:%M:%S}"


def length(nanos: int | None) -> str:
    """Return a length of time in words, a dash for none."""
    return NONE if nanos is None else span(nanos)


def spread(found: tuple[int, int] | None) -> str:
    """Return a median and the longest in words."""
    return NONE if found is None else f"{span(found[0])}, at most {span(found[1])}"


def dollars(amount: int | None) -> str:
    """Return an amount in 1e-9 dollars to the cent, a dash for none."""
    if amount is None:
        return NONE
    cents = (abs(amount) + CENT // 2) // CENT
    return f"{'-' if amount < 0 else ''}${cents // 100:,}.{cents % 100:02d}"


def many(number: int, one: str, more: str = "") -> str:
    """Return a number with its noun: "1 finding", "2 findings"."""
    return f"1 {one}" if number == 1 else f"{number:,} {more or one + 's'}"


def bare(name: str) -> str:
    """Return a name of the program as words."""
    return name.replace("_", " ").replace("nbbo", "NBBO")


def day_words(day: str) -> str:
    """Return a trade date as people say it."""
    moment_of = date.fromisoformat(day)
    return f"{moment_of:%A}, {moment_of:%B} {moment_of.day}, {moment_of.year}"
