"""The pages on which an admin says who may come in: accounts, their roles, first passwords and tokens."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import URL

from rules.facts import Nanos
from service.access.administer import NotDone, People
from service.access.login import Login
from service.access.permissions import Role
from service.access.users import User
from service.people import plain
from service.store.accounts import SqlAccounts
from service.web.house import House
from service.web.people.accounts import account_line, names_in, role_choices, token_lines
from service.web.people.tabs import tabs
from service.web.visitor import place_of, visitor

HTTP_SEE_OTHER = 303
HTTP_CONFLICT = 409
LONGEST = 2_000

Text = Annotated[str, Form(max_length=LONGEST)]
Roles = Annotated[list[Role], Form()]


def add_account_pages(app: FastAPI, house: House) -> None:
    """Add the routes."""
    page = _Accounts(house)

    @app.get("/people/accounts")
    def accounts(request: Request) -> HTMLResponse:
        return page.listed(request)

    @app.post("/people/accounts")
    def add(request: Request, roles: Roles = [], name: Text = "", desks: Text = "") -> Response:  # noqa: B006 - read only
        return page.add(request, name.strip(), roles, desks)

    @app.get("/people/account")
    def account(request: Request, name: str = "") -> Response:
        return page.one(request, name)

    @app.post("/people/account/roles")
    def set_roles(request: Request, roles: Roles = [], name: Text = "", desks: Text = "") -> Response:  # noqa: B006 - read only
        return page.set_roles(request, name, roles, desks)

    @app.post("/people/account/password")
    def draw_password(request: Request, name: Text = "") -> Response:
        return page.draw_password(request, name)

    @app.post("/people/account/disable")
    def disable(request: Request, name: Text = "", why: Text = "") -> Response:
        return page.done(request, name, lambda people: people.lock(name, why.strip()), why)

    @app.post("/people/account/enable")
    def enable(request: Request, name: Text = "", why: Text = "") -> Response:
        return page.done(request, name, lambda people: people.unlock(name, why.strip()), why)

    @app.post("/people/account/revoke")
    def revoke(request: Request, name: Text = "", token: Text = "") -> Response:
        return page.done(request, name, lambda people: people.revoke(token, of=name))


class _Accounts:
    """Fetches accounts, and has People change them under the visitor's name."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._accounts = SqlAccounts(house.database)

    def listed(self, request: Request, status: int = 200, **said: object) -> HTMLResponse:
        """Render every account, and the form for another."""
        login: Login | None = request.app.state.login
        last = self._accounts.last_logins()
        lines = [
            account_line(user, last.get(user.key), None if login is None else login.waits(user.name))
            for user in self._accounts.users()
        ]
        given = {"name": "", "desks": "", "roles": role_choices(()), "refusal": [], "drawn": None, **said}
        return self._render(request, "accounts.html", status, lines=lines, **given)

    def add(self, request: Request, name: str, roles: list[Role], desks: str) -> Response:
        """Add an account and show once what it begins with, or say why not and keep what was written."""
        try:
            password = self._people(request).invite(name, roles, names_in(desks))
        except NotDone as refused:
            kept = {"name": name, "desks": desks, "roles": role_choices(roles)}
            return self.listed(request, HTTP_CONFLICT, refusal=refused.problems, **kept)
        return self.listed(request, drawn=(name, password))

    def one(self, request: Request, name: str, status: int = 200, **said: object) -> HTMLResponse:
        """Render one account with what can be done to it."""
        user = self._accounts.user(name)
        if user is None:
            return self._house.missing(request, f"account {name}")
        now = Nanos(time.time_ns())
        login: Login | None = request.app.state.login
        last = self._accounts.last_logins().get(user.key)
        tokens = [token for token in self._accounts.tokens() if token.user == user.key]
        given = {"refusal": [], "drawn": None, "why": "", "desks": ", ".join(user.desks), **said}
        given.setdefault("roles", role_choices(user.roles))
        return self._render(
            request,
            "account.html",
            status,
            user=user,
            line=account_line(user, last, None if login is None else login.waits(user.name)),
            tokens=token_lines(tokens, now),
            own=plain(visitor(request).actor.name) == user.key,
            **given,
        )

    def set_roles(self, request: Request, name: str, roles: list[Role], desks: str) -> Response:
        """Give an account other roles and desks, or say why not and keep what was chosen."""
        kept = {"roles": role_choices(roles), "desks": desks}
        return self._done(request, name, lambda people: people.set_roles(name, roles, names_in(desks)), kept)

    def draw_password(self, request: Request, name: str) -> Response:
        """Draw another password and show it once."""
        try:
            password = self._people(request).draw_password(name)
        except NotDone as refused:
            return self.listed(request, HTTP_CONFLICT, refusal=refused.problems)
        return self.one(request, name, drawn=(name, password))

    def done(self, request: Request, name: str, deed: Callable[[People], object], why: str = "") -> Response:
        """Do something to an account and show it again, or say why not."""
        return self._done(request, name, deed, {"why": why})

    def _done(
        self, request: Request, name: str, deed: Callable[[People], object], kept: Mapping[str, object]
    ) -> Response:
        people = self._people(request)
        try:
            user: User = people.known(name)
            deed(people)
        except NotDone as refused:
            return self._refused(request, name, refused.problems, kept)
        return RedirectResponse(str(URL("/people/account").include_query_params(name=user.name)), HTTP_SEE_OTHER)

    def _refused(self, request: Request, name: str, problems: list[str], kept: Mapping[str, object]) -> Response:
        if self._accounts.user(name) is None:
            return self.listed(request, HTTP_CONFLICT, refusal=problems)
        return self.one(request, name, HTTP_CONFLICT, refusal=problems, **kept)

    def _people(self, request: Request) -> People:
        return People(self._accounts, visitor(request).actor.name, Nanos(time.time_ns()), place_of(request))

    def _render(self, request: Request, name: str, status: int, /, **values: object) -> HTMLResponse:
        return self._house.render(
            request, f"people/{name}", status, tabs=tabs(visitor(request).may), longest=LONGEST, **values
        )
