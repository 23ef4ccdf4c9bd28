"""The page of the feeds: asked of the daemon where it answers, and of what it wrote down in any case."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, timedelta

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import func, select

from rules.cards import catalogue
from rules.facts import Nanos
from rules.finding import Scope
from service.configuration import Configuration
from service.market.calendar import trade_date
from service.settings import ConfigurationError, Settings
from service.statements.look import daemon, look
from service.statements.readiness import FAIL, Line, lines, worst
from service.store.feed_list import feed_store, open_cases
from service.store.statements import SqlStatements
from service.store.tables import versions
from service.versions import VersionKind
from service.web.feeds.parties import PartyLine, party_line
from service.web.feeds.view import (
    backlog,
    certificate_cell,
    daemon_line,
    file_line,
    gap_lines,
    session_lines,
    source_lines,
)
from service.web.house import House

DAYS = 7


def add_feed_pages(app: FastAPI, house: House) -> None:
    """Add the routes."""
    page = _Feeds(house)

    @app.get("/feeds")
    def feeds(request: Request) -> HTMLResponse:
        return page.shown(request)


class _Feeds:
    """Asks the daemon and the store how the feeds stand."""

    def __init__(self, house: House) -> None:
        self._house = house

    def shown(self, request: Request) -> HTMLResponse:
        """Render the feeds as they stand now, or what is wrong with the working folder."""
        try:
            configuration = self._house.configured()
        except ConfigurationError as error:
            return self._house.render(request, "feeds/feeds.html", problems=error.problems)
        return self._house.render(request, "feeds/feeds.html", problems=[], **self._values(configuration))

    def _values(self, configuration: Configuration) -> dict[str, object]:
        now, database = Nanos(time.time_ns()), self._house.database
        heard = daemon(configuration.settings)
        found = look(configuration, database, now, heard)
        kept = feed_store(database, _back(trade_date(now), DAYS))
        told = lines(found)
        return {
            "daemon": daemon_line(heard, kept, now),
            "backlog": backlog(heard, kept, now),
            "verdict": worst(told),
            "failing": [line for line in told if _of_the_day(line)],
            "sessions": session_lines(found, heard, kept),
            "gaps": gap_lines(kept),
            "sources": list(source_lines(_sources(configuration.settings), heard, kept, now)),
            "files": [file_line(one) for one in kept.files],
            "parties": list(self._parties(configuration, found.registers)),
            "certificates": self._certificates(),
            "cases": open_cases(database, _feed_rules()),
            "days": DAYS,
        }

    def _parties(self, configuration: Configuration, registers: dict[str, int | None]) -> Iterator[PartyLine]:
        with self._house.database.reading() as connection:
            newest = select(func.max(versions.c.offset)).where(versions.c.kind == VersionKind.DIALECT.value)
            wanted = select(versions.c.name, versions.c.hash)
            rows = connection.execute(wanted.where(versions.c.offset.in_(newest.group_by(versions.c.name)))).all()
        in_force = {row.name: row.hash for row in rows}
        for party in configuration.counterparties:
            venues, hash_ = registers.get(party.name), in_force.get(party.name, "")
            names = [one.name for one in party.sessions.sessions]
            yield party_line(party.name, party.sessions.connection.value, names, party.dialect, venues, hash_)

    def _certificates(self) -> list[tuple[str, list[tuple[str, str, str]]]]:
        newest = SqlStatements(self._house.database).newest(DAYS)
        return [
            (day, [(f"{party} {session}", *certificate_cell(one.state)) for (party, session), one in of_day.items()])
            for day, of_day in newest.items()
        ]


def _of_the_day(line: Line) -> bool:
    return line.verdict == FAIL and line.subject != "daemon"


def _sources(settings: Settings) -> dict[str, str]:
    quotes = settings.quotes
    named = {quotes.source: "judged by"}
    if quotes.second is not None:
        named.setdefault(quotes.second, "taken where the first has no answer, else compared")
    return {name: role for name, role in named.items() if name != "none"}


def _feed_rules() -> list[str]:
    return [name for name, rule in catalogue().items() if rule.card.scope is Scope.FEED]


def _back(day: str, days: int) -> str:
    return (date.fromisoformat(day) - timedelta(days=days)).isoformat()
