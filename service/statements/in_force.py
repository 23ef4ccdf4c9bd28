"""What was in force at an offset of the journal, read from its own VERSION records."""

from __future__ import annotations

import contextlib

import msgspec
from sqlalchemy import Connection, func, select

from rules.reading import ReadingError
from rules.register import VenueRegister, parse_register
from rules.rulebook import Rulebook, parse_rulebook
from service.fix.dialect import parse_dialect
from service.fix.habits import Dialect
from service.market.calendar import ALWAYS, TradingCalendar
from service.store import tables
from service.versions import Version, VersionKind, version_of


class Standing(msgspec.Struct, kw_only=True):
    """What stood: dialects and registers by counterparty, the rulebook, and the calendar (by default: always open).

    What this program cannot read was written by another version of it, and is left out.
    """

    dialects: dict[str, Dialect] = {}
    registers: dict[str, VenueRegister] = {}
    rulebook: Rulebook | None = None
    calendar: TradingCalendar = ALWAYS


def standing(connection: Connection, upto: int) -> Standing:
    """Return what was in force at an offset; what was told only later, as it was told first."""
    versions, journal = tables.versions, tables.journal
    each = (versions.c.kind, versions.c.name)
    newest = select(func.max(versions.c.offset)).where(versions.c.offset <= upto).group_by(*each)
    first = select(func.min(versions.c.offset)).group_by(*each)
    bodies = (
        select(journal.c.body)
        .where(journal.c.offset.in_(newest) | journal.c.offset.in_(first))
        .order_by(journal.c.offset)
    )
    now = Standing()
    for row in connection.execute(bodies):
        with contextlib.suppress(ReadingError, msgspec.DecodeError):
            _put(now, version_of(row.body))
    return now


def _put(now: Standing, version: Version) -> None:
    if version.kind is VersionKind.CALENDAR:
        now.calendar = msgspec.json.decode(version.text, type=TradingCalendar)
    elif version.kind is VersionKind.DIALECT:
        now.dialects[version.name] = parse_dialect(version.text)
    elif version.kind is VersionKind.REGISTER:
        now.registers[version.name] = parse_register(version.text)
    elif version.kind is VersionKind.RULEBOOK:
        now.rulebook = parse_rulebook(version.text)
