"""The webhook channel: each delivery is one signed POST of JSON. It follows no redirect and reads no answer's text."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from alerts.envelope import REFUSED, envelope, retry_after
from alerts.ports import Delivery, PublishError, RefusedError
from alerts.secret_file import SecretFileError, read_secret_file
from alerts.signature import SecretError, read_secrets, signed

AT_ONCE = 8
"""Deliveries on their way at one time: an endpoint that is slow is not asked more than that."""
MOST_READ = 65_536
"""Bytes of an answer that are read past, so that its connection can be used again; a longer one costs it."""
READ_PAST_S = 1.0
"""How long that may take; a slower one costs the connection, too. What was answered stands all the same."""


class WebhookChannel:
    """Posts deliveries to one address, each within `timeout_s`, while `run()` keeps the connections.

    The file of secrets is read at each try, so that a new secret needs no restart. `near` is an address of this
    machine: no proxy stands before it.
    """

    def __init__(
        self,
        *,
        url: str,
        secret_file: Path,
        timeout_s: float,
        near: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._url = url
        self._secret_file = secret_file
        self._timeout_s = timeout_s
        self._near = near
        self._clock = clock
        self._turns = asyncio.Semaphore(AT_ONCE)
        self.at_once = AT_ONCE
        self.longest_s = timeout_s + READ_PAST_S
        self._client: httpx.AsyncClient | None = None

    @property
    def connected(self) -> bool:
        """Return whether it is worth trying: whenever it runs, as only a try shows whether the other side is there."""
        return self._client is not None

    @property
    def lost_at(self) -> None:
        """Return None: what the other side took, it has."""

    async def run(self) -> None:
        """Keep the connections until cancelled."""
        client = await asyncio.to_thread(self._opened)
        try:
            self._client = client
            await asyncio.Event().wait()
        finally:
            self._client = None
            await client.aclose()

    async def deliver(self, delivery: Delivery) -> None:
        """Post it; returning means that it was answered with 2xx."""
        async with self._turns:
            try:
                async with asyncio.timeout(self._timeout_s):
                    answer = await self._post(delivery)
                await _read_past(answer)
            except TimeoutError:
                msg = f"no answer within {self._timeout_s:g} s"
                raise PublishError(msg) from None
            except httpx.HTTPError as error:
                msg = f"{type(error).__name__}: {error}"
                raise PublishError(msg) from error
            except (SecretError, SecretFileError) as error:
                msg = f"the secret cannot be used: {error}"
                raise PublishError(msg) from error
        self._judge(answer)

    async def _post(self, delivery: Delivery) -> httpx.Response:
        client = self._client
        if client is None:
            msg = "the channel is not running"
            raise PublishError(msg)
        text = await asyncio.to_thread(read_secret_file, self._secret_file)
        body = envelope(delivery)
        headers = signed(read_secrets(text), delivery.key, int(self._clock()), body)
        named = {**headers, "content-type": "application/json", "user-agent": "sorwatch"}
        return await client.send(client.build_request("POST", self._url, content=body, headers=named), stream=True)

    def _judge(self, answer: httpx.Response) -> None:
        if answer.is_success:
            return
        if answer.status_code in REFUSED:
            msg = f"refused with {answer.status_code} {answer.reason_phrase}"
            raise RefusedError(msg)
        moved = "; redirects are not followed" if answer.is_redirect else ""
        msg = f"answered {answer.status_code} {answer.reason_phrase}{moved}"
        wait_s = retry_after(answer.headers.get("retry-after"), self._clock())
        raise PublishError(msg, retry_after_s=wait_s)

    def _opened(self) -> httpx.AsyncClient:
        limits = httpx.Limits(max_connections=AT_ONCE)
        return httpx.AsyncClient(timeout=None, limits=limits, trust_env=not self._near)  # noqa: S113 - ours is of the whole try


async def _read_past(answer: httpx.Response) -> None:
    read = 0
    with contextlib.suppress(TimeoutError, httpx.HTTPError):
        try:
            async with asyncio.timeout(READ_PAST_S):
                async for chunk in answer.aiter_raw():
                    read += len(chunk)
                    if read > MOST_READ:
                        return
        finally:
            await answer.aclose()
