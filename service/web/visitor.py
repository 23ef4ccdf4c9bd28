"""Who asks: what the doorkeeper found out, as handlers and templates read it; and the cookies of a login."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from service.access.visit import Visit
from service.web.nav import nav


def visitor(request: HTTPConnection) -> Visit:
    """Return the visit; only where the doorkeeper let somebody in."""
    found: Visit = request.state.visit
    return found


def place_of(request: HTTPConnection) -> str:
    """Return the address that a question came from."""
    return request.client.host if request.client else ""


def context(request: Request) -> dict[str, Any]:
    """Return what every template may say of who asks."""
    found: Visit | None = getattr(request.state, "visit", None)
    if found is None:
        return {"actor": "", "can": {}, "form": "", "has_login": False, "nav": []}
    return {
        "actor": found.actor.name,
        "can": found.can,
        "form": found.form,
        "has_login": found.secret is not None,
        "nav": nav(found.may),
    }


class Cookies:
    """The cookies of the page: the login's secret, and those that a form and a way to the provider are tied to."""

    def __init__(self, url: str | None) -> None:
        self.secure = url is not None and urlsplit(url).scheme == "https"
        prefix = "__Host-" if self.secure else ""  # only a page over TLS at this very host can have set such a one
        self.login, self.form = f"{prefix}sorwatch", f"{prefix}sorwatch_form"
        self.attempt = f"{prefix}sorwatch_provider"

    def secret(self, request: HTTPConnection) -> str | None:
        """Return the secret that the browser presents."""
        return request.cookies.get(self.login) or None

    def keep(self, response: Response, name: str, value: str, for_s: int | None = None) -> None:
        """Let the browser keep a cookie until it is closed; no script reads it, no other site's form sends it."""
        response.set_cookie(name, value, for_s, path="/", secure=self.secure, httponly=True, samesite="lax")

    def drop(self, response: Response, name: str) -> None:
        """Let the browser forget a cookie."""
        response.delete_cookie(name, path="/", secure=self.secure, httponly=True, samesite="lax")
