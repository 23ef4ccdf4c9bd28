"""The rooms of the API in one application: its routes, its OpenAPI, and one form for every refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exception_handlers import request_validation_exception_handler
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from service.access.api_doors import is_api
from service.web.api.acts import add_acts
from service.web.api.alerts import add_alerts
from service.web.api.bulks import add_bulks
from service.web.api.days import add_days, add_readiness
from service.web.api.document import document
from service.web.api.evidence import add_evidence
from service.web.api.exceptions import add_exceptions
from service.web.api.feeds import add_feeds
from service.web.api.forms.operations import operations
from service.web.api.forms.problem import complaints, problem
from service.web.api.people import add_people, add_tokens
from service.web.api.problems import HTTP_BAD_REQUEST, HTTP_UNPROCESSABLE, Refusal, answer, said
from service.web.api.proposals import add_backtests, add_proposals, add_venues
from service.web.api.routes import ROOT
from service.web.api.rules import add_rules
from service.web.api.search import add_search
from service.web.api.versions import add_registers, add_rulebooks
from service.web.api.work import add_incidents, add_principals, add_shelvings
from service.web.house import House

RESOURCES: tuple[Callable[[FastAPI, House], None], ...] = (
    add_search,
    add_exceptions,
    add_evidence,
    add_acts,
    add_bulks,
    add_incidents,
    add_shelvings,
    add_principals,
    add_days,
    add_readiness,
    add_feeds,
    add_alerts,
    add_rules,
    add_rulebooks,
    add_registers,
    add_proposals,
    add_backtests,
    add_venues,
    add_people,
    add_tokens,
)


def add_api(app: FastAPI, house: House) -> None:
    """Add the routes of every resource, and the OpenAPI that describes them."""
    for add in RESOURCES:
        add(app, house)
    described = document(app)

    @app.get(f"{ROOT}/openapi.json", include_in_schema=False)
    def get_openapi() -> dict[str, Any]:
        return described

    @app.get("/api", include_in_schema=False)
    def api_page(request: Request) -> HTMLResponse:
        return house.render(request, "api/api.html", resources=operations(described), root=ROOT)

    @app.exception_handler(Refusal)
    def refused(request: Request, error: Refusal) -> Response:
        del request
        return answer(error.problem)

    @app.exception_handler(RequestValidationError)
    async def unclear(request: Request, error: RequestValidationError) -> Response:
        if not is_api(request.url.path):
            return await request_validation_exception_handler(request, error)
        found = list(error.errors())
        if any(one["type"] == "json_invalid" for one in found):
            return said(HTTP_BAD_REQUEST, "the body is not JSON")
        told = complaints(found)
        words = "; ".join(f"{one.where}: {one.words}" for one in told)
        return answer(problem(HTTP_UNPROCESSABLE, words, told))


def not_there(error: HTTPException) -> Response:
    """Answer what the router itself refuses: an address that is not there, a method that it does not take."""
    words = {404: "there is no such address", 405: "this address does not take that method"}
    return said(error.status_code, words.get(error.status_code, str(error.detail)), error.headers)
