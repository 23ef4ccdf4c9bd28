"""The pages about days: certificates and the close of each, the start of this one, and signing under them."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from rules.facts import Nanos
from service.market.calendar import trade_date
from service.statements.chain import Kind
from service.statements.closing import assurance, needs_comment
from service.statements.readiness import FAIL, worst
from service.statements.seen import DayDesk, seen, verdicts
from service.store.export_text import day_bounds
from service.store.statements import SqlStatements
from service.web.days.view import certificate_page, day_line, day_name, session_state, step
from service.web.house import House
from service.web.visitor import visitor

DAYS = 40
MOST_COMMENT = 2_000
HTTP_SEE_OTHER = 303
HTTP_CONFLICT = 409

Comment = Annotated[str, Form(max_length=MOST_COMMENT)]
Shown = Annotated[str, Form()]


def add_day_pages(app: FastAPI, house: House) -> None:
    """Add the routes."""
    page = _Days(house)

    @app.get("/days")
    def days_page(request: Request) -> HTMLResponse:
        return page.days(request)

    @app.get("/days/{day}")
    def day_page(request: Request, day: str) -> HTMLResponse:
        return page.day(request, day)

    @app.post("/days/{day}/certify")
    def certify_now(request: Request, day: str) -> Response:
        return page.certify(request, day)

    @app.post("/days/{day}/sign")
    def sign_day(request: Request, day: str, shown: Shown = "", comment: Comment = "") -> Response:
        return page.sign_day(request, day, shown, comment.strip())

    @app.get("/readiness")
    def readiness_page(request: Request) -> HTMLResponse:
        return page.readiness(request)

    @app.post("/readiness/sign")
    def sign_ready(request: Request, shown: Shown = "", comment: Comment = "") -> Response:
        return page.sign_readiness(request, shown, comment.strip())


class _Days:
    """Fetches what a page about days shows and renders it."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._desk = DayDesk(house.database, house.configured)
        self._statements = SqlStatements(house.database)

    def days(self, request: Request) -> HTMLResponse:
        """Render the list of days, the newest first."""
        newest = self._statements.newest(DAYS)
        today = trade_date(Nanos(time.time_ns()))
        days = sorted({today, *newest}, reverse=True)
        told = [day_line(day, newest.get(day, {}), self._statements.of_day(day, Kind.SIGNATURE)) for day in days]
        return self._render(request, "days.html", days=told)

    def day(self, request: Request, day: str, status: int = 200, refusal: str = "", comment: str = "") -> HTMLResponse:
        """Render one day: its certificates, its close, and all that was stated of it."""
        try:
            day_bounds(day)
        except ValueError:
            return self._house.missing(request, f"day {day}")
        close = self._desk.close(day)
        newest = self._statements.newest_of(day)
        return self._render(
            request,
            "day.html",
            status,
            day=day,
            title=day_name(day),
            certificates=[certificate_page(one) for _, one in sorted(newest.items())],
            without=[
                session_state(one.counterparty, one.session, None) for one in close.certificates if one.state is None
            ],
            close=close,
            sentences=list(assurance(close)),
            needs_comment=needs_comment(close),
            shown=seen(close),
            steps=[step(one) for one in reversed(self._statements.of_day(day))],
            refusal=refusal,
            comment=comment,
        )

    def certify(self, request: Request, day: str) -> Response:
        """Issue a certificate for every session of the day, under the visitor's name."""
        try:
            self._desk.certify(day, visitor(request).actor.name)
        except ValueError:
            return self._house.missing(request, f"day {day}")
        return RedirectResponse(f"/days/{day}", HTTP_SEE_OTHER)

    def sign_day(self, request: Request, day: str, shown: str, comment: str) -> Response:
        """Sign the close of the day as it was shown, or say why not."""
        try:
            signed = self._desk.sign(day, shown, visitor(request).actor.name, comment, Nanos(time.time_ns()))
        except ValueError:
            return self._house.missing(request, f"day {day}")
        if isinstance(signed, str):
            return self.day(request, day, HTTP_CONFLICT, f"Not signed: {signed}.", comment)
        return RedirectResponse(f"/days/{day}", HTTP_SEE_OTHER)

    def readiness(self, request: Request, status: int = 200, refusal: str = "", comment: str = "") -> HTMLResponse:
        """Render what is ready and what is not, looked at now."""
        day, told = self._desk.look(Nanos(time.time_ns()))
        return self._render(
            request,
            "readiness.html",
            status,
            day=day,
            title=day_name(day),
            lines=told,
            verdict=worst(told),
            needs_comment=worst(told) == FAIL,
            shown=verdicts(told),
            steps=[step(one) for one in reversed(self._statements.of_day(day)) if _of_readiness(one.kind, one.body)],
            refusal=refusal,
            comment=comment,
        )

    def sign_readiness(self, request: Request, shown: str, comment: str) -> Response:
        """Sign what is found now, when it says what the page said."""
        signed = self._desk.sign_readiness(shown, visitor(request).actor.name, comment, Nanos(time.time_ns()))
        if isinstance(signed, str):
            return self.readiness(request, HTTP_CONFLICT, f"Not signed: {signed}.", comment)
        return RedirectResponse("/readiness", HTTP_SEE_OTHER)

    def _render(self, request: Request, name: str, status: int = 200, **values: object) -> HTMLResponse:
        return self._house.render(request, f"days/{name}", status, most_comment=MOST_COMMENT, **values)


def _of_readiness(kind: Kind, body: bytes) -> bool:
    return kind is Kind.READINESS or (kind is Kind.SIGNATURE and b'"kind":"readiness"' in body)
