"""The routes of one exception: what is behind it, and what is done to it by whom the entrance let in."""

from __future__ import annotations

import time

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool

from rules.facts import Nanos
from service.access.permissions import May
from service.web.exception.doing import Doing
from service.web.exception.news import news
from service.web.exception.reading import Reading, number_of
from service.web.exception.standing import standing
from service.web.house import House


def add_exception_pages(app: FastAPI, house: House) -> None:
    """Add the routes."""
    reading = Reading(house)
    doing = Doing(house, reading)

    @app.get("/exceptions/{case_id}")
    def exception_page(request: Request, case_id: str, decided: str = "") -> HTMLResponse:
        return reading.page(request, case_id, decided=decided)

    @app.get("/exceptions/{case_id}/record")
    def record(request: Request, case_id: str) -> HTMLResponse:
        return reading.page(request, case_id, whole=True)

    @app.get("/exceptions/{case_id}/now")
    def now(request: Request, case_id: str, seen: str = "") -> HTMLResponse:
        return _now(house, request, case_id, number_of(seen) or 0)

    @app.post("/exceptions/{case_id}/act/{action}")
    async def act(request: Request, case_id: str, action: str) -> Response:
        return await run_in_threadpool(doing.act, request, case_id, action, await _fields(request), May.ACT)

    @app.post("/exceptions/{case_id}/closing/{action}")
    async def decide_closing(request: Request, case_id: str, action: str) -> Response:
        return await run_in_threadpool(doing.act, request, case_id, action, await _fields(request), May.APPROVE_CLOSING)


async def _fields(request: Request) -> dict[str, str]:
    """Return the fields of a form; a file is none."""
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


def _now(house: House, request: Request, name: str, seen: int) -> HTMLResponse:
    """Return what an open page asks for by itself: the clocks as they stand, and what happened since it was loaded."""
    at = Nanos(time.time_ns())
    case = house.queue.case_at(number_of(name) or 0, at)
    if case is None:
        return house.missing(request, f"exception {name}")
    events = house.queue.history(case.case_id)
    return house.plain(
        request,
        "exception/now.html",
        now=standing(case, events, house.queue.rules, at),
        news=news([event for event in events if event.n > seen]),
        case_id=case.case_id,
        seen=seen,
    )
