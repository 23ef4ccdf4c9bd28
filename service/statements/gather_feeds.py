"""Looks at the feeds: asks the daemon where it answers, and reads what it wrote down in any case."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import func, select

from rules.facts import Nanos
from service.configuration import Configuration
from service.fix.dialect import parse_dialect
from service.market.calendar import trade_date
from service.settings import Settings
from service.statements.feeds import Feeds, Party, Session
from service.statements.look import daemon, look
from service.store.engine import Database
from service.store.feed_list import feed_store
from service.store.statements import SqlStatements
from service.store.tables import versions
from service.versions import VersionKind

DAYS = 7


def gathered_feeds(configuration: Configuration, database: Database, now: Nanos) -> Feeds:
    """Return how the feeds stand at this instant."""
    heard = daemon(configuration.settings)
    found = look(configuration, database, now, heard)
    return Feeds(
        found=found,
        heard=heard,
        kept=feed_store(database, _back(trade_date(now), DAYS)),
        sources=_sources(configuration.settings),
        parties=tuple(_parties(configuration, database, found.registers)),
        certificates=_certificates(database),
        days=DAYS,
    )


def _parties(configuration: Configuration, database: Database, registers: dict[str, int | None]) -> Iterator[Party]:
    in_force = _dialects(database)
    for party in configuration.counterparties:
        read = parse_dialect(party.dialect)
        yield Party(
            name=party.name,
            role=read.role.value,
            connection=party.sessions.connection.value,
            begin_string=read.begin_string,
            sessions=tuple(one.name for one in party.sessions.sessions),
            recovery=read.recovery.method.value,
            venues=registers.get(party.name),
            dialect=in_force.get(party.name),
        )


def _dialects(database: Database) -> dict[str, str]:
    """Return the hash of each counterparty's dialect in force."""
    newest = select(func.max(versions.c.offset)).where(versions.c.kind == VersionKind.DIALECT.value)
    wanted = select(versions.c.name, versions.c.hash)
    with database.reading() as connection:
        rows = connection.execute(wanted.where(versions.c.offset.in_(newest.group_by(versions.c.name)))).all()
    return {row.name: row.hash for row in rows}


def _certificates(database: Database) -> dict[str, dict[Session, str]]:
    newest = SqlStatements(database).newest(DAYS)
    return {day: {whose: one.state for whose, one in of_day.items()} for day, of_day in newest.items()}


def _sources(settings: Settings) -> dict[str, str]:
    quotes = settings.quotes
    named = {quotes.source: "judged by"}
    if quotes.second is not None:
        named.setdefault(quotes.second, "taken where the first has no answer, else compared")
    return {name: role for name, role in named.items() if name != "none"}


def _back(day: str, days: int) -> str:
    return (date.fromisoformat(day) - timedelta(days=days)).isoformat()
