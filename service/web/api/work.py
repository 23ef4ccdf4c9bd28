"""Incidents, shelvings, principals and the firm's own rules for the work, over the API."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import FastAPI, Path, Query, Request

from rules.facts import Nanos
from service.access.visit import Visit
from service.cases.case import Refused
from service.cases.principal import Principal
from service.cases.until import NoTimeError, until_of
from service.desk.naming import name_principal as answers_for_the_day
from service.incidents import Incident
from service.store.export_text import day_bounds
from service.store.paged import cases_of_incident, incidents_upto
from service.store.principals import SqlPrincipals
from service.store.shelvings import Listed
from service.store.verdicts import closed_by_rule
from service.web.api.forms.case import exception_line
from service.web.api.forms.common import LARGEST, Day, instant
from service.web.api.forms.work import (
    EndAsked,
    Incidents,
    IncidentTold,
    LinkedExceptions,
    Precisions,
    PrincipalAsked,
    Principals,
    PrincipalTold,
    ShelvingAsked,
    ShelvingDetail,
    Shelvings,
    ShelvingTold,
    WorkRules,
    incident,
    precision,
    scope_of,
    shelving,
    work_rules,
)
from service.web.api.problems import conflict, missing, wrong
from service.web.api.routes import HTTP_CREATED, Paged, Routes
from service.web.house import House
from service.web.visitor import visitor

Numbered = Annotated[int, Path(ge=1, le=LARGEST)]
TradeDate = Annotated[Day, Path(description="Trade date.", examples=["2026-11-20"])]


def add_incidents(app: FastAPI, house: House) -> None:
    """Add the routes about incidents, and what the firm laid down."""
    routes, database, rules = Routes(app, "incidents"), house.database, house.queue.rules

    @routes.get("/incidents")
    def list_incidents(page: Paged) -> Incidents:
        """Return the incidents, the newest first."""
        found = incidents_upto(database, page.before - 1, page.limit + 1)
        shown = found[: page.limit]
        following = shown[-1][0].number if len(found) > page.limit else None
        return Incidents(incidents=[incident(*one) for one in shown], next=following)

    @routes.get("/incidents/{number}")
    def get_incident(number: Numbered) -> IncidentTold:
        """Return what several exceptions have in common."""
        return incident(*_incident(house, number))

    @routes.get("/incidents/{number}/exceptions")
    def list_incident_exceptions(number: Numbered, page: Paged) -> LinkedExceptions:
        """Return the exceptions of an incident, in their order."""
        _incident(house, number)
        now = _now()
        found = cases_of_incident(database, rules, number, page.after or 0, page.limit + 1, now)
        shown = [exception_line(case, rules, now) for case in found[: page.limit]]
        return LinkedExceptions(exceptions=shown, next=shown[-1].exception if len(found) > page.limit else None)

    @Routes(app, "exceptions").get("/work-rules")
    def get_work_rules() -> WorkRules:
        """Return the reason codes, clocks and limits that the firm laid down for the work on exceptions."""
        return work_rules(rules)

    @Routes(app, "rules").get("/precision")
    def list_precision() -> Precisions:
        """Return how often each rule was right, by what people made of its exceptions."""
        return Precisions(rules=[precision(rule, counted) for rule, counted in closed_by_rule(database).items()])


def add_shelvings(app: FastAPI, house: House) -> None:
    """Add the routes about scopes that are shelved."""
    routes, shelvings, rules = Routes(app, "shelvings"), house.queue.shelvings, house.queue.rules

    @routes.get("/shelvings")
    def list_shelvings(over: Annotated[bool, Query(description="Also those that are over.")] = False) -> Shelvings:  # noqa: FBT002 - a query has names
        """Return the scopes that are shelved, with what each hid."""
        now = _now()
        return Shelvings(shelvings=[_shelving(one, now) for one in shelvings.listed(None if over else now)])

    @routes.get("/shelvings/{number}")
    def get_shelving(number: Numbered) -> ShelvingDetail:
        """Return a shelving with the newest exceptions that it hid."""
        now = _now()
        hidden = [exception_line(case, rules, now) for case in shelvings.hidden_by(number)]
        return ShelvingDetail(**dict(_shelving(_listed(house, number), now)), exceptions=hidden)

    @routes.post("/shelvings", HTTP_CREATED)
    def shelve_scope(request: Request, body: ShelvingAsked) -> ShelvingTold:
        """Shelve all exceptions that have some values, those to come included, for a bounded time."""
        now = _now()
        try:
            until = until_of(body.until, now)
        except NoTimeError as error:
            wrong(str(error), where="body.until")
        made = shelvings.shelve(scope_of(body.scope), visitor(request).actor, body.why, until, now)
        if isinstance(made, Refused):
            wrong(made.words)
        return shelving(made, 0, 0, now)

    @routes.post("/shelvings/{number}/end")
    def end_shelving(request: Request, number: Numbered, body: EndAsked) -> ShelvingTold:
        """End a shelving before its time; what it hid comes back."""
        _listed(house, number)
        ended = shelvings.end(number, visitor(request).actor, body.words, _now())
        if isinstance(ended, Refused):
            conflict(ended.words)
        return _shelving(_listed(house, number), _now())


def add_principals(app: FastAPI, house: House) -> None:
    """Add the routes about who answers for a day."""
    routes, principals = Routes(app, "principals"), SqlPrincipals(house.database)

    @routes.get("/principals/{day}")
    def list_principals(day: TradeDate) -> Principals:
        """Return who answers for a trade date and who covers, with all that was said of it before."""
        return Principals(principals=[_principal(one) for one in principals.of(known_day(day))])

    @routes.post("/principals/{day}", HTTP_CREATED)
    def name_principal(request: Request, day: TradeDate, body: PrincipalAsked) -> PrincipalTold:
        """Say who answers for a trade date; it is appended, and the newest word counts."""
        named = _named(visitor(request), known_day(day), body)
        if problems := answers_for_the_day(house.database, named):
            conflict(*problems)
        return _principal(named)


def known_day(day: str) -> str:
    """Return a trade date; raise Refusal for what is none."""
    try:
        day_bounds(day)
    except ValueError:
        missing("day", day)
    return day


def _named(visit: Visit, day: str, body: PrincipalAsked) -> Principal:
    deputies = tuple(body.deputies)
    return Principal(trade_date=day, name=body.name, deputies=deputies, by=visit.actor.name, at=_now(), note=body.note)


def _principal(one: Principal) -> PrincipalTold:
    return PrincipalTold(
        trade_date=one.trade_date,
        name=one.name,
        deputies=list(one.deputies),
        said_by=one.by,
        at=instant(one.at),
        note=one.note,
    )


def _incident(house: House, number: int) -> tuple[Incident, int]:
    found = incidents_upto(house.database, number, 1)
    if not found or found[0][0].number != number:
        missing("incident", number)
    return found[0]


def _listed(house: House, number: int) -> Listed:
    found = next((one for one in house.queue.shelvings.listed() if one.shelving.number == number), None)
    if found is None:
        missing("shelving", number)
    return found


def _shelving(one: Listed, now: Nanos) -> ShelvingTold:
    return shelving(one.shelving, one.hid, one.hides, now)


def _now() -> Nanos:
    return Nanos(time.time_ns())
