"""One exception over the API: how it stands, its history, and the evidence behind it."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import FastAPI, Path, Request, Response

from rules.facts import Nanos
from service.cases.case import Case
from service.store.paged import events_after, findings_before
from service.web.api.forms.case import ExceptionDetail, History, exception_detail, history
from service.web.api.forms.common import LARGEST
from service.web.api.forms.evidence import Findings, Messages, Quotes, findings, messages, quotes
from service.web.api.problems import missing
from service.web.api.routes import Paged, Routes
from service.web.house import House
from service.web.visitor import visitor

EXPLAINED = 5
"""Of so many of the newest findings the raw messages and the quotes are given out."""
CaseId = Annotated[int, Path(ge=1, le=LARGEST, description="The number of the exception.", examples=[7])]


def add_exceptions(app: FastAPI, house: House) -> None:
    """Add the routes."""
    routes, database, rules = Routes(app, "exceptions"), house.database, house.queue.rules

    @routes.get("/exceptions/{case_id}")
    def get_exception(request: Request, case_id: CaseId, response: Response) -> ExceptionDetail:
        """Return an exception as it stands now, its clocks, and what you may do to it."""
        case, now = known(house, case_id)
        incident = house.evidence.outlines([case]).get(case.incident)
        response.headers["ETag"] = f'"{case.n}"'
        return exception_detail(case, house.queue.history(case_id), incident, visitor(request).actor, rules, now)

    @routes.get("/exceptions/{case_id}/history")
    def get_history(case_id: CaseId, page: Paged) -> History:
        """Return what was done to an exception, each link with its hash."""
        known(house, case_id)
        return history(events_after(database, case_id, page.after or 0, page.limit + 1), page.limit)

    @routes.get("/exceptions/{case_id}/findings")
    def get_findings(case_id: CaseId, page: Paged) -> Findings:
        """Return the findings of an exception as they were first stated, with their second looks."""
        known(house, case_id)
        found = findings_before(database, case_id, page.before, page.limit + 1)
        return findings(found, house.evidence.second_looks([one for _, one in found]), page.limit)

    @routes.get("/exceptions/{case_id}/messages")
    def get_messages(case_id: CaseId) -> Messages:
        """Return the raw messages behind the newest findings, tags explained; at most 50."""
        known(house, case_id)
        newest = house.evidence.findings(case_id, EXPLAINED)
        return messages(house.evidence.messages([offset for one in newest for offset in (one.offset, *one.related)]))

    @routes.get("/exceptions/{case_id}/quotes")
    def get_quotes(case_id: CaseId) -> Quotes:
        """Return the quotes that are kept with the newest findings."""
        known(house, case_id)
        found = (house.evidence.quotes(one) for one in house.evidence.findings(case_id, EXPLAINED))
        return quotes([kept for kept in found if kept is not None])


def known(house: House, case_id: int) -> tuple[Case, Nanos]:
    """Return an exception as it stands now; raise Refusal when there is none."""
    now = Nanos(time.time_ns())
    case = house.queue.case_at(case_id, now)
    if case is None:
        missing("exception", case_id)
    return case, now
