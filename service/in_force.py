"""What a VERSION record puts in force, read and proved before anything changes. Pure.

It was proved before it was written; what cannot be read now was written by another version of this program, and the
road must not go on under rules that nobody chose: that stops the start, unlike any message.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from rules.facts import SECOND, FeedEvent, FeedEventKind, Nanos
from rules.reading import ReadingError
from rules.register import VenueRegister, parse_register
from rules.rulebook import Rulebook, parse_rulebook
from service.fix.dialect import Dialect, parse_dialect
from service.journal import Record
from service.market.calendar import TradingCalendar, trade_date
from service.order_steps import Where
from service.versions import VersionKind, version_of

ORPHAN_AFTER = Nanos(300 * SECOND)


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The feed's limits as a LIMITS version carries them, in nanoseconds."""

    silence_after: Nanos
    gap_overdue_after: Nanos
    orphan_after: Nanos = ORPHAN_AFTER


class VenuesFile(msgspec.Struct, frozen=True):
    """What a venue file says; it is compared with the register, which wins."""

    register: VenueRegister


Content = Dialect | VenueRegister | Rulebook | TradingCalendar | Limits | VenuesFile


class Adopted(msgspec.Struct, frozen=True):
    """What is in force from this record on, and for whom (a counterparty for a dialect or register)."""

    name: str
    content: Content


class UnusableVersionError(Exception):
    """A version in the journal cannot be put in force; the words say which, why, and what to do."""


_READ: dict[VersionKind, Callable[[str], Content]] = {
    VersionKind.DIALECT: parse_dialect,
    VersionKind.REGISTER: parse_register,
    VersionKind.RULEBOOK: parse_rulebook,
    VersionKind.CALENDAR: lambda text: msgspec.json.decode(text, type=TradingCalendar),
    VersionKind.LIMITS: lambda text: msgspec.json.decode(text, type=Limits),
    VersionKind.VENUES_FILE: lambda text: VenuesFile(parse_register(text)),
}


def read_version(record: Record) -> Adopted:
    """Return what the record puts in force; raise UnusableVersionError when this program cannot."""
    what = "version"
    try:
        version = version_of(record.body)
        what = f"{version.kind.value} {version.name}"
        return Adopted(version.name, _READ[version.kind](version.text))
    except ReadingError as error:
        raise _unusable(record, what, "; ".join(error.problems)) from error
    except msgspec.DecodeError as error:
        raise _unusable(record, what, str(error)) from error


def drift(counterparty: str, file: VenuesFile, in_force: VenueRegister | None, where: Where) -> list[FeedEvent]:
    """Return an event for every venue of the counterparty on which the file and the register differ."""
    return [
        FeedEvent(
            kind=FeedEventKind.VENUE_DRIFT,
            subject=venue,
            at=where.clock,
            related=(where.offset,),
            offset=where.offset,
            counterparty=counterparty,
            session=where.session,
            trade_date=trade_date(where.clock),
            received_at=where.received_at,
            clock=where.clock,
        )
        for venue in (in_force or VenueRegister()).differing(file.register)
    ]


def _unusable(record: Record, what: str, why: str) -> UnusableVersionError:
    return UnusableVersionError(
        f"journal record {record.offset}: the {what} cannot be put in force: {why}. "
        "It was proved when it was written, so another version of sorwatch wrote it: start that one."
    )
