"""The page of the feeds: asked of the daemon where it answers, and of what it wrote down in any case."""

from __future__ import annotations

import time

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from rules.cards import catalogue
from rules.facts import Nanos
from rules.finding import Scope
from service.settings import ConfigurationError
from service.statements.feeds import Feeds
from service.statements.gather_feeds import gathered_feeds
from service.statements.readiness import lines, worst
from service.store.feed_list import open_cases
from service.web.feeds.parties import party_line
from service.web.feeds.view import (
    backlog,
    certificate_lines,
    daemon_line,
    file_line,
    gap_lines,
    session_lines,
    source_lines,
)
from service.web.house import House


def add_feed_pages(app: FastAPI, house: House) -> None:
    """Add the routes."""
    page = _Feeds(house)

    @app.get("/feeds")
    def feeds(request: Request) -> HTMLResponse:
        return page.shown(request)


class _Feeds:
    """Shows how the feeds stand."""

    def __init__(self, house: House) -> None:
        self._house = house

    def shown(self, request: Request) -> HTMLResponse:
        """Render the feeds as they stand now, or what is wrong with the working folder."""
        try:
            configuration = self._house.configured()
        except ConfigurationError as error:
            return self._house.render(request, "feeds/feeds.html", problems=error.problems)
        feeds = gathered_feeds(configuration, self._house.database, Nanos(time.time_ns()))
        cases = open_cases(self._house.database, _feed_rules())
        return self._house.render(request, "feeds/feeds.html", problems=[], cases=cases, **_values(feeds))


def _values(feeds: Feeds) -> dict[str, object]:
    return {
        "daemon": daemon_line(feeds.heard, feeds.kept, feeds.at),
        "backlog": backlog(feeds.heard, feeds.kept, feeds.at),
        "verdict": worst(lines(feeds.found)),
        "sessions": session_lines(feeds.found, feeds.heard, feeds.kept),
        "gaps": gap_lines(feeds.kept),
        "sources": list(source_lines(feeds.sources, feeds.heard, feeds.kept, feeds.at)),
        "files": [file_line(one) for one in feeds.kept.files],
        "parties": [party_line(one) for one in feeds.parties],
        "certificates": certificate_lines(feeds.certificates),
        "days": feeds.days,
    }


def _feed_rules() -> list[str]:
    return [name for name, rule in catalogue().items() if rule.card.scope is Scope.FEED]
