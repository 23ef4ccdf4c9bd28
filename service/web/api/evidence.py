"""Evidence that leaves the house, over the API: the bundle of an exception, the extract for its vendor, the seals."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import FastAPI, Query, Request, Response

from rules.facts import Nanos
from service.audit.bundle.extract import SeveralVendorsError
from service.audit.bundle.make import Bundle, bundle, extract
from service.store.seals import SqlSeals
from service.web.api.exceptions import CaseId, known
from service.web.api.forms.common import Word
from service.web.api.forms.seals import Seals, seals_told
from service.web.api.problems import HTTP_CONFLICT, conflict
from service.web.api.routes import Paged, Routes
from service.web.house import House
from service.web.visitor import place_of, visitor


class Zip(Response):
    """A zip archive."""

    media_type = "application/zip"


def add_evidence(app: FastAPI, house: House) -> None:
    """Add the routes; each bundle and extract is written into the access log, whoever asks."""
    routes, database = Routes(app, "evidence"), house.database

    @routes.get("/exceptions/{case_id}/bundle.zip", response_class=Zip)
    def get_bundle(request: Request, case_id: CaseId) -> Response:
        """Return all the evidence of an exception as a zip that proves itself."""
        known(house, case_id)
        by, place, now = visitor(request).actor.name, place_of(request), Nanos(time.time_ns())
        rules = house.queue.rules
        return _zip(bundle(database, case_id, by=by, firm=house.firm, at=now, place=place, rules=rules))

    @routes.get("/exceptions/{case_id}/vendor.zip", HTTP_CONFLICT, response_class=Zip)
    def get_vendor_extract(
        request: Request,
        case_id: CaseId,
        counterparty: Annotated[Word | None, Query(description="Whose, where there are several.")] = None,
    ) -> Response:
        """Return what the vendor may have of an exception: our orders there, without names, notes and limits."""
        known(house, case_id)
        by, place, now = visitor(request).actor.name, place_of(request), Nanos(time.time_ns())
        try:
            made = extract(database, case_id, by=by, firm=house.firm, at=now, place=place, counterparty=counterparty)
        except SeveralVendorsError as error:
            conflict(str(error))
        return _zip(made)

    @Routes(app, "seals").get("/seals")
    def list_seals(page: Paged) -> Seals:
        """Return the seals of the record, oldest first; `sorwatch audit verify` recomputes what they close."""
        return seals_told(SqlSeals(database, house.firm).after(page.after or 0), page.limit)


def _zip(made: Bundle) -> Response:
    return Zip(made.content, headers={"Content-Disposition": f'attachment; filename="{made.name}"'})
