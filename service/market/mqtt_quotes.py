"""Quotes over MQTT: keeps one subscription up and hands what comes to LiveQuotes. It listens and never publishes."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiomqtt
import msgspec
import structlog

from rules.facts import SECOND, Nanos
from service.market.live_quotes import LiveQuotes
from service.market.quote_json import read_message

log = structlog.get_logger()

AHEAD_TOLERANCE = 10 * SECOND
"""A plan time further ahead of our clock than this is nonsense: it would move the mark and end all waiting."""
INBOX = 10_000
"""Messages that may wait for us before they are dropped and counted."""
TURN = 64
"""Messages taken in one go, before the loop's other tasks have theirs."""


class Broker(msgspec.Struct, frozen=True, kw_only=True):
    """Where the quotes come from: the broker of the section [mqtt] and the setting `quotes.topic`."""

    topic: str
    host: str = "127.0.0.1"
    port: int = 1883
    username: str | None = None
    password_file: Path | None = None


class MqttQuotes:
    """Feeds `quotes` from the broker until cancelled, reconnecting for ever; `connections` counts the successes."""

    def __init__(
        self,
        broker: Broker,
        quotes: LiveQuotes,
        *,
        check_every_s: float = 0.5,
        retry_s: tuple[float, float] = (0.5, 15.0),
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._broker = broker
        self._quotes = quotes
        self._check_every_s = check_every_s
        self._retry_s = retry_s
        self._clock = clock
        self.connections = 0

    async def run(self) -> None:
        """Keep the subscription up and the source's state judged, until cancelled."""
        self._quotes.start(self._now())
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._check(), name="quotes_check")
            tasks.create_task(self._receive(), name="quotes_receive")

    async def _check(self) -> None:
        while True:
            self._quotes.check(self._now())
            await asyncio.sleep(self._check_every_s)

    async def _receive(self) -> None:
        shortest, longest = self._retry_s
        wait = shortest
        while True:
            try:
                inbox = _inbox_type(self._dropped)
                async with self._connection(inbox) as client:
                    await client.subscribe(self._broker.topic)
                    wait = shortest
                    self.connections += 1
                    log.info("quotes_subscribed", host=self._broker.host, topic=self._broker.topic)
                    await self._take_all(client, inbox)
            except (aiomqtt.MqttError, OSError) as error:
                log.warning("quotes_lost", host=self._broker.host, port=self._broker.port, reason=str(error))
            self._quotes.lost()
            await asyncio.sleep(wait * (0.5 + random.random() / 2))  # noqa: S311 - jitter, not a secret
            wait = min(longest, wait * 2)

    async def _take_all(self, client: aiomqtt.Client, inbox: type[_Inbox]) -> None:
        async for message in client.messages:
            self._take(message)
            # what already waits is taken without a task for each message, which would cost more than reading it
            for _ in range(TURN):
                if inbox.current is None or inbox.current.empty():
                    break
                self._take(inbox.current.get_nowait())

    def _take(self, message: aiomqtt.Message) -> None:
        now = self._now()
        payload: Any = message.payload
        body = payload if isinstance(payload, bytes) else str(payload or "").encode()
        self._quotes.take(read_message(body, Nanos(now + AHEAD_TOLERANCE)), now)

    def _dropped(self) -> None:
        self._quotes.lost(messages=1)

    def _now(self) -> Nanos:
        return Nanos(self._clock())

    def _connection(self, inbox: type[_Inbox]) -> aiomqtt.Client:
        file = self._broker.password_file
        return aiomqtt.Client(
            self._broker.host,
            self._broker.port,
            username=self._broker.username,
            password=file.read_text(encoding="utf-8").strip() if file else None,
            queue_type=inbox,
            max_queued_incoming_messages=INBOX,
            keepalive=10,
        )


class _Inbox(asyncio.Queue[aiomqtt.Message]):
    """The client's own queue of what came in, made countable: aiomqtt makes it and drops silently when it is full."""

    current: _Inbox | None = None
    dropped: Callable[[], None]


def _inbox_type(dropped: Callable[[], None]) -> type[_Inbox]:
    class Inbox(_Inbox):
        def __init__(self, maxsize: int = 0) -> None:
            super().__init__(maxsize)
            type(self).current = self

        def put_nowait(self, item: aiomqtt.Message) -> None:
            if self.full():
                dropped()
            else:
                super().put_nowait(item)

    return Inbox
