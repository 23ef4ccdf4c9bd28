"""The way in and out: the login form, which works without a script, and the end of a login."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import FastAPI, Form, Request
from fastapi.responses import RedirectResponse, Response

from service.access.doors import home, own_path
from service.access.login import TurnedAway
from service.access.sessions import form_token
from service.web.entrance import WithLogin
from service.web.house import House
from service.web.visitor import place_of, visitor

HTTP_SEE_OTHER = 303
HTTP_UNAUTHORIZED = 401
WHY = {
    "login": "Log in to go on.",
    "out": "You are logged out.",
    "password": "Your password is changed. Log in with the new one.",
    "form": "The form had grown old. Try again.",
}


def add_login(app: FastAPI, house: House, who: WithLogin) -> LoginForm:
    """Add the routes; return the form, to which other ways in lead back."""
    page = LoginForm(house, who)

    @app.get("/login")
    def login_page(request: Request, why: str = "", next: str = "") -> Response:  # noqa: A002 - the word in the address
        return page.form(request, WHY.get(why, ""), next)

    @app.post("/login")
    def log_in(
        request: Request,
        name: Annotated[str, Form()] = "",
        password: Annotated[str, Form()] = "",
        next: Annotated[str, Form()] = "",  # noqa: A002 - as above
    ) -> Response:
        return page.log_in(request, name, password, next)

    @app.post("/logout")
    def log_out(request: Request) -> Response:
        return page.log_out(request)

    return page


class LoginForm:
    """Lets people in and out, and keeps the cookies."""

    def __init__(self, house: House, who: WithLogin) -> None:
        self._house = house
        self._login, self._cookies = who.login, who.cookies
        self._has_provider = who.provider is not None

    def form(self, request: Request, said: str, back: str, name: str = "", status: int = 200) -> Response:
        """Show the form, tied to a cookie of its own."""
        secret = request.cookies.get(self._cookies.form) or secrets.token_urlsafe(32)
        shown = {
            "said": said,
            "wrong": status != 200,  # noqa: PLR2004 - OK
            "back": own_path(back) or "",
            "name": name,
            "login_form": form_token(secret),
            "has_accounts": self._login.has_accounts or self._has_provider,
            "has_provider": self._has_provider,
            "passwords": self._login.passwords.name.lower(),
            "out": request.url.path == "/login" and request.query_params.get("why") == "out",
        }
        answer = self._house.plain(request, "login.html", status, **shown)
        self._cookies.keep(answer, self._cookies.form, secret)
        return answer

    def log_in(self, request: Request, name: str, password: str, back: str) -> Response:
        """Judge an attempt and lead on, or say calmly that it was not right."""
        result = self._login.log_in(name, password, place_of(request), had=self._cookies.secret(request))
        if isinstance(result, TurnedAway):
            return self.form(request, result.words, back, name, HTTP_UNAUTHORIZED)
        answer = RedirectResponse(own_path(back) or home(result.visit.may), HTTP_SEE_OTHER)
        self._cookies.keep(answer, self._cookies.login, result.secret)
        self._cookies.drop(answer, self._cookies.form)
        return answer

    def log_out(self, request: Request) -> Response:
        """End the login."""
        self._login.log_out(visitor(request), place_of(request))
        answer = RedirectResponse("/login?why=out", HTTP_SEE_OTHER)
        self._cookies.drop(answer, self._cookies.login)
        return answer
