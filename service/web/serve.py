"""Starts the page as a process of its own on the daemon's store; migrates nothing."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import structlog
import uvicorn
from fastapi import FastAPI

from service.access.login import SECOND, Login, Passwords
from service.access.oidc import Client
from service.access.oidc_issuer import Issuer
from service.access.oidc_login import OidcLogin
from service.access.oidc_roles import Mapping
from service.access.oidc_secret import read_secret
from service.access.sessions import Lasts
from service.alerting import alerting
from service.cases.permitted import PERMITTED
from service.cases.rules import Rules
from service.cases.rules_file import Laid
from service.configuration import read_configuration, read_queue
from service.plans import channel_names, read_plan
from service.settings import ConfigurationError, PageLogin, Settings, WebSettings, read_settings
from service.store.engine import Database
from service.store.evidence import SqlEvidence
from service.store.queue import SqlQueue
from service.store.upgrade import StoreVersionError, require_current
from service.store.work_rules import rules_in_force
from service.web.application import application
from service.web.entrance import WithLogin
from service.web.house import House
from service.web.live import Live
from service.web.visitor import Cookies

log = structlog.get_logger()

GOODBYE_S = 2
"""How long a request that hangs may hold up the end."""


def serve(folder: Path) -> int:
    """Serve the folder's exceptions until told to stop; return the exit code."""
    settings = read_settings(folder)
    if settings.web.login is PageLogin.NONE:
        named_actor(settings)
    if settings.web.oidc is not None:
        read_secret(settings.folder / settings.web.oidc.client_secret_file)
    laid = read_queue(folder)
    with Database(settings.store_url) as database:
        try:
            require_current(database)
        except StoreVersionError as error:
            raise ConfigurationError([str(error)]) from None
        with contextlib.closing(_bound(settings)) as bound:
            log.info(
                "page",
                url=settings.web.url or f"http://{settings.web.host}:{bound.getsockname()[1]}/",
                login=settings.web.login.value,
                actor=settings.web.actor,
            )
            asyncio.run(_run(settings, database, bound, _rules(settings, laid, database)))
    return 0


def named_actor(settings: Settings) -> str:
    """Return the name under which a page without login acts; raise ConfigurationError when nobody is named."""
    if not settings.web.actor:
        problem = "web.actor is not set; without a login the page acts under a name: set it, or SORWATCH_WEB__ACTOR"
        raise ConfigurationError([f"sorwatch.toml: {problem}"])
    return settings.web.actor


def _bound(settings: Settings) -> socket.socket:
    """Return the listening socket; raise ConfigurationError when the port cannot be had."""
    web = settings.web
    family = socket.AF_INET6 if ":" in web.host else socket.AF_INET
    try:
        return socket.create_server((web.host, web.port), family=family)
    except OSError as error:
        problem = f"web.port {web.port} on {web.host} cannot be had: {_why(error)}; stop who has it or set another"
        raise ConfigurationError([f"sorwatch.toml: {problem}"]) from None


def _why(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else str(error)


def login_of(settings: Settings, database: Database) -> WithLogin | None:
    """Return who may come in by which settings, None for a page without a login."""
    web = settings.web
    if web.login is PageLogin.NONE:
        return None
    lasts = Lasts(
        idle=int(web.login_idle_s * SECOND),
        absolute=int(web.login_at_most_s * SECOND),
        kept=web.logins_kept_days * 86_400 * SECOND,
    )
    login = Login(database, lasts, passwords=passwords_of(web))
    if not login.has_accounts and not web.login.by_provider:
        log.warning("no_account", next="sorwatch user add NAME --admin")
    return WithLogin(login, Cookies(web.url), provider_of(settings, database, login), web.url)


def passwords_of(web: WebSettings) -> Passwords:
    """Return whom a password lets in."""
    if web.login is not PageLogin.OIDC:
        return Passwords.OF_ALL
    return Passwords.OF_ADMINS if web.oidc is not None and web.oidc.break_glass else Passwords.OF_NOBODY


def provider_of(settings: Settings, database: Database, login: Login) -> OidcLogin | None:
    """Return the way in by the firm's provider, None where there is none; raise ConfigurationError."""
    oidc = settings.web.oidc
    if oidc is None:
        return None
    secret = read_secret(settings.folder / oidc.client_secret_file)
    client = Client(issuer=oidc.issuer, client_id=oidc.client_id, secret=secret, scopes=oidc.scopes)
    mapping = Mapping(
        name_claim=oidc.name_claim,
        groups_claim=oidc.groups_claim,
        roles=oidc.roles,
        desks_claim=oidc.desks_claim,
        desks=oidc.desks,
    )
    return OidcLogin(database, login, Issuer(client), mapping)


def _rules(settings: Settings, laid: Laid, database: Database) -> Rules:
    """Return the rules for the work on exceptions: with a login each does what the roles of the account may."""
    rules = rules_in_force(laid, database)
    if settings.web.login is PageLogin.NONE:
        return rules
    return msgspec.structs.replace(rules, permissions=PERMITTED)


async def _run(settings: Settings, database: Database, bound: socket.socket, rules: Rules) -> None:
    firm, folder, url = settings.firm, settings.folder, settings.web.url
    channels = channel_names(read_plan(settings))
    evidence = SqlEvidence(database, rules)
    live = Live(evidence)
    queue = SqlQueue(database, alerting=alerting(firm, settings.page), channels=channels, rules=rules)
    house = House(
        firm=firm, database=database, queue=queue, evidence=evidence, configured=lambda: read_configuration(folder)
    )
    app = application(
        house,
        live=live,
        actor=settings.web.actor or "",
        login=login_of(settings, database),
        host=urlsplit(url).netloc if url else None,
    )
    server = PageServer(app, live, settings.web.trusted_proxy)
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, server.stop)
    await server.serve(sockets=[bound])


class PageServer(uvicorn.Server):
    """A server that ends the open streams when it is told to stop, and with exit code 0."""

    def __init__(self, app: FastAPI, live: Live, proxy: str | None = None) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                lifespan="off",
                timeout_graceful_shutdown=GOODBYE_S,
                proxy_headers=proxy is not None,
                forwarded_allow_ips=proxy or [],
            )
        )
        self._live = live

    def stop(self) -> None:
        """End, promptly even with pages open; asked twice, at once."""
        self.force_exit = self.should_exit
        self.should_exit = True
        self._live.stop()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to whoever started the server."""
        yield
