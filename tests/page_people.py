"""The whole application with a login, people of every role, and browsers that log in: for the tests of who may what."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import httpx
from fastapi import FastAPI

from service.access.hashing import hashed
from service.access.login import Login
from service.access.permissions import Role
from service.access.sessions import Lasts
from service.access.users import User
from service.alerting import alerting
from service.configuration import read_configuration
from service.store.accounts import SqlAccounts
from service.store.engine import Database
from service.store.evidence import SqlEvidence
from service.store.queue import SqlQueue
from service.web.application import application
from service.web.entrance import WithLogin
from service.web.house import House
from service.web.live import Live
from service.web.visitor import Cookies
from tests.factories import NOON
from tests.factories_access import PASSWORD, a_draft
from tests.factories_cases import NO_CLOCKS

ORIGIN = "http://127.0.0.1:8080"
MINUTE = 60 * 1_000_000_000
LASTS = Lasts(idle=30 * MINUTE, absolute=600 * MINUTE)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = int(NOON)

    def __call__(self) -> int:
        """Return the instant."""
        return self.now

    def pass_(self, minutes: float) -> None:
        """Let minutes pass."""
        self.now += int(minutes * MINUTE)


def an_account(database: Database, name: str, *roles: Role, password: str = PASSWORD) -> User:
    """Keep an account with the password of these tests, hashed as the program hashes."""
    user = User(name=name, roles=roles, password=_hashed(password))
    assert SqlAccounts(database).add(user, a_draft())
    return user


@functools.cache
def _hashed(password: str) -> str:
    return hashed(password)


def an_app(database: Database, folder: Path, clock: Clock, url: str | None = None, host: str | None = None) -> FastAPI:
    """Return the application as `sorwatch web` makes it."""
    house = a_house(database, folder)
    login = WithLogin(Login(database, LASTS, clock), Cookies(url))
    return application(house, live=Live(house.evidence), login=login, host=host)


def an_open_app(database: Database, folder: Path) -> FastAPI:
    """Return the application as `sorwatch web` makes it without a login: everybody acts as pat."""
    house = a_house(database, folder)
    return application(house, live=Live(house.evidence), actor="pat")


def a_house(database: Database, folder: Path) -> House:
    """Return what the rooms share, with exceptions that no clock moves."""
    return House(
        firm="demo",
        database=database,
        queue=SqlQueue(database, alerting=alerting("demo"), rules=NO_CLOCKS),
        evidence=SqlEvidence(database),
        configured=lambda: read_configuration(folder),
    )


def a_browser(app: FastAPI, origin: str = ORIGIN, place: str = "127.0.0.1") -> httpx.AsyncClient:
    """Return a browser of this machine: it keeps cookies and follows nothing by itself."""
    transport = httpx.ASGITransport(app, client=(place, 50_000))
    return httpx.AsyncClient(transport=transport, base_url=origin, headers={"Origin": origin})


async def logged_in(browser: httpx.AsyncClient, name: str, password: str = PASSWORD, back: str = "") -> httpx.Response:
    """Fill in the login form and send it; return the answer."""
    form = await browser.get("/login", params={"next": back})
    return await browser.post("/login", data={**hidden(form.text), "name": name, "password": password})


def hidden(page: str, form: str = "") -> dict[str, str]:
    """Return the hidden fields of the page's form that goes to an address ending so."""
    found = re.findall(rf'<form[^>]*action="[^"]*{form}"[^>]*>(.*?)</form>', page, re.DOTALL)
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', found[-1])) if found else {}
