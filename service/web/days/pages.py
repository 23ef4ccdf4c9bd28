"""The pages about days: certificates and the close of each, the start of this one, and signing under them."""

from __future__ import annotations

import time
from typing import Annotated

import msgspec
from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from rules.facts import Nanos
from service.market.calendar import trade_date
from service.settings import ConfigurationError
from service.statements.chain import Kind, digest, packed
from service.statements.closing import CloseOfDay, assurance, needs_comment
from service.statements.gather_closing import gathered_close
from service.statements.gather_days import known_sessions
from service.statements.issue import certify, issued
from service.statements.look import look
from service.statements.readiness import FAIL, Line, lines, worst
from service.statements.signing import sign_close, sign_readiness
from service.store.export_text import day_bounds
from service.store.statements import SqlStatements
from service.web.days.view import certificate_page, day_line, day_name, session_state, step
from service.web.house import House
from service.web.visitor import visitor

DAYS = 40
MOST_COMMENT = 2_000
HTTP_SEE_OTHER = 303
HTTP_CONFLICT = 409
CHANGED = "it has changed since you saw it; look at it again"

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
        self._database = house.database
        self._configured = house.configured
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
        close = self._close(day)
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
            shown=_seen(close),
            steps=[step(one) for one in reversed(self._statements.of_day(day))],
            refusal=refusal,
            comment=comment,
        )

    def certify(self, request: Request, day: str) -> Response:
        """Issue a certificate for every session of the day, under the visitor's name."""
        try:
            sessions = self._sessions(day)
        except ValueError:
            return self._house.missing(request, f"day {day}")
        made = [certify(self._database, *whose, day) for whose in sessions]
        issued(self._database, made, actor=visitor(request).actor.name)
        return RedirectResponse(f"/days/{day}", HTTP_SEE_OTHER)

    def sign_day(self, request: Request, day: str, shown: str, comment: str) -> Response:
        """Sign the close of the day as it was shown, or say why not."""
        try:
            close = self._close(day)
        except ValueError:
            return self._house.missing(request, f"day {day}")
        if shown != _seen(close):
            return self.day(request, day, HTTP_CONFLICT, f"Not signed: {CHANGED}.", comment)
        signed = sign_close(self._database, close, visitor(request).actor.name, comment, Nanos(time.time_ns()))
        if isinstance(signed, str):
            return self.day(request, day, HTTP_CONFLICT, f"Not signed: {signed}.", comment)
        return RedirectResponse(f"/days/{day}", HTTP_SEE_OTHER)

    def readiness(self, request: Request, status: int = 200, refusal: str = "", comment: str = "") -> HTMLResponse:
        """Render what is ready and what is not, looked at now."""
        day, told = self._look()
        return self._render(
            request,
            "readiness.html",
            status,
            day=day,
            title=day_name(day),
            lines=told,
            verdict=worst(told),
            needs_comment=worst(told) == FAIL,
            shown=_verdicts(told),
            steps=[step(one) for one in reversed(self._statements.of_day(day)) if _of_readiness(one.kind, one.body)],
            refusal=refusal,
            comment=comment,
        )

    def sign_readiness(self, request: Request, shown: str, comment: str) -> Response:
        """Sign what is found now, when it says what the page said."""
        day, told = self._look()
        if shown != _verdicts(told):
            return self.readiness(request, HTTP_CONFLICT, f"Not signed: {CHANGED}.", comment)
        signed = sign_readiness(self._database, day, told, visitor(request).actor.name, comment, Nanos(time.time_ns()))
        if isinstance(signed, str):
            return self.readiness(request, HTTP_CONFLICT, f"Not signed: {signed}.", comment)
        return RedirectResponse("/readiness", HTTP_SEE_OTHER)

    def _look(self) -> tuple[str, tuple[Line, ...]]:
        now = Nanos(time.time_ns())
        try:
            found = look(self._configured(), self._database, now)
        except ConfigurationError as error:
            told = (Line(verdict=FAIL, subject="configuration", words=problem) for problem in error.problems)
            return trade_date(now), tuple(told)
        return found.day, lines(found)

    def _sessions(self, day: str) -> list[tuple[str, str]]:
        known = {(one.counterparty, one.session) for one in known_sessions(self._database, day)}
        try:
            return sorted({*known, *self._configured().sessions})
        except ConfigurationError:
            return sorted(known)

    def _close(self, day: str) -> CloseOfDay:
        return gathered_close(self._database, day, self._sessions(day))

    def _render(self, request: Request, name: str, status: int = 200, **values: object) -> HTMLResponse:
        return self._house.render(request, f"days/{name}", status, most_comment=MOST_COMMENT, **values)


def _seen(close: CloseOfDay) -> str:
    """Return what tells whether the close still says what the page showed; how far the journal is, is no part of it."""
    return digest(packed(msgspec.structs.replace(close, upto=0)))


def _verdicts(told: tuple[Line, ...]) -> str:
    return digest(packed([[line.subject, line.verdict] for line in told]))


def _of_readiness(kind: Kind, body: bytes) -> bool:
    return kind is Kind.READINESS or (kind is Kind.SIGNATURE and b'"kind":"readiness"' in body)
