"""Exceptions over the API as somebody wants to see them: the same question as the queue's page asks."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import FastAPI, Query, Request

from rules.facts import Nanos
from service.cases.wanted import Wrong
from service.store.case_search import CaseSearch
from service.web.api.forms.case import exception_line
from service.web.api.forms.search import Counts, Exceptions, ExceptionsAsked, counts, cursor
from service.web.api.problems import wrong
from service.web.api.routes import Routes
from service.web.house import House
from service.web.visitor import visitor


def add_search(app: FastAPI, house: House) -> None:
    """Add the routes."""
    routes, rules = Routes(app, "exceptions"), house.queue.rules
    search = CaseSearch(house.database, rules)

    @routes.get("/exceptions")
    def list_exceptions(request: Request, asked: Annotated[ExceptionsAsked, Query()]) -> Exceptions:
        """Return the exceptions that are wanted, a page at a time, as they stand now.

        Of closed ones the newest 10,000 of what the filters name are looked at.
        """
        wanted, now, me = asked.wanted(), Nanos(time.time_ns()), visitor(request).actor.name
        if isinstance(wanted, Wrong):
            wrong(*wanted.problems, where="query")
        page = search.page(wanted, me, now, asked.limit)
        return Exceptions(
            exceptions=[exception_line(case, rules, now) for case in page.cases],
            count=search.count(wanted, me, now) if asked.count else None,
            next=cursor(page.after),
        )

    @routes.get("/counts")
    def count_open() -> Counts:
        """Return how many open exceptions stand in each state, and how many are of each severity."""
        return counts(search.tally(Nanos(time.time_ns())))
