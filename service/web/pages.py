"""The routes: what each path answers. Reads through the store, acts through the queue, decides nothing."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates

from rules.facts import Nanos
from service.cases import Action, Refused
from service.store.evidence import SqlEvidence
from service.store.queue import SqlQueue
from service.web.view import detail, row

HERE = Path(__file__).parent
POLL_S = 0.25
KEEP_ALIVE_S = 15.0
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
HTTP_SEE_OTHER = 303
HTTP_FORBIDDEN = 403
HTTP_NOT_FOUND = 404
HTTP_CONFLICT = 409


def pages(*, firm: str, actor: str, queue: SqlQueue, evidence: SqlEvidence) -> FastAPI:
    """Return the application: everything it does is done under the name of `actor`."""
    app = FastAPI(title="sorwatch", docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    templates = Jinja2Templates(directory=HERE / "templates")
    _guard(app)

    def render(request: Request, name: str, status: int = 200, **values: object) -> HTMLResponse:
        return templates.TemplateResponse(
            request, name, {"firm": firm, "actor": actor, **values}, status_code=status
        )

    @app.get("/")
    def queue_page(request: Request) -> HTMLResponse:
        rows = [row(case) for case in evidence.open_cases()]
        return render(request, "queue.html", rows=rows, counts=evidence.counts())

    @app.get("/rows")
    def queue_rows(request: Request) -> HTMLResponse:
        rows = [row(case) for case in evidence.open_cases()]
        return render(request, "rows.html", rows=rows, counts=evidence.counts())

    @app.get("/exceptions/{case_id}")
    def exception_page(request: Request, case_id: int) -> HTMLResponse:
        return _exception(request, case_id, refusal=None)

    @app.post("/exceptions/{case_id}/acknowledge")
    def acknowledge(request: Request, case_id: int, note: Annotated[str, Form(max_length=2_000)] = "") -> Response:
        result = queue.act(case_id, Action.ACKNOWLEDGE, actor, note, Nanos(time.time_ns()))
        if isinstance(result, Refused):
            return _exception(request, case_id, refusal=result.words)
        return RedirectResponse(f"/exceptions/{case_id}", HTTP_SEE_OTHER)

    @app.get("/live")
    async def live(request: Request) -> StreamingResponse:
        return StreamingResponse(_changes(request, evidence), media_type="text/event-stream")

    def _exception(request: Request, case_id: int, refusal: str | None) -> HTMLResponse:
        case = queue.case(case_id)
        if case is None:
            return render(request, "missing.html", HTTP_NOT_FOUND, case_id=case_id)
        findings = evidence.findings(case_id)
        offsets = sorted({offset for finding in findings[:5] for offset in (finding.offset, *finding.related)})
        page = detail(case, findings, evidence.messages(offsets), queue.history(case_id))
        status = HTTP_CONFLICT if refusal else 200
        return render(request, "exception.html", status, page=page, refusal=refusal)

    return app


def _guard(app: FastAPI) -> None:
    """Refuse writes that another site made the browser send, and set the headers that keep the page to itself."""

    @app.middleware("http")
    async def guard(request: Request, call_next):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
        if request.method not in ("GET", "HEAD") and not _own_origin(request):
            return HTMLResponse("This request came from another site and was refused.", HTTP_FORBIDDEN)
        response = await call_next(request)
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        return response


def _own_origin(request: Request) -> bool:
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == request.headers.get("host")


async def _changes(request: Request, evidence: SqlEvidence) -> AsyncIterator[str]:
    """Say `queue-changed` with the counts whenever a case changed; a comment now and then keeps the line open."""
    known, said_at = None, time.monotonic()
    while not await request.is_disconnected():
        counts = await asyncio.to_thread(evidence.counts)
        if counts != known:
            known, said_at = counts, time.monotonic()
            words = json.dumps({"new": counts.new, "acknowledged": counts.acknowledged})
            yield f"event: queue-changed\ndata: {words}\n\n"
        elif time.monotonic() - said_at > KEEP_ALIVE_S:
            said_at = time.monotonic()
            yield ": still here\n\n"
        await asyncio.sleep(POLL_S)
