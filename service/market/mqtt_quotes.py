"""Quotes over MQTT: keeps one subscription up and hands what comes to LiveQuotes. It listens and never publishes."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import aiomqtt
import msgspec
import structlog
from paho.mqtt.client import MQTT_CLEAN_START_FIRST_ONLY
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from alerts.broker import Broker
from alerts.mqtt_line import MqttClient, connection
from rules.facts import SECOND, Nanos
from service.market.live_quotes import LiveQuotes
from service.market.quote_json import read_message
from service.session_names import session_name
from service.settings import MqttSettings, Settings

log = structlog.get_logger()

REFUSED = 0x80
"""From here on an answer to a subscription is a refusal."""
AHEAD_TOLERANCE = 10 * SECOND
"""A plan time further ahead of our clock than this is nonsense: it would move the mark and end all waiting."""


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """Where the quotes come from: the broker of the section [mqtt] and the setting `quotes.topic`.

    With a `client_id` the broker keeps our session, and what comes while we are away waits for us: for `expiry_s` by
    MQTT 5, or (0) by MQTT 3.1.1 as long as the broker's own configuration says.
    """

    broker: Broker
    topic: str
    client_id: str | None = None
    expiry_s: int = 0


def subscription_of(settings: Settings, mqtt: MqttSettings) -> Subscription:
    """Return what the settings subscribe to, and our session there."""
    quotes = settings.quotes
    return Subscription(
        broker=mqtt.broker,
        topic=quotes.topic,
        client_id=quotes.client_id or session_name(settings.firm, settings.folder),
        expiry_s=quotes.session_expiry_s,
    )


class MqttQuotes:
    """Feeds `quotes` from the broker until cancelled, reconnecting for ever; `connections` counts the successes."""

    def __init__(
        self,
        subscription: Subscription,
        quotes: LiveQuotes,
        *,
        check_every_s: float = 0.5,
        retry_s: tuple[float, float] = (0.5, 15.0),
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._subscription = subscription
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
        wait, place = shortest, self._subscription.broker.place
        while True:
            try:
                async with self._connection() as client:
                    await self._subscribe(client)
                    wait = shortest
                    self.connections += 1
                    log.info("quotes_subscribed", broker=place, topic=self._subscription.topic)
                    async for message in client.messages:  # none waits here; it ends with the connection
                        self._take(message)
            except (aiomqtt.MqttError, OSError) as error:
                log.warning("quotes_lost", broker=place, reason=str(error))
            self._quotes.lost()
            await asyncio.sleep(wait * (0.5 + random.random() / 2))  # noqa: S311 - jitter, not a secret
            wait = min(longest, wait * 2)

    def _take(self, message: aiomqtt.Message) -> None:
        now = self._now()
        payload: Any = message.payload
        body = payload if isinstance(payload, bytes) else str(payload or "").encode()
        try:
            self._quotes.take(read_message(body, Nanos(now + AHEAD_TOLERANCE)), now)
        except Exception:
            # raised into the client, it would be lost there and the message with it
            log.exception("quotes_not_taken", bytes=len(body))
            self._quotes.lost(messages=1)

    def _now(self) -> Nanos:
        return Nanos(self._clock())

    async def _subscribe(self, client: MqttClient) -> None:
        """Subscribe to the quotes, and to nothing else."""
        topic = self._subscription.topic
        for answer in await client.subscribe(topic, qos=1):
            code = answer if isinstance(answer, int) else answer.value
            if code >= REFUSED:
                msg = f"the broker does not let us subscribe to {topic}: {answer}"
                raise aiomqtt.MqttError(msg)

    def _connection(self) -> AbstractAsyncContextManager[MqttClient]:
        session = self._subscription.client_id
        expiry_s = self._subscription.expiry_s if session else 0
        return connection(
            self._subscription.broker,
            queue_type=_straight_to(self._take),
            identifier=session,
            protocol=aiomqtt.ProtocolVersion.V5 if expiry_s else aiomqtt.ProtocolVersion.V311,
            # each protocol has its own word for a session that is to be taken up again, and refuses the other's
            clean_session=None if expiry_s else session is None,
            clean_start=False if expiry_s else MQTT_CLEAN_START_FIRST_ONLY,
            properties=_kept_for(expiry_s) if expiry_s else None,
        )


def _kept_for(expiry_s: int) -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = expiry_s
    return properties


def _straight_to(take: Callable[[aiomqtt.Message], None]) -> type[asyncio.Queue[aiomqtt.Message]]:
    """Return a queue in which nothing waits: a message is taken before the client acknowledges it to the broker.

    One that waits has been acknowledged, and would be lost with us; and the task that hands it on costs more than it.
    """

    class Straight(asyncio.Queue[aiomqtt.Message]):
        def put_nowait(self, item: aiomqtt.Message) -> None:
            take(item)

    return Straight
