"""The routes of the queue: the list, its rows alone, its CSV, and the views that people keep."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Annotated

import msgspec
from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from rules.cards import catalogue
from rules.facts import Nanos
from service.access.trail import Deed, Draft
from service.cases.case import Case
from service.cases.wanted import Wanted, Wrong, wanted, written
from service.people import plain
from service.store.case_search import PAGE, Page
from service.store.saved_views import SqlViews
from service.store.trail import SqlTrail
from service.telling.words import trouble
from service.web.house import House
from service.web.queue.deciding import add_deciding
from service.web.queue.frame import DEEDS, KEYS, around
from service.web.queue.rows import Row, row
from service.web.queue.sheet import sheet
from service.web.said import words
from service.web.visitor import place_of, visitor

HTTP_SEE_OTHER = 303
HTTP_UNPROCESSABLE = 422
MOST_EXPORTED = 50_000
EXPORTED_AT_ONCE = 1_000
LONGEST_NAME = 60
LONGEST_QUERY = 2_000


def add_queue_pages(app: FastAPI, house: House) -> None:
    """Add the routes."""
    page = _Queue(house)
    add_deciding(app, house)

    @app.get("/")
    def queue_page(request: Request) -> HTMLResponse:
        return page.queue(request, "queue/queue.html")

    @app.get("/rows")
    def queue_rows(request: Request) -> HTMLResponse:
        return page.queue(request, "queue/rows.html")

    @app.get("/exceptions.csv")
    def queue_sheet(request: Request) -> Response:
        return page.sheet(request)

    @app.post("/views")
    def keep_view(
        request: Request,
        query: Annotated[str, Form()] = "",
        name: Annotated[str, Form()] = "",
        share: Annotated[str, Form()] = "",
    ) -> Response:
        return page.keep(request, query, name.strip(), share=bool(share))

    @app.post("/views/{view_id}/forget")
    def forget_view(request: Request, view_id: int, query: Annotated[str, Form()] = "") -> Response:
        page.views.forget(visitor(request).actor.name, view_id)
        return RedirectResponse(_back(query), HTTP_SEE_OTHER)


class _Queue:
    """Fetches the list and renders it."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._search = house.evidence.search
        self._rules = house.queue.rules
        self.views = SqlViews(house.database)

    def queue(self, request: Request, name: str, status: int = 200, problems: tuple[str, ...] = ()) -> HTMLResponse:
        """Render the list, as a page or as its rows alone."""
        now, me = Nanos(time.time_ns()), visitor(request).actor.name
        asked = wanted(request.url.query) if request.method == "GET" else Wanted()
        if isinstance(asked, Wrong):
            problems, status = asked.problems, HTTP_UNPROCESSABLE
            asked = Wanted()
        steps = self._search.steps()
        found = self._search.page(asked, me, now)
        titles = {rule: card.card.title for rule, card in catalogue().items()}
        return self._house.render(
            request,
            name,
            status,
            around=around(asked, self._search.tally(now), lambda rule: titles.get(rule, words(rule))),
            rows=list(self._rows(found.cases, now)),
            steps=steps,
            count=self._search.count(asked, me, now),
            next_page=_next(asked, found),
            is_first=asked.after is None,
            most=PAGE,
            problems=problems,
            views=self.views.of(me),
            deeds=DEEDS,
            keys=KEYS,
            bulks=self._house.queue.bulks.unfinished(),
            unheard=trouble(self._house.evidence.deliveries.standings(now), now),
        )

    def sheet(self, request: Request) -> Response:
        """Return what is shown as CSV, all pages of it; the access log says who took it."""
        asked = wanted(request.url.query)
        if isinstance(asked, Wrong):
            return self.queue(request, "queue/queue.html")
        visit, now = visitor(request), Nanos(time.time_ns())
        query = written(asked)
        draft = Draft(
            at=now,
            actor=visit.actor.name,
            deed=Deed.EXPORTED,
            subject=plain(visit.actor.name),
            place=place_of(request),
            words=f"exceptions as CSV: {query or 'what waits'}",
        )
        SqlTrail(self._house.database).append(draft)
        lines = sheet(self._all(msgspec.structs.replace(asked, after=None), visit.actor.name, now))
        named = {"Content-Disposition": 'attachment; filename="exceptions.csv"'}
        return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=named)

    def keep(self, request: Request, query: str, name: str, *, share: bool) -> Response:
        """Keep a view under a name."""
        asked = wanted(query)
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            said = f"A view needs a name of at most {LONGEST_NAME} characters; nothing was kept."
            return self.queue(request, "queue/queue.html", HTTP_UNPROCESSABLE, (said,))
        if isinstance(asked, Wrong) or len(query) > LONGEST_QUERY:
            said = "This view asks for what cannot be asked; nothing was kept."
            return self.queue(request, "queue/queue.html", HTTP_UNPROCESSABLE, (said,))
        bare = written(msgspec.structs.replace(asked, after=None))
        now, me = Nanos(time.time_ns()), visitor(request).actor.name
        if not self.views.keep(me, name, bare, now, shared=share):
            said = "You keep as many views as can be kept; delete one first."
            return self.queue(request, "queue/queue.html", HTTP_UNPROCESSABLE, (said,))
        return RedirectResponse(_back(bare), HTTP_SEE_OTHER)

    def _all(self, asked: Wanted, me: str, now: Nanos) -> Iterator[Row]:
        left = MOST_EXPORTED
        while True:
            page = self._search.page(asked, me, now, min(left, EXPORTED_AT_ONCE))
            yield from self._rows(page.cases, now)
            left -= len(page.cases)
            if page.after is None or left <= 0:
                return
            asked = msgspec.structs.replace(asked, after=page.after)

    def _rows(self, found: tuple[Case, ...], now: Nanos) -> Iterator[Row]:
        cards, part_of = catalogue(), self._house.evidence.outlines(found)
        hides = {one.shelving for one in found} - {None}
        listed = self._house.queue.shelvings.listed() if hides else []
        shelved = {one.shelving.number: one.shelving for one in listed}
        for case in found:
            yield row(case, cards, self._rules, now, part_of.get(case.incident), shelved.get(case.shelving or 0))


def _next(asked: Wanted, page: Page) -> str:
    return "" if page.after is None else written(msgspec.structs.replace(asked, after=page.after))


def _back(query: str) -> str:
    """Return the address of the list of a question."""
    asked = wanted(query)
    told = "" if isinstance(asked, Wrong) else written(asked)
    return f"/?{told}" if told else "/"
