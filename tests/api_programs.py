"""Programs that ask the API, for the tests of it: each with a token of somebody, no cookie and no origin."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import httpx
from fastapi import FastAPI

from rules.facts import Nanos
from service.access.administer import People
from service.access.permissions import Scope
from service.store.accounts import SqlAccounts
from service.store.engine import Database
from tests.page_people import ORIGIN, Clock

As = Callable[[str], httpx.AsyncClient]
"""Gives a program that asks as somebody."""
BASE = f"{ORIGIN}/api/v1"


def a_token(database: Database, clock: Clock, owner: str, scopes: Sequence[Scope] = tuple(Scope)) -> str:
    """Make a token of somebody for a day; without scopes it has all of them."""
    return People(SqlAccounts(database), "root", Nanos(clock.now)).make_token(owner, "test", scopes, 1)


def a_program(app: FastAPI, token: str) -> httpx.AsyncClient:
    """Return a program that asks by a token; its addresses begin behind /api/v1."""
    transport = httpx.ASGITransport(app)
    return httpx.AsyncClient(transport=transport, base_url=BASE, headers={"Authorization": f"Bearer {token}"})
