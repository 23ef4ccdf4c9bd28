"""The guard of the page: it answers under its own names only, and what it answers keeps itself to itself."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.access.api_doors import is_api
from service.access.tokens import bearer
from service.settings import is_loopback
from service.web.api.problems import said

MOST_BYTES = 64 * 1024
SAFE = ("GET", "HEAD")
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # `no-referrer` would make browsers send the form with `Origin: null`
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


OVER_TLS = {"Strict-Transport-Security": "max-age=31536000"}
"""A page that has an https address is never asked for in the open again."""


class Guard:
    """Refuses names that are not its own, writes that another site sent, and bodies that are too long."""

    def __init__(self, app: ASGIApp, host: str | None = None) -> None:
        self._app = app
        self._host = host
        self._headers = SECURITY_HEADERS if host is None else SECURITY_HEADERS | OVER_TLS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a refusal, or pass the request on and add the headers to what comes back."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        refused = refusal(scope["method"], Headers(scope=scope), self._host)
        answer = self._app if refused is None else _told(scope["path"], *refused)
        await answer(scope, receive, with_headers)


def _told(path: str, status: int, words: str) -> ASGIApp:
    return said(status, words) if is_api(path) else PlainTextResponse(f"{words}\n", status)


def refusal(method: str, headers: Headers, own: str | None = None) -> tuple[int, str] | None:
    """Return status and words for a request that may not come in, None for one that may.

    A name that is not the page's own is how another site reads it (DNS rebinding). A browser never sends a token by
    itself, so what carries one was not sent by another site.
    """
    host = headers.get("host", "")
    if host != own and not is_loopback(urlsplit(f"//{host}").hostname or ""):
        whose = "as this machine" if own is None else f"as {own}"
        return 421, f"This page answers {whose} only, not as {host or 'a nameless host'}."
    if method in SAFE:
        return None
    if bearer(headers.get("authorization", "")) is None and urlsplit(headers.get("origin", "")).netloc != host:
        return 403, "This request came from another site and was refused."
    length = headers.get("content-length", "")
    if not length.isdigit():
        return 411, "The request does not say how long it is."
    return (413, f"The request is longer than {MOST_BYTES} bytes.") if int(length) > MOST_BYTES else None
