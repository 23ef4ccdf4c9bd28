"""A time to come as a person writes it. Pure."""

from __future__ import annotations

from datetime import datetime

from rules.facts import SECOND, Nanos
from rules.rule import Kind
from rules.units import number
from service.market.calendar import NEW_YORK

EXPECTED = "expected a length of time with its unit (s, min, h), or a date and time such as 2026-11-20 16:00"


class NoTimeError(ValueError):
    """What was written is no time."""


def until_of(text: str, now: Nanos) -> Nanos:
    """Return the instant that a person wrote: a length of time from now ("2 h"), or a date and time.

    Without an offset it is in New York. Raise NoTimeError for anything else.
    """
    length = number(Kind.DURATION, text)
    if length is not None:
        return Nanos(now + length)
    try:
        moment_of = datetime.fromisoformat(text)
    except ValueError:
        msg = f'"{text}" is no time; {EXPECTED}'
        raise NoTimeError(msg) from None
    local = moment_of if moment_of.tzinfo is not None else moment_of.replace(tzinfo=NEW_YORK)
    return Nanos(int(local.timestamp()) * SECOND)
