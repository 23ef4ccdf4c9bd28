"""What every room of the page shares: the firm, the store, and how an answer is rendered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fastapi import Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates

from service.configuration import Configuration
from service.store.engine import Database
from service.store.evidence import SqlEvidence
from service.store.queue import SqlQueue
from service.web.pulse import pulse
from service.web.visitor import context

TEMPLATES = Path(__file__).parent / "templates"
HTTP_NOT_FOUND = 404


class House:
    """The firm's page over one store; `configured` reads the working folder, and may raise ConfigurationError."""

    def __init__(
        self,
        *,
        firm: str,
        database: Database,
        queue: SqlQueue,
        evidence: SqlEvidence,
        configured: Callable[[], Configuration],
    ) -> None:
        self.firm = firm
        self.database = database
        self.queue = queue
        self.evidence = evidence
        self.configured = configured
        self._templates = Jinja2Templates(directory=TEMPLATES, context_processors=[context])
        self._templates.env.trim_blocks = self._templates.env.lstrip_blocks = True
        self._templates.env.globals |= {"firm": firm}

    def render(self, request: Request, name: str, status: int = 200, /, **values: object) -> HTMLResponse:
        """Render a page that says at its top how far the watch has come."""
        backlog = self.evidence.backlog()
        return self.plain(request, name, status, pulse=pulse(backlog.received_at, backlog.waiting), **values)

    def plain(self, request: Request, name: str, status: int = 200, /, **values: object) -> HTMLResponse:
        """Render a page, or a part of one, without it."""
        return self._templates.TemplateResponse(request, name, values, status_code=status)

    def missing(self, request: Request, what: str, status: int = HTTP_NOT_FOUND) -> HTMLResponse:
        """Say that there is no such thing."""
        return self.plain(request, "missing.html", status, what=what)
