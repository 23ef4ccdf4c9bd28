"""The way to the firm's OpenID provider and back, and to its own logout: addresses, and one cookie for ten minutes.

The pages lead there by a link, never by a form: so the policy that keeps forms to this page needs no exception for
another host, and no page of ours names one.
"""

from __future__ import annotations

import secrets
from urllib.parse import quote, unquote

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from service.access.doors import home, own_path
from service.access.login import TurnedAway
from service.access.oidc_login import Came, OidcLogin
from service.web.entrance import WithLogin
from service.web.house import House
from service.web.login import HTTP_SEE_OTHER, HTTP_UNAUTHORIZED, LoginForm
from service.web.visitor import place_of

HTTP_UNAVAILABLE = 503
BACK = "/login/provider/back"
ATTEMPT_S = 600


def add_provider(app: FastAPI, house: House, who: WithLogin, form: LoginForm) -> None:
    """Add the routes; where no provider is named they lead nowhere."""
    page = _Provider(who, form)

    @app.get("/login/provider")
    def to_provider(request: Request, next: str = "") -> Response:  # noqa: A002 - the word in the address
        if who.provider is None:
            return house.missing(request, "this page")
        return page.begin(request, who.provider, next)

    @app.get(BACK)
    def from_provider(request: Request, state: str = "", code: str = "", error: str = "", iss: str = "") -> Response:
        if who.provider is None:
            return house.missing(request, "this page")
        return page.finish(request, who.provider, state=state, code=code, error=error, issuer=iss)

    @app.get("/logout/provider")
    def goodbye(request: Request) -> Response:
        address = None if who.provider is None else who.provider.goodbye(f"{who.own_address(request)}/login?why=out")
        return house.missing(request, "this page") if address is None else RedirectResponse(address, HTTP_SEE_OTHER)


class _Provider:
    """Sends people to the provider and takes them back."""

    def __init__(self, who: WithLogin, form: LoginForm) -> None:
        self._who = who
        self._form = form
        self._cookies = who.cookies

    def begin(self, request: Request, provider: OidcLogin, back: str) -> Response:
        """Send somebody there, with a secret that only this browser has."""
        secret = secrets.token_urlsafe(32)
        address = provider.begin(secret, self._return_address(request))
        if isinstance(address, TurnedAway):
            return self._form.form(request, address.words, back, status=HTTP_UNAVAILABLE)
        answer = RedirectResponse(address, HTTP_SEE_OTHER)
        kept = f"{secret}.{quote(own_path(back) or '', safe='')}"
        self._cookies.keep(answer, self._cookies.attempt, kept, for_s=ATTEMPT_S)
        return answer

    def finish(
        self, request: Request, provider: OidcLogin, *, state: str, code: str, error: str, issuer: str
    ) -> Response:
        """Take somebody back: in, or to the form with the reason."""
        secret, _, wanted = request.cookies.get(self._cookies.attempt, "").partition(".")
        back = unquote(wanted)
        came = Came(
            secret=secret,
            state=state,
            code=code,
            error=error,
            issuer=issuer,
            back=self._return_address(request),
            place=place_of(request),
            had=self._cookies.secret(request),
        )
        result = provider.finish(came)
        if isinstance(result, TurnedAway):
            answer = self._form.form(request, result.words, back, status=HTTP_UNAUTHORIZED)
        else:
            answer = RedirectResponse(own_path(back) or home(result.visit.may), HTTP_SEE_OTHER)
            self._cookies.keep(answer, self._cookies.login, result.secret)
            self._cookies.drop(answer, self._cookies.form)
        self._cookies.drop(answer, self._cookies.attempt)
        return answer

    def _return_address(self, request: Request) -> str:
        return self._who.own_address(request) + BACK
