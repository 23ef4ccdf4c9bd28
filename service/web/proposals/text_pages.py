"""The routes of the versions of the rulebook and of the registers."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from service.versions import VersionKind
from service.web.forms import Form, field
from service.web.house import House
from service.web.proposals.texts import Texts, Written

BOOK = "rulebook"


def add_text_pages(app: FastAPI, house: House) -> None:
    """Add the routes."""
    _add_rulebooks(app, house)
    _add_registers(app, house)


def _add_rulebooks(app: FastAPI, house: House) -> None:
    book = Texts(house, VersionKind.RULEBOOK, lambda name: "/rulebooks")  # noqa: ARG005 - there is one rulebook

    @app.get("/rulebooks")
    def rulebooks(request: Request) -> HTMLResponse:
        return book.listed(request, BOOK)

    @app.get("/rulebooks/compare")
    def compare_rulebooks(request: Request, old: str = "in-force", new: str = "in-force") -> HTMLResponse:
        return book.compared(request, BOOK, old, new)

    @app.get("/rulebooks/propose")
    def rulebook_form(request: Request, of: str = "") -> HTMLResponse:
        return book.form(request, BOOK, None, of_file=of == "file")

    @app.post("/rulebooks/propose")
    def propose_rulebook(request: Request, form: Form) -> Response:
        return book.propose(request, BOOK, _written(form))

    @app.get("/rulebooks/{handle}")
    def rulebook(request: Request, handle: str) -> HTMLResponse:
        return book.shown(request, BOOK, handle)


def _add_registers(app: FastAPI, house: House) -> None:
    register = Texts(house, VersionKind.REGISTER, lambda name: f"/registers/{name}")

    @app.get("/registers/{name}")
    def registers(request: Request, name: str) -> HTMLResponse:
        return register.listed(request, name)

    @app.get("/registers/{name}/compare")
    def compare_registers(request: Request, name: str, old: str = "in-force", new: str = "in-force") -> HTMLResponse:
        return register.compared(request, name, old, new)

    @app.get("/registers/{name}/propose")
    def register_form(request: Request, name: str, of: str = "") -> HTMLResponse:
        return register.form(request, name, None, of_file=of == "file")

    @app.post("/registers/{name}/propose")
    def propose_register(request: Request, name: str, form: Form) -> Response:
        return register.propose(request, name, _written(form))

    @app.get("/registers/{name}/{handle}")
    def register_text(request: Request, name: str, handle: str) -> HTMLResponse:
        return register.shown(request, name, handle)


def _written(form: Form) -> Written:
    text = form.get("text", "")
    return Written(
        why=field(form, "why"), effective=field(form, "effective"), text=text if isinstance(text, str) else ""
    )
