"""The routes of one exception: what is behind it, and what is done to it by whom the entrance let in."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from rules.cards import catalogue
from rules.facts import Nanos
from service.cases.case import Refused
from service.cases.given import MOST_WORDS as MOST_NOTE
from service.cases.given import Given
from service.cases.states import Action
from service.web.exception.detail import QUOTE_COLUMNS, detail
from service.web.exception.market import market_around
from service.web.house import House
from service.web.visitor import visitor

EXPLAINED = 5
"""Of so many of the newest findings the raw messages are shown."""
LARGEST_ID = 2**63 - 1
HTTP_SEE_OTHER = 303
HTTP_CONFLICT = 409
HTTP_UNPROCESSABLE = 422


def add_exception_pages(app: FastAPI, house: House) -> None:
    """Add the routes."""
    page = _Exception(house)

    @app.get("/exceptions/{case_id}")
    def exception_page(request: Request, case_id: str) -> HTMLResponse:
        return page.exception(request, case_id)

    @app.post("/exceptions/{case_id}/acknowledge")
    def acknowledge(request: Request, case_id: str, note: Annotated[str, Form()] = "") -> Response:
        return page.acknowledge(request, case_id, note.strip())


class _Exception:
    """Fetches what the page shows and renders it."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._queue = house.queue
        self._evidence = house.evidence

    def acknowledge(self, request: Request, name: str, note: str) -> Response:
        """Acknowledge under the visitor's name, or say why not and keep what was written."""
        if len(note) > MOST_NOTE:
            said = f"The note has {len(note):,} characters; at most {MOST_NOTE:,} are kept. Nothing was done."
            return self.exception(request, name, HTTP_UNPROCESSABLE, said, note)
        case_id = number_of(name)
        actor, given = visitor(request).actor, Given(words=note)
        result = self._queue.act(case_id or 0, Action.ACKNOWLEDGE, actor, given, Nanos(time.time_ns()))
        if isinstance(result, Refused):
            return self.exception(request, name, HTTP_CONFLICT, f"Not done: {result.words}.", note)
        return RedirectResponse(f"/exceptions/{case_id}", HTTP_SEE_OTHER)

    def exception(
        self, request: Request, name: str, status: int = 200, refusal: str = "", note: str = ""
    ) -> HTMLResponse:
        """Render one exception with all that is behind it."""
        case_id = number_of(name)
        case = None if case_id is None else self._queue.case_at(case_id, Nanos(time.time_ns()))
        if case is None:
            return self._house.missing(request, f"exception {name}")
        findings = self._evidence.findings(case.case_id)
        offsets = [offset for finding in findings[:EXPLAINED] for offset in (finding.offset, *finding.related)]
        messages = self._evidence.messages(offsets)
        looks = self._evidence.second_looks(findings)
        market = market_around(self._evidence.quotes(findings[0]), findings[0].at)
        history = self._queue.history(case.case_id)
        incident = self._evidence.outlines([case]).get(case.incident)
        others = self._evidence.others(case)
        shown = detail(case, findings, messages, history, catalogue(), looks, incident, others)
        return self._house.render(
            request,
            "exception/exception.html",
            status,
            page=shown,
            market=market,
            refusal=refusal,
            note=note,
            most_note=MOST_NOTE,
            quote_columns=QUOTE_COLUMNS.values(),
        )


def number_of(name: str) -> int | None:
    """Return the case number that a path names, None when it cannot be one."""
    if not (name.isascii() and name.isdigit()) or len(name) > len(str(LARGEST_ID)) or int(name) > LARGEST_ID:
        return None
    return int(name)
