"""The page of shelvings: which scopes are on the shelf, who put them there and why, what each hid; ending one early."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from rules.facts import Nanos
from service.cases.case import Refused
from service.cases.until import NoTimeError, until_of
from service.store.shelved import shelved_alone
from service.store.shelvings import Listed
from service.web.house import House
from service.web.people.shelvings import SCOPE, ShelvingLine, alone_line, scope_of, shelving_line
from service.web.people.tabs import tabs
from service.web.visitor import visitor

HTTP_SEE_OTHER = 303
HTTP_CONFLICT = 409
SHOWN = 20
PAST = 30
MOST_WORDS = 2_000

Text = Annotated[str, Form(max_length=MOST_WORDS)]


def add_shelving_pages(app: FastAPI, house: House) -> None:
    """Add the routes."""
    page = _Shelvings(house)

    @app.get("/people/shelvings")
    def shelvings(request: Request) -> HTMLResponse:
        return page.listed(request)

    @app.post("/people/shelvings")
    def shelve(
        request: Request,
        rule: Text = "",
        venue: Text = "",
        symbol: Text = "",
        counterparty: Text = "",
        cause: Text = "",
        until: Text = "",
        why: Text = "",
    ) -> Response:
        scope = {"rule": rule, "venue": venue, "symbol": symbol, "counterparty": counterparty, "cause": cause}
        return page.shelve(request, scope, until.strip(), why.strip())

    @app.post("/people/shelvings/{number}/end")
    def end(request: Request, number: int, words: Text = "") -> Response:
        return page.end(request, number, words.strip())


class _Shelvings:
    """Fetches the shelvings, and has the queue's door make and end them."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._shelvings = house.queue.shelvings

    def listed(self, request: Request, status: int = 200, **said: object) -> HTMLResponse:
        """Render what is on the shelf now, and what was."""
        now = Nanos(time.time_ns())
        found = self._shelvings.listed()
        there = [one for one in found if one.shelving.in_force(now)]
        past = [one for one in found if not one.shelving.in_force(now)][:PAST]
        given = {"given": dict.fromkeys((*SCOPE, "until", "why"), ""), "refusal": "", **said}
        return self._house.render(
            request,
            "people/shelvings.html",
            status,
            tabs=tabs(visitor(request).may),
            there=[self._line(one, now) for one in there],
            past=[self._line(one, now) for one in past],
            alone=[alone_line(one.case, one.by, one.why) for one in shelved_alone(self._house.database)],
            scope=SCOPE,
            most_words=MOST_WORDS,
            **given,
        )

    def shelve(self, request: Request, scope: dict[str, str], until: str, why: str) -> Response:
        """Shelve a scope, or say why not and keep what was written."""
        now, given = Nanos(time.time_ns()), {**scope, "until": until, "why": why}
        try:
            end = until_of(until, now)
        except NoTimeError as error:
            return self.listed(request, HTTP_CONFLICT, refusal=f"Not shelved: {error}.", given=given)
        made = self._shelvings.shelve(scope_of(scope), visitor(request).actor, why, end, now)
        if isinstance(made, Refused):
            return self.listed(request, HTTP_CONFLICT, refusal=f"Not done: {made.words}.", given=given)
        return RedirectResponse("/people/shelvings", HTTP_SEE_OTHER)

    def end(self, request: Request, number: int, words: str) -> Response:
        """End a shelving before its time; what it hid comes back."""
        ended = self._shelvings.end(number, visitor(request).actor, words, Nanos(time.time_ns()))
        if isinstance(ended, Refused):
            return self.listed(request, HTTP_CONFLICT, refusal=f"Not done: {ended.words}.")
        return RedirectResponse("/people/shelvings", HTTP_SEE_OTHER)

    def _line(self, one: Listed, now: Nanos) -> ShelvingLine:
        number = one.shelving.number
        hidden = self._shelvings.hidden_by(number, SHOWN) if one.hid else []
        return shelving_line(one.shelving, one.hid, one.hides, hidden, now)
