"""The entrance: before any route runs it is known who asks, and the table of doors says whether it opens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, quote, urlsplit

from fastapi.templating import Jinja2Templates
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.access.api_doors import Door, Open, is_api
from service.access.doors import BY_ITSELF, DOORS, ITSELF, WHILE_CHANGING, door, opens, own_path
from service.access.login import Login
from service.access.oidc_login import OidcLogin
from service.access.permissions import May, not_allowed
from service.access.sessions import same_token
from service.access.tokens import bearer
from service.access.trail import Deed
from service.access.visit import Visit, named_visit
from service.web.api.problems import said
from service.web.guard import MOST_BYTES, SAFE
from service.web.visitor import Cookies, context, place_of

HERE = Path(__file__).parent
SIGNED_OUT = "event: signed-out\ndata: {}\n\n"
HTTP_SEE_OTHER = 303
HTTP_UNAUTHORIZED = 401
HTTP_FORBIDDEN = 403
OLD_FORM = "This page is older than your login. Load it again; nothing was done."

CHANGE_FIRST = "Choose another password first; nothing was done."


class Who(Protocol):
    """Finds out who asks; what it writes down is on disk before the answer goes out."""

    def visit(self, request: Request, path: str) -> Visit | None:
        """Return who asks, None for who is not in."""
        ...

    def form_secret(self, request: Request, visit: Visit | None) -> str | None:
        """Return the secret that a form must be tied to, "" when it can be tied to none, None when it need not be."""
        ...

    def note(self, deed: Deed, visit: Visit, request: Request) -> None:
        """Write down what was read or refused."""
        ...


class Named:
    """A page without a login: everybody acts under one name. Only on this machine, which settings and guard see to."""

    def __init__(self, name: str) -> None:
        self._visit = named_visit(name)

    def visit(self, request: Request, path: str) -> Visit:
        """Return the one visitor."""
        del request, path
        return self._visit

    def form_secret(self, request: Request, visit: Visit | None) -> None:
        """Ask for no token: the guard has refused what other sites sent, and there is no login to be abused."""

    def note(self, deed: Deed, visit: Visit, request: Request) -> None:
        """Write nothing: there is no person to write down."""


class WithLogin:
    """A page that asks who you are: by the cookie of a login, or under /api/ by a token."""

    def __init__(
        self, login: Login, cookies: Cookies, provider: OidcLogin | None = None, url: str | None = None
    ) -> None:
        self.login = login
        self.cookies = cookies
        self.provider = provider
        self._url = url

    def own_address(self, request: Request) -> str:
        """Return the address of this page without a path; without web.url the guard has seen to the Host."""
        return (self._url or str(request.base_url)).rstrip("/")

    def visit(self, request: Request, path: str) -> Visit | None:
        """Return who asks; a token is looked at only under /api/, and then no cookie is."""
        token = _token(request)
        if token is not None:
            return self.login.token_visit(token)
        secret = self.cookies.secret(request)
        by_a_person = path not in BY_ITSELF and request.url.query != ITSELF
        return None if secret is None else self.login.visit(secret, by_a_person=by_a_person)

    def form_secret(self, request: Request, visit: Visit | None) -> str | None:
        """Tie the login form to its own cookie, every other form to the login; a token needs no form."""
        if visit is not None and visit.secret is None:
            return None
        if request.url.path == "/login" or visit is None:
            return request.cookies.get(self.cookies.form, "")
        return visit.secret

    def note(self, deed: Deed, visit: Visit, request: Request) -> None:
        """Write it into the access log."""
        query = f"?{request.url.query}" if request.url.query else ""
        self.login.note(deed, visit, place_of(request), f"{request.method} {request.url.path}{query}")


class Entrance:
    """Asks the table of doors before any route runs."""

    def __init__(self, app: ASGIApp, who: Who, doors: Mapping[tuple[str, str], Door] = DOORS) -> None:
        self._app = app
        self._who = who
        self._doors = doors
        self._templates = Jinja2Templates(directory=HERE / "templates", context_processors=[context])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the question through with its visit, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        path = _route(scope)
        wanted = Open.TO_WHO_IS_IN if path is None else door(request.method, path, self._doors)
        if path == "/static":
            await self._app(scope, receive, send)
            return
        visit = await run_in_threadpool(self._who.visit, request, path or "")
        request.state.visit = visit
        answer = self._to_change(request, path, visit) or await self._refused(request, wanted, visit)
        body = b""
        if answer is None and request.method not in SAFE:
            body = await request.body()
            answer = self._strange(request, body, visit)
        if answer is None and visit is not None and _is_read(wanted, visit):
            await run_in_threadpool(self._who.note, Deed.READ, visit, request)
        if answer is not None:
            await answer(scope, receive, send)
        else:
            await self._app(scope, _again(body, receive) if request.method not in SAFE else receive, send)

    def _to_change(self, request: Request, path: str | None, visit: Visit | None) -> Response | None:
        """Lead somebody whose password another person knows to where a new one is chosen, and nowhere else."""
        if visit is None or not visit.must_change or path in WHILE_CHANGING:
            return None
        if request.method in SAFE and not is_api(request.url.path):
            return RedirectResponse("/me", HTTP_SEE_OTHER)
        return self._say(request, CHANGE_FIRST)

    async def _refused(self, request: Request, wanted: Door | None, visit: Visit | None) -> Response | None:
        if opens(wanted, None if visit is None else visit.may):
            return None
        if visit is None:
            return _to_login(request)
        await run_in_threadpool(self._who.note, Deed.REFUSED, visit, request)
        actor = visit.actor
        told = not_allowed(actor.name, actor.roles, wanted) if isinstance(wanted, May) else "This door is closed"
        return self._say(request, f"{told}.")

    def _strange(self, request: Request, body: bytes, visit: Visit | None) -> Response | None:
        """Return the refusal of a form that is not ours, or not of this login."""
        secret = self._who.form_secret(request, visit)
        if secret is None or same_token(secret, _given(request, body)):
            return None
        if request.url.path == "/login":
            return RedirectResponse("/login?why=form", HTTP_SEE_OTHER)
        return self._say(request, OLD_FORM)

    def _say(self, request: Request, words: str) -> Response:
        if is_api(request.url.path):
            return said(HTTP_FORBIDDEN, words)
        return self._templates.TemplateResponse(request, "refused.html", {"words": words}, status_code=HTTP_FORBIDDEN)


async def while_in(stream: AsyncIterator[str], who: Who, request: Request) -> AsyncIterator[str]:
    """Pass a stream on for as long as its visitor is in, asked before each event; then say so and end."""
    async for event in stream:
        if await run_in_threadpool(who.visit, request, "/live") is None:
            yield SIGNED_OUT
            return
        yield event


def _route(scope: Scope) -> str | None:
    """Return the path of the route that would run, as the application names it; None when none would."""
    for route in scope["app"].router.routes:
        if route.matches(scope)[0] is Match.FULL:
            return str(route.path)
    return None


def _token(request: Request) -> str | None:
    return bearer(request.headers.get("authorization", "")) if is_api(request.url.path) else None


def _is_read(wanted: Door | None, visit: Visit) -> bool:
    return visit.is_read_by_an_auditor and isinstance(wanted, May)


def _to_login(request: Request) -> Response:
    """Ask who it is: a program by the status, a script of the page by where to go, a person by going there."""
    if is_api(request.url.path):
        words = "a token is needed that holds: Authorization: Bearer swt_…"
        return said(HTTP_UNAUTHORIZED, words, {"WWW-Authenticate": "Bearer"})
    by_itself = _route(request.scope) in BY_ITSELF
    back = own_path(_in_the_browser(request, by_itself=by_itself))
    where = "/login?why=login" if back is None else f"/login?why=login&next={quote(back, safe='/')}"
    if "hx-request" in request.headers or by_itself:
        return Response(status_code=HTTP_UNAUTHORIZED, headers={"HX-Redirect": where})
    return RedirectResponse(where, HTTP_SEE_OTHER)


def _in_the_browser(request: Request, *, by_itself: bool) -> str:
    """Return the address of the page that asks: its own, or that of which it is a part; "" for a form."""
    asked = urlsplit(request.headers.get("hx-current-url", "")) if by_itself else request.url
    if request.method not in SAFE:
        return ""
    return f"{asked.path}?{asked.query}" if asked.query else asked.path


def _given(request: Request, body: bytes) -> str:
    """Return the token that a form carries; the guard has seen to the length of the body."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind != "application/x-www-form-urlencoded" or len(body) > MOST_BYTES:
        return request.headers.get("x-csrf-token", "")
    found = parse_qs(body.decode("utf-8", "replace"), max_num_fields=1000)
    return found.get("csrf", [""])[0]


def _again(body: bytes, receive: Receive) -> Receive:
    """Return a receive that gives the body that was read already, and then what comes."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def give() -> Message:
        return waiting.pop() if waiting else await receive()

    return give
