"""The feeds over the API, as the page has them."""

from __future__ import annotations

import time

from fastapi import FastAPI

from rules.facts import Nanos
from service.settings import ConfigurationError
from service.statements.gather_feeds import gathered_feeds
from service.web.api.forms.feeds import FeedsTold, feeds
from service.web.api.problems import HTTP_CONFLICT, conflict
from service.web.api.routes import Routes
from service.web.house import House


def add_feeds(app: FastAPI, house: House) -> None:
    """Add the route."""
    routes = Routes(app, "feeds")

    @routes.get("/feeds", HTTP_CONFLICT)
    def get_feeds() -> FeedsTold:
        """Return how the feeds stand now: daemon, sessions, gaps, quote sources, files read, certificates, what waits.

        The daemon is asked; where it does not answer, what it wrote down is told. A working folder that is not sound
        is refused, with everything that is wrong with it.
        """
        try:
            configuration = house.configured()
        except ConfigurationError as error:
            conflict(*error.problems)
        return feeds(gathered_feeds(configuration, house.database, Nanos(time.time_ns())))
