"""The MQTT messenger: QoS 1, a retained presence with a last will, reconnecting for ever. Publishes, never listens."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from pathlib import Path
from typing import Any

import aiomqtt
import structlog

from alerts.alert import exception_topic, house_topic, presence_topic
from alerts.ports import Delivery, PublishError

log = structlog.get_logger()

ONLINE = "online"
OFFLINE = "offline"
KEEP_ALIVE_S = 10
ANSWER_S = 5.0
"""How long the broker may take to answer a connection."""
PUBLISH_S = 10.0
"""How long the broker may take to acknowledge an alert before the connection counts as lost."""
GOODBYE_S = 1.0
"""How long leaving may take, at each of its two steps: a broker that hangs must not keep the daemon."""
IN_FLIGHT = 200


class _Line:
    """One connection, and the news that it was lost."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self.client = client
        self.lost = asyncio.Event()


class MqttPublisher:
    """Publishes alerts over one connection that `run()` keeps up; while it is down, `publish` raises PublishError."""

    def __init__(
        self,
        *,
        firm: str,
        host: str,
        port: int,
        username: str | None = None,
        password_file: Path | None = None,
        retry_s: tuple[float, float] = (0.5, 15.0),
    ) -> None:
        self._firm = firm
        self._host = host
        self._port = port
        self._username = username
        self._password_file = password_file
        self._retry_s = retry_s
        self._line: _Line | None = None
        self.connections = 0
        self.lost_at: int | None = None

    @property
    def connected(self) -> bool:
        """Return whether the broker is there."""
        return self._line is not None

    async def run(self) -> None:
        """Keep the connection up until cancelled; say `offline` when leaving by our own will."""
        shortest, longest = self._retry_s
        wait = shortest
        while True:
            connections = self.connections
            try:
                async with self._connection() as client:
                    await self._present(client)
            except (aiomqtt.MqttError, OSError, UnicodeDecodeError) as error:
                _leave_if_told(error)
                self.lost_at = time.time_ns() if self.connections > connections else self.lost_at
                wait = shortest if self.connections > connections else wait
                log.warning("broker_lost", host=self._host, port=self._port, reason=str(error), retry_s=round(wait, 2))
            await asyncio.sleep(wait * (0.5 + random.random() / 2))  # noqa: S311 - jitter, not a secret
            wait = min(longest, wait * 2)

    async def deliver(self, delivery: Delivery) -> None:
        """Publish each alert at its topic; returning means the broker acknowledged all."""
        if delivery.topic is not None:
            topics = [house_topic(delivery.firm, delivery.topic)] * len(delivery.bodies)
        else:
            topics = [exception_topic(one.firm, one.severity.value, one.rule) for one in delivery.alerts]
        for topic, body in zip(topics, delivery.bodies, strict=True):
            await self.publish(topic, body)

    async def publish(self, topic: str, body: bytes) -> None:
        """Publish at QoS 1; returning means the broker acknowledged it."""
        line = self._line
        if line is None:
            msg = f"no connection to the broker at {self._host}:{self._port}"
            raise PublishError(msg)
        sending = asyncio.ensure_future(line.client.publish(topic, body, qos=1, timeout=PUBLISH_S))
        try:
            await _first_of(sending, line.lost)
            if not sending.done():
                msg = f"the broker at {self._host}:{self._port} went away before it acknowledged"
                raise PublishError(msg)
            sending.result()
        except aiomqtt.MqttError as error:
            line.lost.set()
            raise PublishError(str(error)) from error
        finally:
            await _ended(sending)

    async def _present(self, client: aiomqtt.Client) -> None:
        """Say `online`, and be there for `publish` until the connection is lost or we are told to leave."""
        topic = presence_topic(self._firm)
        await client.publish(topic, ONLINE, qos=1, retain=True, timeout=ANSWER_S)
        line = _Line(client)
        self._line = line
        self.connections += 1
        log.info("broker_connected", host=self._host, port=self._port)
        try:
            await self._until_lost(line)
        except asyncio.CancelledError:
            client.timeout = GOODBYE_S
            with contextlib.suppress(aiomqtt.MqttError):
                await client.publish(topic, OFFLINE, qos=1, retain=True, timeout=GOODBYE_S)
            raise
        finally:
            self._line = None
            line.lost.set()

    async def _until_lost(self, line: _Line) -> None:
        """Wait on the connection itself: with no subscription, iterating ends only when it is lost."""
        messages = asyncio.ensure_future(anext(aiter(line.client.messages)))
        try:
            await _first_of(messages, line.lost)
            if messages.done():
                messages.result()
            msg = "an alert was not acknowledged"
            raise aiomqtt.MqttError(msg)
        finally:
            await _ended(messages)

    def _connection(self) -> aiomqtt.Client:
        password = self._password_file.read_text(encoding="utf-8").strip() if self._password_file else None
        client = aiomqtt.Client(
            self._host,
            self._port,
            username=self._username,
            password=password,
            will=aiomqtt.Will(presence_topic(self._firm), OFFLINE, qos=1, retain=True),
            keepalive=KEEP_ALIVE_S,
            timeout=ANSWER_S,
        )
        client.pending_calls_threshold = IN_FLIGHT
        return client


def _leave_if_told(error: Exception) -> None:
    """Go on leaving when the library turned our cancellation into an error of its own."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError from error


async def _first_of(work: asyncio.Future[Any], lost: asyncio.Event) -> None:
    """Wait until the work is done or the connection is lost."""
    gone = asyncio.ensure_future(lost.wait())
    try:
        await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
    finally:
        await _ended(gone)


async def _ended(*tasks: asyncio.Future[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
