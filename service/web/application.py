"""The application: every room of the page behind one entrance and one guard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import Response, StreamingResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from service.access.api_doors import is_api
from service.web.alerts.pages import add_alert_pages
from service.web.api.application import add_api, not_there
from service.web.days.pages import add_day_pages
from service.web.entrance import Entrance, Named, WithLogin, while_in
from service.web.exception.bundle import add_bundle_downloads
from service.web.exception.pages import add_exception_pages
from service.web.feeds.pages import add_feed_pages
from service.web.guard import Guard
from service.web.house import House
from service.web.live import Live
from service.web.login import add_login
from service.web.oidc import add_provider
from service.web.people.pages import add_people_pages
from service.web.proposals.pages import add_proposal_pages
from service.web.proposals.text_pages import add_text_pages
from service.web.queue.pages import add_queue_pages
from service.web.report.pages import add_report_pages
from service.web.rules.pages import add_rule_pages
from service.web.venues.pages import add_venue_pages

STATIC = Path(__file__).parent / "static"
ROOMS: tuple[Callable[[FastAPI, House], None], ...] = (
    add_queue_pages,
    add_exception_pages,
    add_bundle_downloads,
    add_day_pages,
    add_api,
    add_rule_pages,
    add_text_pages,
    add_proposal_pages,
    add_venue_pages,
    add_feed_pages,
    add_alert_pages,
    add_report_pages,
    add_people_pages,
)
"""Each adds its own routes; who may use them is said in service/access/doors.py."""


def application(
    house: House, *, live: Live, actor: str = "", login: WithLogin | None = None, host: str | None = None
) -> FastAPI:
    """Return the application: what it does is done by whoever logged in, without a login under the name of `actor`.

    `host` is the name under which the page is reached besides those of this machine.
    """
    who = login or Named(actor)
    app = FastAPI(title="sorwatch", docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(Entrance, who=who)
    app.add_middleware(Guard, host=host)
    app.state.login = None if login is None else login.login
    if login is not None:
        add_provider(app, house, login, add_login(app, house, login))
    for add in ROOMS:
        add(app, house)

    @app.get("/live")
    async def changes(request: Request) -> StreamingResponse:
        return StreamingResponse(while_in(live.stream(), who, request), media_type="text/event-stream")

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        if is_api(request.url.path):
            return not_there(error)
        return house.missing(request, "this page", error.status_code)

    return app
