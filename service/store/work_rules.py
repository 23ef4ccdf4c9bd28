"""The firm's rules for the work on exceptions, in the hours of the calendar that is in force in a store."""

from __future__ import annotations

import msgspec
from sqlalchemy import select

from service.cases.rules import Rules
from service.cases.rules_file import Laid
from service.market.calendar import ALWAYS, TradingCalendar
from service.store.engine import Database
from service.store.tables import journal, versions
from service.versions import VersionKind, version_of


def rules_in_force(laid: Laid, database: Database) -> Rules:
    """Return the rules with the firm's hours; before a daemon put a calendar in force the hours are always."""
    newest = (
        select(journal.c.body)
        .join_from(versions, journal, journal.c.offset == versions.c.offset)
        .where(versions.c.kind == VersionKind.CALENDAR.value)
        .order_by(versions.c.offset.desc())
        .limit(1)
    )
    with database.reading() as connection:
        body = connection.execute(newest).scalar()
    return laid.on(ALWAYS if body is None else msgspec.json.decode(version_of(body).text, type=TradingCalendar))
