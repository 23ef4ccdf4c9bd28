"""People over the API: who is in, accounts, tokens, the access log."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import FastAPI, Path, Request

from rules.facts import Nanos
from service.access.administer import NotDone, People
from service.store.accounts import SqlAccounts
from service.store.paged import entries_before
from service.web.api.forms.people import (
    AccessLog,
    Account,
    Invited,
    LockAsked,
    Me,
    RolesAsked,
    Tokens,
    TokenTold,
    UserAsked,
    Users,
    UserTold,
    access_log,
    invited,
    me,
    token_told,
    user_told,
)
from service.web.api.problems import conflict, missing
from service.web.api.routes import HTTP_CREATED, Paged, Routes
from service.web.house import House
from service.web.visitor import place_of, visitor

_T = TypeVar("_T")
AccountName = Annotated[Account, Path(description="The name of the account.", examples=["pat"])]
TokenId = Annotated[str, Path(pattern=r"^[0-9a-f]{12}$", examples=["0123456789ab"])]


def add_people(app: FastAPI, house: House) -> None:
    """Add the routes about who may come in."""
    routes, accounts = Routes(app, "people"), SqlAccounts(house.database)

    def known(name: str) -> None:
        if accounts.user(name) is None:
            missing("account", name)

    @routes.get("/me")
    def get_me(request: Request) -> Me:
        """Return who you are here, and what you may do."""
        return me(visitor(request))

    @routes.get("/users")
    def list_users() -> Users:
        """Return every account with its roles."""
        return Users(users=[user_told(one) for one in accounts.users()])

    @routes.post("/users", HTTP_CREATED)
    def add_user(request: Request, body: UserAsked) -> Invited:
        """Make an account with a password that is drawn, told once, and changed at the first login."""
        people = _people(accounts, request)
        drawn = _done(lambda: people.invite(body.name, body.roles, body.desks))
        return invited(people.known(body.name), drawn)

    @routes.put("/users/{name}/roles")
    def set_roles(request: Request, name: AccountName, body: RolesAsked) -> UserTold:
        """Give an account these roles and desks and no others; its logins end."""
        known(name)
        people = _people(accounts, request)
        return user_told(_done(lambda: people.set_roles(name, body.roles, body.desks)))

    @routes.post("/users/{name}/password")
    def draw_password(request: Request, name: AccountName) -> Invited:
        """Draw another password for an account, told once, and changed at the next login; its logins end."""
        known(name)
        people = _people(accounts, request)
        drawn = _done(lambda: people.draw_password(name))
        return invited(people.known(name), drawn)

    @routes.post("/users/{name}/lock")
    def lock_user(request: Request, name: AccountName, body: LockAsked) -> UserTold:
        """Let nobody in under a name; its logins end and its tokens hold no more."""
        known(name)
        people = _people(accounts, request)
        return user_told(_done(lambda: people.lock(name, body.why)))

    @routes.post("/users/{name}/unlock")
    def unlock_user(request: Request, name: AccountName, body: LockAsked) -> UserTold:
        """Let a person in again, also after too many failed attempts."""
        known(name)
        return user_told(_people(accounts, request).unlock(name, body.why))


def add_tokens(app: FastAPI, house: House) -> None:
    """Add the routes about tokens and the access log."""
    routes, accounts = Routes(app, "people"), SqlAccounts(house.database)

    @routes.get("/tokens")
    def list_tokens() -> Tokens:
        """Return every token: whose, what for, and until when."""
        return Tokens(tokens=[token_told(one) for one in accounts.tokens()])

    @routes.post("/tokens/{token_id}/revoke")
    def revoke_token(request: Request, token_id: TokenId) -> TokenTold:
        """Revoke a token; the first revocation stands."""
        if accounts.token(token_id) is None:
            missing("token", token_id)
        _people(accounts, request).revoke(token_id)
        made = accounts.token(token_id)
        assert made is not None
        return token_told(made)

    @routes.get("/access-log")
    def list_access_log(page: Paged) -> AccessLog:
        """Return the access log: who came in, was refused, changed whom, and what an auditor read."""
        return access_log(entries_before(house.database, page.before, page.limit + 1), page.limit)


def _people(accounts: SqlAccounts, request: Request) -> People:
    return People(accounts, visitor(request).actor.name, Nanos(time.time_ns()), place_of(request))


def _done(ask: Callable[[], _T]) -> _T:
    try:
        return ask()
    except NotDone as error:
        conflict(*error.problems)
