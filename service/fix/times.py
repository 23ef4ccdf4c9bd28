"""The stamps of a report, its trade date, and which of them cannot be believed (domain.md §4.2 and §4.3)."""

from __future__ import annotations

import msgspec

from rules.facts import SECOND, Nanos
from service.fix import stamps
from service.fix.events import Stamps
from service.fix.habits import ClockHabits, Dialect, Places, first
from service.fix.reading import Reading
from service.fix.tags import named

_NANO_DIGITS = 9


class Sent(msgspec.Struct, frozen=True, gc=False):
    """SendingTime (52) in UTC ns with its fractional digits; `flaw` says in words what is wrong with it."""

    at: Nanos | None = None
    digits: int = 0
    flaw: str | None = None


def read_sent(fields: dict[str, str], clocks: ClockHabits) -> Sent:
    """Return the sending time; a wrong one makes the clock suspect, not the message undecodable."""
    text = fields.get("52")
    if not text:
        return Sent(flaw="SendingTime (52) is absent")
    value = stamps.instant(text, clocks.sending)
    if value is None:
        return Sent(flaw=f"SendingTime (52) is {text[:40]!a}: not a time of the form YYYYMMDD-HH:MM:SS.sss")
    at, digits = value
    declared = clocks.sending_digits
    return Sent(at, digits if declared is None or digits < declared else declared)


def read_stamps(reading: Reading, dialect: Dialect, sent: Sent) -> Stamps:
    """Return the vendor's stamps, with the first reason not to believe them."""
    clocks = dialect.clocks
    transacted, digits = reading.instant("60", clocks.transaction)
    if clocks.transaction_digits is not None:
        digits = min(digits, clocks.transaction_digits)
    fields = reading.fields
    suspects: list[str] = [sent.flaw] if sent.flaw else []
    executed = time_in = time_out = None
    executed_digits = time_in_digits = 0
    if "768" in fields:
        executed, executed_digits = _regulatory(fields, clocks.executed, suspects)
        time_in, time_in_digits = _regulatory(fields, clocks.time_in, suspects)
        time_out, _ = _regulatory(fields, clocks.time_out, suspects)
    if transacted is not None and sent.at is not None and _after(transacted, digits, sent.at, sent.digits):
        suspects.append(f"TransactTime (60) is {transacted - sent.at} ns after SendingTime (52)")
    end, end_digits = (executed, executed_digits) if executed is not None else (transacted, digits)
    if time_in is not None and end is not None and _after(time_in, time_in_digits, end, end_digits):
        suspects.append(f"the order's time in is {time_in - end} ns after its execution")
    return Stamps(
        transacted_at=transacted,
        transacted_digits=digits,
        time_in=time_in,
        time_out=time_out,
        executed=executed,
        executed_digits=executed_digits,
        suspect="; ".join(suspects) or None,
    )


def _regulatory(fields: dict[str, str], places: Places, suspects: list[str]) -> tuple[Nanos | None, int]:
    """Read a TrdRegTimestamp (769), which the standard has in UTC, and its fractional digits."""
    text = first(fields, places)
    if text is None:
        return None, 0
    value = stamps.instant(text)
    if value is None:
        suspects.append(f"{named('769')} is {text[:40]!a}: not a time of the form YYYYMMDD-HH:MM:SS.sss")
        return None, 0
    return value


def _after(one: Nanos, digits: int, other: Nanos, other_digits: int) -> bool:
    """Return whether one stamp is after the other, as far as the coarser of the two can tell."""
    if one <= other:
        return False
    grain: int = SECOND // 10 ** min(digits, other_digits, _NANO_DIGITS)
    return one // grain > other // grain


def read_trade_date(reading: Reading, dialect: Dialect, transacted: Nanos | None, fallback: str) -> str:
    """Return the trade date as YYYY-MM-DD from the first source of the dialect that has one; never from receipt."""
    for source in dialect.trade_date:
        if source == "60":
            if transacted is not None:
                return stamps.new_york_date(transacted)
        elif text := reading.fields.get(source):
            day = stamps.local_date(text)
            if day is not None:
                return day
            reading.note(source, "not a date of the form YYYYMMDD")
    return fallback
