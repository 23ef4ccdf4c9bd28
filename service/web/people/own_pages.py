"""One's own account, for everybody who is in: password, open logins, API tokens."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Annotated

from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from rules.facts import Nanos
from service.access.administer import NotDone, People
from service.access.login import NOT_RIGHT, Login
from service.access.permissions import May, Scope
from service.access.sessions import kept, listed_name
from service.access.tokens import LONGEST_LABEL, MOST_DAYS
from service.store.accounts import SqlAccounts
from service.web.house import House
from service.web.people.accounts import login_lines, scope_choices, token_lines, whole_days
from service.web.people.tabs import tabs
from service.web.visitor import place_of, visitor

HTTP_SEE_OTHER = 303
HTTP_CONFLICT = 409
NOT_KNOWN = "The present password is not right."
DAYS = 90
NO_ACCOUNT = "This page is open without a login, so there is no account to change."

Password = Annotated[str, Form(max_length=1_000)]
Text = Annotated[str, Form(max_length=200)]


def add_own_pages(app: FastAPI, house: House) -> None:
    """Add the routes."""
    page = _Own(house)

    @app.get("/me")
    def me(request: Request) -> HTMLResponse:
        return page.shown(request)

    @app.post("/me/password")
    def password(request: Request, present: Password = "", chosen: Password = "", again: Password = "") -> Response:
        return page.choose(request, present, chosen, again)

    @app.post("/me/logins/end")
    def end_login(request: Request, login: Text = "") -> Response:
        return page.end_login(request, login)

    @app.post("/me/tokens")
    def make_token(
        request: Request,
        scopes: Annotated[list[Scope], Form()] = [],  # noqa: B006 - read only
        label: Text = "",
        days: Text = str(DAYS),
    ) -> Response:
        return page.make_token(request, label.strip(), scopes, days.strip())

    @app.post("/me/tokens/revoke")
    def revoke(request: Request, token: Text = "") -> Response:
        return page.revoke(request, token)


class _Own:
    """Shows who asks their own account, and has it changed by its owner only."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._accounts = SqlAccounts(house.database)

    def shown(self, request: Request, status: int = 200, **said: object) -> HTMLResponse:
        """Render the account of who asks."""
        visit, login = visitor(request), _login(request)
        user = None if login is None else self._accounts.user(visit.actor.name)
        now, this = Nanos(time.time_ns()), "" if visit.secret is None else listed_name(kept(visit.secret))
        tokens = [token for token in self._accounts.tokens() if user is not None and token.user == user.key]
        logins = [] if login is None or user is None else login.open_logins(user.name)
        given: dict[str, object] = {"refusal": {}, "made": None, "label": "", "days": DAYS, **said}
        given.setdefault("scopes", scope_choices(visit.may, ()))
        return self._house.render(
            request,
            "people/me.html",
            status,
            tabs=tabs(visit.may),
            user=user,
            must_change=visit.must_change,
            may=[may.value for may in May if may in visit.may],
            logins=login_lines(logins, this),
            tokens=token_lines(tokens, now),
            most_days=MOST_DAYS,
            most_label=LONGEST_LABEL,
            **given,
        )

    def choose(self, request: Request, present: str, chosen: str, again: str) -> Response:
        """Take another password from who knows the present one; every login of the account ends, this one too."""
        visit, login = visitor(request), _login(request)
        if login is None:
            return self._refused(request, "password", [NO_ACCOUNT])
        turned = login.proves(visit, present, place_of(request))
        if turned is not None:
            return self._refused(request, "password", [NOT_KNOWN if turned.words == NOT_RIGHT else turned.words])
        try:
            self._people(request).choose_password(visit.actor.name, chosen, again)
        except NotDone as refused:
            return self._refused(request, "password", refused.problems)
        return RedirectResponse("/login?why=password", HTTP_SEE_OTHER)

    def end_login(self, request: Request, login: str) -> Response:
        """End one of the own logins."""
        return self._done(request, "logins", lambda people, name: people.end_login(name, login))

    def make_token(self, request: Request, label: str, scopes: list[Scope], days: str) -> Response:
        """Make a token and show it once, or say why not and keep what was written."""
        try:
            made = self._people(request).make_token(visitor(request).actor.name, label, scopes, whole_days(days))
        except NotDone as refused:
            given = {"label": label, "days": days, "scopes": scope_choices(visitor(request).may, scopes)}
            return self._refused(request, "tokens", refused.problems, **given)
        return self.shown(request, made=(label, made))

    def revoke(self, request: Request, token: str) -> Response:
        """Revoke one of the own tokens."""
        return self._done(request, "tokens", lambda people, name: people.revoke(token, of=name))

    def _done(self, request: Request, part: str, deed: Callable[[People, str], object]) -> Response:
        try:
            deed(self._people(request), visitor(request).actor.name)
        except NotDone as refused:
            return self._refused(request, part, refused.problems)
        return RedirectResponse("/me", HTTP_SEE_OTHER)

    def _refused(self, request: Request, part: str, problems: list[str], **kept_values: object) -> Response:
        return self.shown(request, HTTP_CONFLICT, refusal={part: problems}, **kept_values)

    def _people(self, request: Request) -> People:
        return People(self._accounts, visitor(request).actor.name, Nanos(time.time_ns()), place_of(request))


def _login(request: Request) -> Login | None:
    found: Login | None = request.app.state.login
    return found
