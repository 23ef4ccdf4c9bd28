"""A real HTTP endpoint on the loopback that keeps what is posted to it and answers as told."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Posted(NamedTuple):
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes


class Endpoint:
    """What was posted, and what is answered: `status` with `headers`; while `hanging` is not set, nothing."""

    def __init__(self) -> None:
        self.posted: list[Posted] = []
        self.status = 204
        self.headers: Mapping[str, str] = {}
        self.go_on = threading.Event()
        self.go_on.set()
        self.port = 0

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}/hook"


@contextlib.contextmanager
def running_endpoint() -> Iterator[Endpoint]:
    """Run an endpoint for the length of a block."""
    endpoint = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            endpoint.posted.append(Posted(self.path, headers, body))
            endpoint.go_on.wait(20)
            with contextlib.suppress(OSError):
                self.send_response(endpoint.status)
                for name, value in {**endpoint.headers, "content-length": "0"}.items():
                    self.send_header(name, value)
                self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    endpoint.port = server.server_address[1]
    serving = threading.Thread(target=server.serve_forever, args=(0.02,))
    serving.start()
    try:
        yield endpoint
    finally:
        endpoint.go_on.set()
        server.shutdown()
        server.server_close()
        serving.join()
