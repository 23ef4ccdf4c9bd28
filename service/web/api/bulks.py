"""One decision over many exceptions over the API: begun once, gone on with in chunks, asked how far it is."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import FastAPI, Path, Request

from rules.facts import Nanos
from service.cases.states import Action
from service.store.bulks import Bulk, OtherBulkError, UnknownBulkError
from service.web.api.acts import read
from service.web.api.forms.acts import BulkAsked, BulkClosingAsked, Bulks, BulkTold, Many, NotDone
from service.web.api.problems import conflict, missing, wrong
from service.web.api.routes import HTTP_CREATED, Routes
from service.web.house import House
from service.web.visitor import visitor

BulkId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.-]{1,64}$", examples=["vendor-ticket-4711"])]


def add_bulks(app: FastAPI, house: House) -> None:
    """Add the routes."""
    routes, bulks = Routes(app, "bulks"), house.queue.bulks

    @routes.get("/bulks")
    def list_bulks() -> Bulks:
        """Return the decisions over many that were begun and are not through."""
        return Bulks(bulks=[told(one) for one in bulks.unfinished()])

    @routes.post("/bulks", HTTP_CREATED)
    def begin_bulk(request: Request, body: BulkAsked) -> BulkTold:
        """Begin one decision over many exceptions, and take the first 200; repeat it, or go on, for the rest."""
        return _begun(house, request, Action(body.action.value), body)

    @routes.post("/bulks/closings", HTTP_CREATED)
    def begin_bulk_of_closings(request: Request, body: BulkClosingAsked) -> BulkTold:
        """Begin one decision over the proposed closings of many exceptions."""
        return _begun(house, request, Action(body.action.value), body)

    @routes.get("/bulks/{bulk_id}")
    def get_bulk(bulk_id: BulkId) -> BulkTold:
        """Return how far a decision over many has come."""
        found = bulks.one(bulk_id)
        if found is None:
            missing("bulk", bulk_id)
        return told(found)

    @routes.post("/bulks/{bulk_id}/next")
    def go_on_with_bulk(bulk_id: BulkId) -> BulkTold:
        """Take the next 200 exceptions of a decision, under the name of who took it; of one that is through none."""
        try:
            return told(bulks.go_on(bulk_id, Nanos(time.time_ns())))
        except UnknownBulkError:
            missing("bulk", bulk_id)


def _begun(house: House, request: Request, action: Action, body: Many) -> BulkTold:
    now, bulks = Nanos(time.time_ns()), house.queue.bulks
    ids = body.exceptions if body.incident is None else bulks.of_incident(body.incident)
    if bool(body.exceptions) is (body.incident is not None):
        wrong("name exceptions, or one incident")
    if not ids:
        wrong(f"there is no incident {body.incident}", where="body.incident")
    given = read(action, body, now)
    try:
        bulks.begin(body.bulk, ids, action, visitor(request).actor, given, now)
    except OtherBulkError as error:
        conflict(str(error))
    return told(bulks.go_on(body.bulk, now))


def told(bulk: Bulk) -> BulkTold:
    """Return how far a decision has come."""
    return BulkTold(
        bulk=bulk.bulk_id,
        action=bulk.action.value,
        actor=bulk.actor.name,
        exceptions=len(bulk.case_ids),
        taken=bulk.taken,
        done=bulk.acted,
        refused=[NotDone(exception=number, words=words) for number, words in bulk.refused],
        finished=bulk.finished,
    )
