"""The routes: what each path answers to whom the entrance let in. Reads and acts through the store, decides nothing."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from starlette.exceptions import HTTPException

from rules.cards import catalogue
from rules.facts import Nanos
from service.cases.case import Refused
from service.cases.given import MOST_WORDS as MOST_NOTE
from service.cases.given import Given
from service.cases.states import Action
from service.store.evidence import SqlEvidence
from service.store.queue import SqlQueue
from service.web.detail import QUOTE_COLUMNS, detail
from service.web.entrance import Entrance, Named, WithLogin, while_in
from service.web.guard import Guard
from service.web.live import Live
from service.web.login import add_login
from service.web.market import market_around
from service.web.view import line, pulse
from service.web.visitor import context, visitor

HERE = Path(__file__).parent
EXPLAINED = 5
"""Of so many of the newest findings the raw messages are shown."""
LARGEST_ID = 2**63 - 1
HTTP_SEE_OTHER = 303
HTTP_NOT_FOUND = 404
HTTP_CONFLICT = 409
HTTP_UNPROCESSABLE = 422


def pages(
    *,
    firm: str,
    queue: SqlQueue,
    evidence: SqlEvidence,
    live: Live,
    actor: str = "",
    login: WithLogin | None = None,
    host: str | None = None,
) -> FastAPI:
    """Return the application: what it does is done by whoever logged in, without a login under the name of `actor`.

    `host` is the name under which the page is reached besides those of this machine.
    """
    who = login or Named(actor)
    app = FastAPI(title="sorwatch", docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.add_middleware(Entrance, who=who)
    app.add_middleware(Guard, host=host)
    page = _Pages(firm, queue, evidence)
    if login is not None:
        add_login(app, firm=firm, who=login)

    @app.get("/")
    def queue_page(request: Request) -> HTMLResponse:
        return page.queue(request, "queue.html")

    @app.get("/rows")
    def queue_rows(request: Request) -> HTMLResponse:
        return page.queue(request, "rows.html")

    @app.get("/exceptions/{case_id}")
    def exception_page(request: Request, case_id: str) -> HTMLResponse:
        return page.exception(request, case_id)

    @app.post("/exceptions/{case_id}/acknowledge")
    def acknowledge(request: Request, case_id: str, note: Annotated[str, Form()] = "") -> Response:
        return page.acknowledge(request, case_id, note.strip())

    @app.get("/live")
    async def changes(request: Request) -> StreamingResponse:
        return StreamingResponse(while_in(live.stream(), who, request), media_type="text/event-stream")

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> HTMLResponse:
        return page.missing(request, "this page", error.status_code)

    return app


class _Pages:
    """Fetches what a page shows and renders it."""

    def __init__(self, firm: str, queue: SqlQueue, evidence: SqlEvidence) -> None:
        self._queue = queue
        self._evidence = evidence
        self._templates = Jinja2Templates(directory=HERE / "templates", context_processors=[context])
        self._templates.env.trim_blocks = self._templates.env.lstrip_blocks = True
        self._templates.env.globals |= {"firm": firm}

    def queue(self, request: Request, name: str) -> HTMLResponse:
        """Render the list, as a page or as its rows alone."""
        rules = catalogue()
        backlog = self._evidence.backlog()
        waiting, acknowledged = self._evidence.waiting(), self._evidence.acknowledged()
        part_of = self._evidence.outlines([*waiting, *acknowledged])
        return self._render(
            request,
            name,
            counts=self._evidence.counts(),
            waiting=[line(case, rules, part_of.get(case.incident)) for case in waiting],
            acknowledged=[line(case, rules, part_of.get(case.incident)) for case in acknowledged],
            pulse=pulse(backlog.received_at, backlog.waiting),
        )

    def acknowledge(self, request: Request, name: str, note: str) -> Response:
        """Acknowledge under the visitor's name, or say why not and keep what was written."""
        if len(note) > MOST_NOTE:
            said = f"The note has {len(note):,} characters; at most {MOST_NOTE:,} are kept. Nothing was done."
            return self.exception(request, name, HTTP_UNPROCESSABLE, said, note)
        case_id = _number(name)
        actor, given = visitor(request).actor, Given(words=note)
        result = self._queue.act(case_id or 0, Action.ACKNOWLEDGE, actor, given, Nanos(time.time_ns()))
        if isinstance(result, Refused):
            return self.exception(request, name, HTTP_CONFLICT, f"Not done: {result.words}.", note)
        return RedirectResponse(f"/exceptions/{case_id}", HTTP_SEE_OTHER)

    def exception(
        self, request: Request, name: str, status: int = 200, refusal: str = "", note: str = ""
    ) -> HTMLResponse:
        """Render one exception with all that is behind it."""
        case_id = _number(name)
        case = None if case_id is None else self._queue.case_at(case_id, Nanos(time.time_ns()))
        if case is None:
            return self.missing(request, f"exception {name}", HTTP_NOT_FOUND)
        findings = self._evidence.findings(case.case_id)
        offsets = [offset for finding in findings[:EXPLAINED] for offset in (finding.offset, *finding.related)]
        messages = self._evidence.messages(offsets)
        looks = self._evidence.second_looks(findings)
        market = market_around(self._evidence.quotes(findings[0]), findings[0].at)
        history = self._queue.history(case.case_id)
        incident = self._evidence.outlines([case]).get(case.incident)
        others = self._evidence.others(case)
        shown = detail(case, findings, messages, history, catalogue(), looks, incident, others)
        backlog = self._evidence.backlog()
        return self._render(
            request,
            "exception.html",
            status,
            page=shown,
            market=market,
            refusal=refusal,
            note=note,
            most_note=MOST_NOTE,
            quote_columns=QUOTE_COLUMNS.values(),
            pulse=pulse(backlog.received_at, backlog.waiting),
        )

    def missing(self, request: Request, what: str, status: int) -> HTMLResponse:
        """Say that there is no such thing."""
        return self._render(request, "missing.html", status, what=what)

    def _render(self, request: Request, name: str, status: int = 200, **values: object) -> HTMLResponse:
        return self._templates.TemplateResponse(request, name, values, status_code=status)


def _number(name: str) -> int | None:
    """Return the case number that a path names, None when it cannot be one."""
    if not (name.isascii() and name.isdigit()) or len(name) > len(str(LARGEST_ID)) or int(name) > LARGEST_ID:
        return None
    return int(name)
