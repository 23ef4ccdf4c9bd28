"""The MQTT messenger: QoS 1, a retained presence with a last will, reconnecting for ever. Publishes, never listens."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import aiomqtt
import structlog

from alerts.alert import presence_topic
from alerts.ports import PublishError

log = structlog.get_logger()

ONLINE = "online"
OFFLINE = "offline"
PUBLISH_TIMEOUT_S = 10.0


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
        self._client: aiomqtt.Client | None = None
        self._lost = asyncio.Event()
        self.connections = 0

    @property
    def connected(self) -> bool:
        """Return whether the broker is there."""
        return self._client is not None

    async def run(self) -> None:
        """Keep the connection up until cancelled; say `offline` when leaving by our own will."""
        shortest, longest = self._retry_s
        wait = shortest
        while True:
            try:
                async with self._connection() as client:
                    wait = shortest
                    await self._present(client)
            except aiomqtt.MqttError as error:
                log.warning("broker_lost", host=self._host, port=self._port, reason=str(error), retry_s=round(wait, 2))
            await asyncio.sleep(wait * (0.5 + random.random() / 2))  # noqa: S311 - jitter, not a secret
            wait = min(longest, wait * 2)

    async def publish(self, topic: str, body: bytes) -> None:
        """Publish at QoS 1; returning means the broker acknowledged it."""
        client = self._client
        if client is None:
            msg = f"no connection to the broker at {self._host}:{self._port}"
            raise PublishError(msg)
        try:
            await client.publish(topic, body, qos=1, timeout=PUBLISH_TIMEOUT_S)
        except aiomqtt.MqttError as error:
            self._lost.set()
            raise PublishError(str(error)) from error

    async def _present(self, client: aiomqtt.Client) -> None:
        topic = presence_topic(self._firm)
        await client.publish(topic, ONLINE, qos=1, retain=True)
        self._lost.clear()
        self._client = client
        self.connections += 1
        log.info("broker_connected", host=self._host, port=self._port)
        try:
            await self._until_lost(client)
        except asyncio.CancelledError:
            await client.publish(topic, OFFLINE, qos=1, retain=True, timeout=1.0)
            raise
        finally:
            self._client = None

    async def _until_lost(self, client: aiomqtt.Client) -> None:
        """Wait on the connection itself: with no subscription, iterating ends only when it is lost."""
        lost = asyncio.ensure_future(self._lost.wait())
        messages = asyncio.ensure_future(anext(aiter(client.messages)))
        try:
            done, _ = await asyncio.wait((lost, messages), return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (lost, messages):
                task.cancel()
            await asyncio.gather(lost, messages, return_exceptions=True)

    def _connection(self) -> aiomqtt.Client:
        password = self._password_file.read_text(encoding="utf-8").strip() if self._password_file else None
        return aiomqtt.Client(
            self._host,
            self._port,
            username=self._username,
            password=password,
            will=aiomqtt.Will(presence_topic(self._firm), OFFLINE, qos=1, retain=True),
            keepalive=10,
        )
