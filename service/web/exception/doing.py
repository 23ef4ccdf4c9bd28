"""What is done to an exception from its page; what was refused is said there, and what was written is kept."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping

import msgspec
from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from rules.facts import Nanos
from service.access.assignable import assignable
from service.access.permissions import May
from service.cases.asked import Unclear, action_of, asked
from service.cases.case import Case, Refused
from service.cases.given import Given, missing
from service.cases.permitted import needed
from service.store.accounts import SqlAccounts
from service.store.bulks import OtherBulkError
from service.web.exception.forms import Tried
from service.web.exception.reading import Reading, number_of
from service.web.exception.told import label_of
from service.web.house import House
from service.web.visitor import visitor

HTTP_SEE_OTHER = 303
HTTP_CONFLICT = 409
HTTP_UNPROCESSABLE = 422
NOT_OURS = ("csrf", "all")
"""Fields of a form that do not go with the action."""


class Doing:
    """Takes actions under the visitor's name."""

    def __init__(self, house: House, reading: Reading) -> None:
        self._house = house
        self._queue = house.queue
        self._reading = reading

    def act(self, request: Request, name: str, action_name: str, fields: Mapping[str, str], door: May) -> Response:
        """Take an action, or say on the page why not; each action comes by the door of the permission it needs."""
        now = Nanos(time.time_ns())
        case = self._queue.case_at(number_of(name) or 0, now)
        if case is None:
            return self._house.missing(request, f"exception {name}")
        action = action_of(action_name)
        if action is None or needed(action) is not door:
            return self._house.missing(request, f"action {action_name}")
        written = {field: text for field, text in fields.items() if field not in NOT_OURS}
        tried = Tried(action=action, written=written, over_all="all" in fields)
        given = asked(action, written, now, assignable(SqlAccounts(self._house.database).users()))
        if isinstance(given, Unclear):
            wrong = msgspec.structs.replace(tried, wrong={one.field: one.words for one in given.wrong})
            words = "; ".join(f"{label_of(action, one.field)}: {one.words}" for one in given.wrong)
            return self._refused(request, case, wrong, HTTP_UNPROCESSABLE, words)
        if tried.over_all and case.incident is not None:
            return self._over_all(request, case, tried, given, now)
        return self._on_one(request, case, tried, msgspec.structs.replace(given, bulk=None), now)

    def _on_one(self, request: Request, case: Case, tried: Tried, given: Given, now: Nanos) -> Response:
        result = self._queue.act(case.case_id, tried.action, visitor(request).actor, given, now)
        if not isinstance(result, Refused):
            return RedirectResponse(f"/exceptions/{case.case_id}", HTTP_SEE_OTHER)
        lacks = missing(case, tried.action, given, now, self._queue.rules) is not None
        return self._refused(request, case, tried, HTTP_UNPROCESSABLE if lacks else HTTP_CONFLICT, result.words)

    def _over_all(self, request: Request, case: Case, tried: Tried, given: Given, now: Nanos) -> Response:
        """Take one decision over all the exceptions of the incident; each is judged by itself."""
        assert case.incident is not None
        lacks = missing(case, tried.action, given, now, self._queue.rules)
        if lacks is not None:
            return self._refused(request, case, tried, HTTP_UNPROCESSABLE, lacks)
        bulk_id = given.bulk or uuid.uuid4().hex
        bulks, who = self._queue.bulks, visitor(request).actor
        try:
            bulks.begin(bulk_id, bulks.of_incident(case.incident), tried.action, who, given, now)
        except OtherBulkError as error:
            return self._refused(request, case, tried, HTTP_CONFLICT, str(error))
        bulk = list(bulks.finish(bulk_id, now))[-1]
        if not bulk.acted:
            return self._refused(request, case, tried, HTTP_CONFLICT, "; ".join(words for _, words in bulk.refused))
        return RedirectResponse(f"/exceptions/{case.case_id}?decided={bulk_id}", HTTP_SEE_OTHER)

    def _refused(self, request: Request, case: Case, tried: Tried, status: int, words: str) -> HTMLResponse:
        return self._reading.page(
            request, str(case.case_id), status, refusal=f"Not done: {words.rstrip('.')}.", tried=tried
        )
