"""The downloads of one exception: all its evidence, and the extract of it for the vendor."""

from __future__ import annotations

import time

from fastapi import FastAPI, Request
from fastapi.responses import Response

from rules.facts import Nanos
from service.audit.bundle.extract import SeveralVendorsError
from service.audit.bundle.make import Bundle, NoSuchExceptionError, bundle, extract
from service.web.exception.reading import number_of
from service.web.house import House
from service.web.visitor import place_of, visitor

HTTP_CONFLICT = 409


def add_bundle_downloads(app: FastAPI, house: House) -> None:
    """Add the routes; each download is written into the access log, whoever asks."""

    @app.get("/exceptions/{case_id}/bundle.zip")
    def whole(request: Request, case_id: str) -> Response:
        by, place = visitor(request).actor.name, place_of(request)
        try:
            made = bundle(
                house.database,
                _number(case_id),
                by=by,
                firm=house.firm,
                at=_now(),
                place=place,
                rules=house.queue.rules,
            )
        except NoSuchExceptionError:
            return house.missing(request, f"exception {case_id}")
        return _zip(made)

    @app.get("/exceptions/{case_id}/vendor.zip")
    def for_vendor(request: Request, case_id: str, counterparty: str | None = None) -> Response:
        by, place = visitor(request).actor.name, place_of(request)
        try:
            made = extract(
                house.database,
                _number(case_id),
                by=by,
                firm=house.firm,
                at=_now(),
                place=place,
                counterparty=counterparty,
            )
        except NoSuchExceptionError:
            return house.missing(request, f"exception {case_id}")
        except SeveralVendorsError as error:
            return house.plain(request, "refused.html", HTTP_CONFLICT, words=f"Not made: {error}.")
        return _zip(made)


def _number(case_id: str) -> int:
    number = number_of(case_id)
    if number is None:
        raise NoSuchExceptionError(case_id)
    return number


def _now() -> Nanos:
    return Nanos(time.time_ns())


def _zip(made: Bundle) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"'}
    return Response(made.content, media_type="application/zip", headers=headers)
