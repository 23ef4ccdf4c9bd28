"""The access log on the page: who came in, was refused, changed whom, and what an auditor read."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from service.access.trail import Deed
from service.store.accounts import SqlAccounts
from service.store.trail import SqlTrail
from service.store.trail_list import Asked, listed, newest_links
from service.web.house import House
from service.web.people.tabs import tabs
from service.web.people.trail import chain_words, deed_of, further, trail_line
from service.web.visitor import visitor


def add_trail_pages(app: FastAPI, house: House) -> None:
    """Add the routes."""

    @app.get("/people/log")
    def log(
        request: Request, person: str = "", deed: str = "", day: str = "", below: int | None = None, whole: str = ""
    ) -> HTMLResponse:
        wrong = ""
        try:
            found = listed(house.database, Asked(person=person, deed=deed_of(deed), day=day, below=below))
        except ValueError as error:
            wrong, found = f"{error}.", listed(house.database, Asked(person=person, deed=deed_of(deed), below=below))
        names = {user.key: user.name for user in SqlAccounts(house.database).users()}
        return house.render(
            request,
            "people/log.html",
            tabs=tabs(visitor(request).may),
            lines=[trail_line(one, names) for one in found.entries],
            more=further(person, deed, "" if wrong else day, found.more),
            person=person,
            deed=deed,
            deeds=[one.value for one in Deed],
            day=day,
            refusal=wrong,
            below=below,
            chain=_chain(house, whole=bool(whole)),
        )


def _chain(house: House, *, whole: bool) -> str:
    """Say whether the log is what was written: its newest links, or when it is asked for every one of them."""
    if whole:
        read, broken = SqlTrail(house.database).verify()
        return chain_words(read, read, broken)
    links = newest_links(house.database)
    return chain_words(links.looked, links.newest, links.broken)
