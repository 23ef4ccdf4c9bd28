"""The pages about people: each page adds its own routes, and `/people` leads to the first that is allowed."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from service.web.house import House
from service.web.people.account_pages import add_account_pages
from service.web.people.own_pages import add_own_pages
from service.web.people.principal_pages import add_principal_pages
from service.web.people.shelving_pages import add_shelving_pages
from service.web.people.tabs import tabs
from service.web.people.trail_pages import add_trail_pages
from service.web.visitor import visitor

HTTP_SEE_OTHER = 303


def add_people_pages(app: FastAPI, house: House) -> None:
    """Add the routes."""

    @app.get("/people")
    def first(request: Request) -> Response:
        return RedirectResponse(tabs(visitor(request).may)[0][0], HTTP_SEE_OTHER)

    add_account_pages(app, house)
    add_own_pages(app, house)
    add_trail_pages(app, house)
    add_shelving_pages(app, house)
    add_principal_pages(app, house)
