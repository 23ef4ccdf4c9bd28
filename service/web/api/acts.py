"""Acting on one exception over the API: by the one door, and told as it was refused."""

from __future__ import annotations

import time

from fastapi import FastAPI, Request

from rules.facts import Nanos
from service.cases.actor import Actor
from service.cases.asked import Unclear, asked
from service.cases.case import Refused
from service.cases.door import allowed
from service.cases.given import Given, missing
from service.cases.states import Action
from service.web.api.exceptions import CaseId, known
from service.web.api.forms.acts import ActionAsked, ClosingAsked, Done, Fields
from service.web.api.forms.case import exception_line, stands
from service.web.api.forms.problem import Complaint
from service.web.api.problems import HTTP_CONFLICT, HTTP_UNPROCESSABLE, Refusal
from service.web.api.routes import Routes
from service.web.house import House
from service.web.visitor import visitor


def add_acts(app: FastAPI, house: House) -> None:
    """Add the routes."""
    routes = Routes(app, "exceptions")

    @routes.post("/exceptions/{case_id}/actions")
    def act(request: Request, case_id: CaseId, body: ActionAsked) -> Done:
        """Do something to an exception under your name.

        Give `n` as you saw it in `seen`: the second of two who act at one time is told who was first.
        """
        return _done(house, case_id, Action(body.action.value), body, visitor(request).actor)

    @routes.post("/exceptions/{case_id}/closing")
    def decide_closing(request: Request, case_id: CaseId, body: ClosingAsked) -> Done:
        """Approve or refuse the closing that somebody else proposed."""
        return _done(house, case_id, Action(body.action.value), body, visitor(request).actor)


def _done(house: House, case_id: int, action: Action, body: Fields, actor: Actor) -> Done:
    known(house, case_id)
    now = Nanos(time.time_ns())
    given = read(action, body, now)
    result = house.queue.act(case_id, action, actor, given, now)
    if isinstance(result, Refused):
        raise _refused(house, case_id, action, actor, given, result)
    return Done(exception=exception_line(result.case, house.queue.rules, now), n=result.event.n)


def read(action: Action, body: Fields, now: Nanos) -> Given:
    """Return what goes with an action; raise Refusal with every field that cannot be used."""
    given = asked(action, body.written(), now)
    if isinstance(given, Unclear):
        told = [Complaint(where=f"body.{one.field}", words=one.words) for one in given.wrong]
        raise Refusal(HTTP_UNPROCESSABLE, given.words, told)
    return given


def _refused(house: House, case_id: int, action: Action, actor: Actor, given: Given, result: Refused) -> Refusal:
    """Return what the door said, with how the exception stands: 422 where only something more was needed."""
    case, now = known(house, case_id)
    rules = house.queue.rules
    incomplete = action in allowed(case, actor, rules) and missing(case, action, given, now, rules) is not None
    status = HTTP_UNPROCESSABLE if incomplete else HTTP_CONFLICT
    return Refusal(status, result.words, now=stands(case, actor, rules))
