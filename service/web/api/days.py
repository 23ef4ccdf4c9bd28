"""Days over the API: certificates and the close of each, the start of this one, and signing under them."""

from __future__ import annotations

import time
from typing import NoReturn

import msgspec
from fastapi import FastAPI, Request

from rules.facts import Nanos
from service.market.calendar import trade_date
from service.report.gather import gathered_report
from service.statements.chain import Kind, Signed, Statement
from service.statements.seen import CHANGED, DayDesk, seen, verdicts
from service.store.statements import SqlStatements
from service.web.api.forms.days import (
    Close,
    DayLine,
    Days,
    Readiness,
    Report,
    SessionState,
    SignAsked,
    SignedTold,
    Statements,
    close_told,
    readiness,
    report,
    signed,
    statement,
)
from service.web.api.problems import conflict, wrong
from service.web.api.routes import HTTP_CREATED, Routes
from service.web.api.work import TradeDate, known_day
from service.web.house import House
from service.web.visitor import visitor

DAYS = 400


def add_days(app: FastAPI, house: House) -> None:
    """Add the routes."""
    routes, statements = Routes(app, "days"), SqlStatements(house.database)
    desk = DayDesk(house.database, house.configured)

    @routes.get("/days")
    def list_days() -> Days:
        """Return the newest 400 days that have any certificate, and today."""
        newest = statements.newest(DAYS)
        days = sorted({trade_date(_now()), *newest}, reverse=True)
        return Days(days=[_line(day, newest.get(day, {}), statements.of_day(day, Kind.SIGNATURE)) for day in days])

    @routes.get("/days/{day}/statements")
    def list_statements(day: TradeDate) -> Statements:
        """Return everything that was stated and signed of a day, certificates with all that is behind them."""
        return Statements(statements=[statement(one) for one in statements.of_day(known_day(day))])

    @routes.get("/days/{day}/certificates")
    def list_certificates(day: TradeDate) -> Statements:
        """Return the newest certificate of each session of a day."""
        newest = statements.newest_of(known_day(day))
        return Statements(statements=[statement(one) for _, one in sorted(newest.items())])

    @routes.post("/days/{day}/certificates", HTTP_CREATED)
    def certify_day(request: Request, day: TradeDate) -> Statements:
        """Issue a certificate of completeness for every session of a day, under your name."""
        made = desk.certify(known_day(day), visitor(request).actor.name)
        return Statements(statements=[statement(one) for one in made])

    @routes.get("/days/{day}/close")
    def get_close(day: TradeDate) -> Close:
        """Return what would be signed of a day as it is now."""
        close = desk.close(known_day(day))
        return close_told(close, seen(close))

    @routes.get("/days/{day}/report")
    def get_report(day: TradeDate) -> Report:
        """Return the report of a day in words, as the page and its CSV have it."""
        sessions = desk.sessions(known_day(day))
        return report(gathered_report(house.database, house.queue.rules, day, sessions, _now()))

    @routes.post("/days/{day}/signatures", HTTP_CREATED)
    def sign_day(request: Request, day: TradeDate, body: SignAsked) -> SignedTold:
        """Sign the close of a day as it was shown to you."""
        actor, comment = visitor(request).actor.name, body.comment.strip()
        return _signed(desk.sign(known_day(day), body.shown, actor, comment, _now()))


def add_readiness(app: FastAPI, house: House) -> None:
    """Add the routes about the start of day."""
    routes, desk = Routes(app, "readiness"), DayDesk(house.database, house.configured)

    @routes.get("/readiness")
    def get_readiness() -> Readiness:
        """Return what is ready at the start of this day and what is not: daemon, sessions, quotes, registers, disk."""
        day, told = desk.look(_now())
        return readiness(day, told, verdicts(told))

    @routes.post("/readiness/signatures", HTTP_CREATED)
    def sign_readiness(request: Request, body: SignAsked) -> SignedTold:
        """Sign the start of day as it was shown to you."""
        actor, comment = visitor(request).actor.name, body.comment.strip()
        return _signed(desk.sign_readiness(body.shown, actor, comment, _now()))


def _signed(came_to: tuple[Statement, Statement] | str) -> SignedTold:
    if isinstance(came_to, str):
        _not_signed(came_to)
    return signed(came_to)


def _not_signed(words: str) -> NoReturn:
    if words == CHANGED:
        conflict(words)
    wrong(words, where="body.comment")


def _line(day: str, newest: dict[tuple[str, str], Statement], signatures: list[Statement]) -> DayLine:
    told = ((one.actor, msgspec.json.decode(one.body, type=Signed)) for one in signatures)
    names = dict.fromkeys(actor or "" for actor, body in told if body.kind == Kind.CLOSE_OF_DAY)
    states = [SessionState(counterparty=of, session=name, state=one.state) for (of, name), one in newest.items()]
    return DayLine(day=day, sessions=states, signed_by=list(names))


def _now() -> Nanos:
    return Nanos(time.time_ns())
