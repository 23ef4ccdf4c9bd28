"""The page of the principal of the day: who answers for a trade date, who covers, and all that was said of it."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import URL

from rules.facts import Nanos
from service.access.permissions import May, allowed
from service.cases.principal import Principal
from service.desk.naming import name_principal
from service.market.calendar import trade_date
from service.store.accounts import SqlAccounts
from service.store.export_text import day_bounds
from service.store.principals import SqlPrincipals
from service.web.days.view import day_name
from service.web.house import House
from service.web.people.accounts import names_in
from service.web.people.principal import principal_line
from service.web.people.tabs import tabs
from service.web.visitor import visitor

HTTP_SEE_OTHER = 303
HTTP_CONFLICT = 409
DAYS = 30
LONGEST = 1_000

Text = Annotated[str, Form(max_length=LONGEST)]


def add_principal_pages(app: FastAPI, house: House) -> None:
    """Add the routes."""
    page = _Principals(house)

    @app.get("/people/principal")
    def principal(request: Request, day: str = "") -> HTMLResponse:
        return page.shown(request, day)

    @app.post("/people/principal")
    def name_one(request: Request, day: Text = "", name: Text = "", deputies: Text = "", note: Text = "") -> Response:
        return page.name(request, day, name.strip(), deputies, note.strip())


class _Principals:
    """Fetches who answers for which day, and has one named."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._principals = SqlPrincipals(house.database)
        self._accounts = SqlAccounts(house.database)

    def shown(self, request: Request, day: str, status: int = 200, **said: object) -> HTMLResponse:
        """Render one day, today unless another is asked for, and the newest days that have somebody."""
        day = day or trade_date(Nanos(time.time_ns()))
        try:
            day_bounds(day)
        except ValueError:
            return self._house.missing(request, f"day {day}")
        told = [principal_line(one) for one in self._principals.of(day)]
        given = {"name": "", "deputies": "", "note": "", "refusal": [], **said}
        signing = [user.name for user in self._accounts.users() if May.SIGN in allowed(user.roles) and not user.locked]
        return self._house.render(
            request,
            "people/principal.html",
            status,
            tabs=tabs(visitor(request).may),
            day=day,
            title=day_name(day),
            told=told,
            days=[principal_line(one) for one in self._principals.newest(DAYS)],
            signing=signing,
            longest=LONGEST,
            **given,
        )

    def name(self, request: Request, day: str, name: str, deputies: str, note: str) -> Response:
        """Name who answers for a day, or say why not and keep what was written."""
        actor, now = visitor(request).actor, Nanos(time.time_ns())
        covers = tuple(names_in(deputies))
        named = Principal(trade_date=day, name=name, deputies=covers, by=actor.name, at=now, note=note)
        problems = name_principal(self._house.database, named)
        if problems:
            kept = {"name": name, "deputies": deputies, "note": note}
            return self.shown(request, day, HTTP_CONFLICT, refusal=problems, **kept)
        return RedirectResponse(str(URL("/people/principal").include_query_params(day=day)), HTTP_SEE_OTHER)
