"""A real OpenID provider for the tests that log in by one: its own process on a free port, ended with the test."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import httpx

from tests.servers import free_port, is_answering

PATIENCE_S = 30.0
SETTINGS = """\
login = "{login}"
[web.oidc]
issuer = "{issuer}"
client_id = "sorwatch"
client_secret_file = "oidc.secret"
break_glass = {break_glass}
[web.oidc.roles]
"sor-desk" = ["desk"]
"sor-supervisors" = ["supervisor"]
[web.oidc.desks]
"sor-desk" = ["program"]
"""


class Provider:
    """A provider that knows whom it is told of; every start is with new keys and an empty memory."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        self._log = folder / "provider.log"
        self._process: asyncio.subprocess.Process | None = None

    def settings(self, folder: Path, login: str = "oidc", *, break_glass: bool = False) -> str:
        """Return the settings of a page that asks this provider, and write the secret that it has there."""
        secret = folder / "oidc.secret"
        secret.write_text("s3cret\n", encoding="utf-8")
        secret.chmod(0o600)
        return SETTINGS.format(login=login, issuer=self.issuer, break_glass=str(break_glass).lower())

    async def start(self) -> None:
        """Start it and return when it accepts connections."""
        command = [sys.executable, "-P", "-m", "oidc_provider_mock", "--port", str(self.port), "--require-nonce"]
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log, env={**os.environ})
        async with asyncio.timeout(PATIENCE_S):
            while not is_answering(self.port):
                if self._process.returncode is not None:
                    msg = f"the provider ended:\n{self._log.read_text(encoding='utf-8')}"
                    raise RuntimeError(msg)
                await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """End it."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            await process.wait()

    async def knows(self, subject: str, name: str, *groups: str) -> None:
        """Tell it of somebody, or what has changed of somebody."""
        async with httpx.AsyncClient() as client:
            told = {"preferred_username": name, "groups": list(groups)}
            answer = await client.put(f"{self.issuer}/users/{quote(subject)}", json=told, timeout=PATIENCE_S)
            answer.raise_for_status()


@contextlib.asynccontextmanager
async def a_provider(folder: Path) -> AsyncIterator[Provider]:
    """Run a provider for the length of a block."""
    provider = Provider(folder)
    await provider.start()
    try:
        yield provider
    finally:
        await provider.stop()
