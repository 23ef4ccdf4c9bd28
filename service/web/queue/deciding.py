"""The routes of decisions from the list: the form, the decision itself, and how far one over many has come."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode

import msgspec
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from rules.facts import Nanos
from service.access.assignable import assignable
from service.cases.asked import Unclear, action_of, asked
from service.cases.case import Case, Refused
from service.cases.given import MOST_WORDS, Given, missing
from service.cases.states import Action
from service.cases.wanted import Wrong, wanted
from service.people import same_person
from service.store.accounts import SqlAccounts
from service.store.bulks import Bulk, OtherBulkError
from service.store.case_book import CHUNK
from service.web.house import House
from service.web.queue.decision import ACTIONS, Chosen, by_action, chosen, needed, print_of, takes
from service.web.visitor import visitor

HTTP_SEE_OTHER = 303
HTTP_FORBIDDEN = 403
HTTP_CONFLICT = 409
HTTP_UNPROCESSABLE = 422
MOST_DECIDED = 20_000
"""Over so many exceptions one decision can go."""
PART = "part"
"""The field by which the script of the page asks for less than a page."""
Fields = Sequence[tuple[str, str]]


def add_deciding(app: FastAPI, house: House) -> None:
    """Add the routes."""
    deciding = _Deciding(house)

    @app.get("/decide")
    def form(request: Request) -> Response:
        return deciding.form(request, parse_qsl(request.url.query))

    @app.post("/decide")
    async def decide(request: Request) -> Response:
        told = await request.form()
        fields = [(name, value) for name, value in told.multi_items() if isinstance(value, str)]
        return await run_in_threadpool(deciding.decide, request, fields)

    @app.get("/bulks/{bulk_id}")
    def bulk_page(request: Request, bulk_id: str) -> Response:
        return deciding.bulk(request, bulk_id)

    @app.post("/bulks/{bulk_id}/go-on")
    async def go_on(request: Request, bulk_id: str) -> Response:
        told = await request.form()
        return await run_in_threadpool(deciding.go_on, request, bulk_id, PART in told)


class _Deciding:
    """Reads a decision, hands it to the queue, and says what came of it."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._queue = house.queue
        self._search = house.evidence.search

    def form(self, request: Request, fields: Fields, status: int = 200, wrong: str = "") -> Response:
        """Render the form of a decision with what was written already."""
        told = dict(fields)
        action = action_of(told.get("action", ""))
        if action not in ACTIONS:
            return self._house.missing(request, f"decision {told.get('action', '')}")
        picked = chosen(fields)
        found = picked if isinstance(picked, str) else self._cases(request, picked)
        problem = wrong or (found if isinstance(found, str) else "")
        cases = () if isinstance(found, str) else found
        people = assignable(SqlAccounts(self._house.database).users())
        return self._render(
            request,
            "queue/deed.html" if PART in told else "queue/decide.html",
            status if not problem or status != 200 else HTTP_UNPROCESSABLE,  # noqa: PLR2004 - all is well
            action=action,
            takes=takes(action),
            needed=needed(action),
            cases=cases,
            picked=picked if isinstance(picked, Chosen) else Chosen(),
            print=print_of(case.case_id for case in cases),
            told=told,
            problem=problem,
            reasons=self._queue.rules.reasons,
            people=people,
            proposes=Action.PROPOSE_CLOSE in by_action(action, cases, self._queue.rules),
            bulk=told.get("bulk") or uuid.uuid4().hex,
            most_words=MOST_WORDS,
        )

    def decide(self, request: Request, fields: Fields) -> Response:
        """Take a decision over one or many, or say why not and keep what was written."""
        told, now = dict(fields), Nanos(time.time_ns())
        action = action_of(told.get("action", ""))
        picked = chosen(fields)
        if action not in ACTIONS or isinstance(picked, str):
            return self.form(request, fields, HTTP_UNPROCESSABLE)
        people = assignable(SqlAccounts(self._house.database).users())
        written = {name: value for name, value in told.items() if name in takes(action)}
        given = asked(action, written, now, people)
        if isinstance(given, Unclear):
            return self.form(request, fields, HTTP_UNPROCESSABLE, f"{given.words}. Nothing was done.")
        found = self._cases(request, picked)
        if isinstance(found, str):
            return self.form(request, fields, HTTP_CONFLICT, found)
        if picked.over_all and print_of(case.case_id for case in found) != picked.print:
            words = f"Other exceptions match by now, {len(found):,} of them. Look at them again; nothing was done."
            return self.form(request, fields, HTTP_CONFLICT, words)
        if len(picked.numbers) == 1:
            seen = msgspec.structs.replace(given, seen=picked.seen)
            return self._on_one(request, fields, found[0], action, seen, now)
        return self._on_many(request, fields, found, action, given, now)

    def bulk(self, request: Request, bulk_id: str, status: int = 200) -> Response:
        """Render how far a decision over many has come, and of which exceptions it was refused."""
        bulk = self._queue.bulks.of(bulk_id)
        if bulk is None:
            return self._house.missing(request, f"decision {bulk_id}")
        return self._render(request, "queue/bulk.html", status, bulk=bulk)

    def go_on(self, request: Request, bulk_id: str, is_part: bool) -> Response:  # noqa: FBT001 - by position to a thread
        """Take the next of a decision over many; only whoever began it goes on under that name."""
        bulk = self._queue.bulks.of(bulk_id)
        if bulk is None:
            return self._house.missing(request, f"decision {bulk_id}")
        if not same_person(bulk.actor.name, visitor(request).actor.name):
            return self.bulk(request, bulk_id, HTTP_FORBIDDEN)
        bulk = self._queue.bulks.go_on(bulk_id, Nanos(time.time_ns()))
        if is_part:
            return JSONResponse({"words": progress(bulk), "finished": bulk.finished, "refused": len(bulk.refused)})
        return RedirectResponse(f"/bulks/{bulk_id}", HTTP_SEE_OTHER)

    def _on_one(
        self, request: Request, fields: Fields, case: Case, action: Action, given: Given, now: Nanos
    ) -> Response:
        (each,) = by_action(action, [case], self._queue.rules)
        result = self._queue.act(case.case_id, each, visitor(request).actor, given, now)
        if isinstance(result, Refused):
            return self.form(request, fields, HTTP_CONFLICT, f"Not done: {result.words}.")
        return self._done(fields, f"{case.case_id} {each.past}", [])

    def _on_many(
        self, request: Request, fields: Fields, cases: Sequence[Case], action: Action, given: Given, now: Nanos
    ) -> Response:
        told, who = dict(fields), visitor(request).actor
        parts = by_action(action, cases, self._queue.rules)
        lacks = missing(cases[0], action, given, now, self._queue.rules)
        if lacks is not None:
            return self.form(request, fields, HTTP_UNPROCESSABLE, f"Not done: {lacks}.")
        begun = []
        for each, numbers in parts.items():
            bulk_id = told.get("bulk") or uuid.uuid4().hex
            try:
                begun.append(self._queue.bulks.begin(f"{bulk_id}-{each.value}", numbers, each, who, _plain(given), now))
            except OtherBulkError as error:
                return self.form(request, fields, HTTP_CONFLICT, f"Not done: {error}.")
        small = sum(len(bulk.case_ids) for bulk in begun) <= CHUNK
        gone = [self._queue.bulks.go_on(bulk.bulk_id, now) if small else bulk for bulk in begun]
        return self._done(fields, "; ".join(map(progress, gone)), gone)

    def _done(self, fields: Fields, words: str, bulks: Sequence[Bulk]) -> Response:
        """Say what was done: to the script in words, else by leading back or to the decision that is not through."""
        told = dict(fields)
        open_one = next((bulk for bulk in bulks if not bulk.finished or bulk.refused), None)
        where = f"/bulks/{open_one.bulk_id}" if open_one else _list_of(told.get("query", ""))
        if PART in told:
            return JSONResponse({"words": words, "where": where if open_one else ""})
        return RedirectResponse(where, HTTP_SEE_OTHER)

    def _cases(self, request: Request, picked: Chosen) -> tuple[Case, ...] | str:
        """Return the exceptions as they stand now, or in words why there are none."""
        now = Nanos(time.time_ns())
        if not picked.over_all:
            found = tuple(filter(None, (self._queue.case_at(number, now) for number in picked.numbers)))
            lost = set(picked.numbers) - {case.case_id for case in found}
            return f"There is no exception {min(lost)}; nothing was done." if lost else found
        asks = wanted(picked.query)
        if isinstance(asks, Wrong):
            return f"{'; '.join(asks.problems)}. Nothing was done."
        whole = msgspec.structs.replace(asks, after=None)
        page = self._search.page(whole, visitor(request).actor.name, now, MOST_DECIDED)
        if page.after is not None:
            return f"More than {MOST_DECIDED:,} match; one decision goes over so many at most. Nothing was done."
        return page.cases or "Nothing matches by now; nothing was done."

    def _render(self, request: Request, name: str, status: int, /, **values: object) -> HTMLResponse:
        return self._house.render(request, name, status, progress=progress, same_person=same_person, **values)


def progress(bulk: Bulk) -> str:
    """Return how far a decision over many has come, in words."""
    refused = f", {len(bulk.refused):,} refused" if bulk.refused else ""
    if bulk.finished:
        return f"{bulk.action.past} {bulk.acted:,}{refused}"
    return f"{bulk.action.words}: {bulk.taken:,} of {len(bulk.case_ids):,}{refused}"


def _plain(given: Given) -> Given:
    return msgspec.structs.replace(given, seen=None, bulk=None)


def _list_of(query: str) -> str:
    kept = urlencode(parse_qsl(query))
    return f"/?{kept}" if kept else "/"
