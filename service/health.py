"""The daemon's own HTTP endpoint: /metrics for Prometheus, /healthz and /readyz for whoever keeps it running."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator

import msgspec
import uvicorn
from fastapi import FastAPI, Request
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client.exposition import choose_encoder

from service.metrics.daemon import Metrics

HTTP_OK = 200
HTTP_UNAVAILABLE = 503
GZIP_LEVEL = 3
GZIP_FROM = 4_096
"""Bytes from which an answer is worth compressing: a scrape of a large house is twenty times smaller for it."""
GOODBYE_S = 2
"""How long a scrape that hangs may hold up the end of the daemon."""


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the watch can do its work: `state` is ready, warming or failing, `problems` say why not, in words."""

    state: str
    problems: tuple[str, ...] = ()

    @property
    def ready(self) -> bool:
        """Return whether it can."""
        return self.state == "ready"


def endpoint(metrics: Metrics, readiness: Callable[[], Readiness]) -> FastAPI:
    """Return the application that answers the three paths and nothing else."""
    app = FastAPI(title="sorwatch daemon", docs_url=None, redoc_url=None, openapi_url=None)

    app.add_middleware(GZipMiddleware, minimum_size=GZIP_FROM, compresslevel=GZIP_LEVEL)

    @app.get("/metrics")
    def scrape(request: Request) -> Response:
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(metrics.registry), media_type=content_type)

    @app.get("/healthz")
    def alive() -> PlainTextResponse:
        return PlainTextResponse("alive\n")

    @app.get("/readyz")
    def ready() -> JSONResponse:
        sight = readiness()
        code = HTTP_OK if sight.ready else HTTP_UNAVAILABLE
        return JSONResponse(msgspec.to_builtins(sight), status_code=code)

    return app


@contextlib.asynccontextmanager
async def serving(app: FastAPI, host: str, port: int) -> AsyncIterator[int]:
    """Serve the application while the block runs; yield the port that was bound. Raise OSError when it is taken."""
    bound = socket.create_server((host, port))
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=GOODBYE_S)
    server = _QuietServer(config)
    task = asyncio.create_task(server.serve(sockets=[bound]), name="http")
    try:
        yield bound.getsockname()[1]
    finally:
        server.should_exit = True
        await task
        bound.close()


class _QuietServer(uvicorn.Server):
    """A uvicorn server that leaves the signals to the daemon."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
