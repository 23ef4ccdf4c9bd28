"""The page as its own process on a store, for the tests that look at it with a browser."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from tests.servers import free_port

PATIENCE_S = 90.0
SORWATCH = "from service.cli import main; main()"
SETTINGS = """\
firm = "alpha securities"
calendar = "always"
[store]
url = "sqlite:///sorwatch.db"
[web]
port = {port}
login = "none"
actor = "pat"
"""
NO_LOGIN = 'login = "none"\nactor = "pat"\n'


QUEUE = """\
severities:
  critical: &never {acknowledge_within: never, close_within: never, acknowledgement_expires: never}
  high: *never
  medium: *never
  low: *never
"""
"""No clocks: the morning that is shown is of another day."""


class PageServer:
    """A running `sorwatch web`: where it is, and how it ends."""

    def __init__(self, process: asyncio.subprocess.Process, port: int, log: Path) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.log = log
        self._process = process

    @staticmethod
    def command(folder: Path) -> list[str]:
        """Return the words that serve a folder."""
        return [sys.executable, "-P", "-c", SORWATCH, "web", "--folder", str(folder)]

    @staticmethod
    def environment() -> dict[str, str]:
        """Return an environment in which our packages are found."""
        root = str(Path(__file__).resolve().parents[1])
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        return {**os.environ, "PYTHONPATH": path}

    async def terminate(self) -> int:
        """Ask it to end as an operator would; return its exit code."""
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self._process.wait(), PATIENCE_S)


@contextlib.asynccontextmanager
async def serving(
    folder: Path, *, firm: str = "demo", login: bool = False, queue: str = QUEUE, web: str = ""
) -> AsyncIterator[PageServer]:
    """Serve the store `sorwatch.db` of a folder while the block runs, to everybody or to who logs in.

    `web` is more of the section [web], and what follows it.
    """
    port = free_port()
    settings = SETTINGS.format(port=port).replace("alpha securities", firm)
    if login:
        settings = settings.replace(NO_LOGIN, "")
    settings += web
    (folder / "sorwatch.toml").write_text(settings, encoding="utf-8")
    (folder / "queue.yaml").write_text(queue, encoding="utf-8")
    with (folder / "web.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *PageServer.command(folder), stdout=log, stderr=log, env=PageServer.environment()
        )
    server = PageServer(process, port, folder / "web.log")
    try:
        await _answers(server, process, folder)
        yield server
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _answers(server: PageServer, process: asyncio.subprocess.Process, folder: Path) -> None:
    async with asyncio.timeout(PATIENCE_S), httpx.AsyncClient() as client:
        while process.returncode is None:
            with contextlib.suppress(httpx.TransportError):
                await client.get(server.url, timeout=5)
                return
            await asyncio.sleep(0.05)
    msg = f"sorwatch web ended with {process.returncode}:\n{(folder / 'web.log').read_text(encoding='utf-8')}"
    raise RuntimeError(msg)
