"""The MQTT channel: QoS 1, a retained presence with a last will, summaries of the rules. Publishes, never listens."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import aiomqtt
import structlog

from alerts.alert import exception_topic, house_topic, presence_topic
from alerts.broker import Broker
from alerts.mqtt_line import IN_FLIGHT, MqttClient, NotTakenError, connection
from alerts.mqtt_summaries import tell_summaries
from alerts.ports import Delivery, PublishError, RefusedError
from alerts.schema_names import schema_of
from alerts.summary import Summary

log = structlog.get_logger()

ONLINE = "online"
OFFLINE = "offline"
ANSWER_S = 5.0
"""How long the broker may take to answer a connection."""
PUBLISH_S = 10.0
"""How long the broker may take to acknowledge an alert before the connection counts as lost."""
SILENT_NS = 20_000_000_000
"""How long a broker may be dead before its silence is noticed: by a keep-alive, or by an alert that hangs."""
GOODBYE_S = 1.0
"""How long leaving may take, at each of its two steps: a broker that hangs must not keep the daemon."""


class _Line:
    """One connection, and the news that it was lost."""

    def __init__(self, client: MqttClient) -> None:
        self.client = client
        self.lost = asyncio.Event()


class MqttChannel:
    """Publishes alerts over one connection that `run()` keeps up; while it is down, `deliver` raises PublishError.

    Without `presence` it says neither that the watch is there nor that it is gone. `name` is ours at the broker: coming
    back under it ends the connection before, so that its last will never speaks after us. `summaries` returns what is
    open of each rule now: told at every connection, and what changed at most every `summaries_s`.
    """

    def __init__(
        self,
        *,
        firm: str,
        broker: Broker,
        presence: bool = True,
        name: str | None = None,
        summaries: Callable[[], Awaitable[Sequence[Summary]]] | None = None,
        summaries_s: float = 2.0,
        retry_s: tuple[float, float] = (0.5, 15.0),
    ) -> None:
        self._firm = firm
        self._broker = broker
        self._presence = presence
        self._name = name
        self._summaries = summaries
        self._summaries_s = summaries_s
        self._retry_s = retry_s
        self._line: _Line | None = None
        self.connections = 0
        self.lost_at: int | None = None
        self.longest_s = PUBLISH_S
        self._heard_at = 0

    @property
    def at_once(self) -> int:
        """Return how many alerts the broker takes at one time."""
        return IN_FLIGHT if self._line is None else self._line.client.at_once

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
                    await self._stay(client)
            except (aiomqtt.MqttError, OSError) as error:
                _leave_if_told(error)
                self.lost_at = self._last_alive() if self.connections > connections else self.lost_at
                wait = shortest if self.connections > connections else wait
                log.warning("broker_lost", broker=self._broker.place, reason=str(error), retry_s=round(wait, 2))
            await asyncio.sleep(wait * (0.5 + random.random() / 2))  # noqa: S311 - jitter, not a secret
            wait = min(longest, wait * 2)

    async def deliver(self, delivery: Delivery) -> None:
        """Publish each alert at its topic; returning means the broker acknowledged all.

        By MQTT 3.1.1 a broker acknowledges what it does not take, too: only by 5 is a refusal seen.
        """
        schema = schema_of(delivery)
        if delivery.topic is not None:
            topic = house_topic(delivery.firm, delivery.topic)
            for body in delivery.bodies:
                await self._publish(topic, body, key=delivery.key, schema=schema)
            return
        for alert, body in zip(delivery.alerts, delivery.bodies, strict=True):
            topic = exception_topic(alert.firm, alert.severity.value, alert.rule)
            await self._publish(topic, body, key=alert.key, schema=schema)

    async def _publish(self, topic: str, body: bytes, *, key: str, schema: str) -> None:
        line, place = self._line, self._broker.place
        if line is None:
            msg = f"no connection to the broker at {place}"
            raise PublishError(msg)
        sending = asyncio.ensure_future(line.client.publish_once(topic, body, within=PUBLISH_S, schema=schema, key=key))
        try:
            await _first_of(sending, line.lost)
            if not sending.done():
                msg = f"the broker at {place} went away before it acknowledged"
                raise PublishError(msg)
            sending.result()
            self._heard_at = time.time_ns()
        except NotTakenError as error:
            msg = f"the broker at {place} does not take {topic}: {error}"
            raise (RefusedError if error.for_ever else PublishError)(msg) from error
        except (aiomqtt.MqttError, OSError) as error:  # the library meets a socket that has just died
            line.lost.set()
            raise PublishError(str(error)) from error
        finally:
            await _ended(sending)

    def _last_alive(self) -> int:
        """Return until when the broker that was just lost has lived at least: its last yes, if that is not long ago."""
        now = time.time_ns()
        return self._heard_at if now - self._heard_at < SILENT_NS else now

    async def _stay(self, client: MqttClient) -> None:
        """Say `online`, and be there for `deliver` until the connection is lost or we are told to leave."""
        line = _Line(client)
        try:
            await self._say(client, ONLINE, ANSWER_S)
            self._line = line
            self.connections += 1
            log.info("broker_connected", broker=self._broker.place)
            await self._until_lost(line)
        except asyncio.CancelledError:
            client.timeout = GOODBYE_S
            with contextlib.suppress(aiomqtt.MqttError, TimeoutError):
                async with asyncio.timeout(GOODBYE_S):
                    await self._say(client, OFFLINE, GOODBYE_S)
            raise
        finally:
            self._line = None
            line.lost.set()

    async def _say(self, client: MqttClient, presence: str, within: float) -> None:
        if not self._presence:
            return
        topic = presence_topic(self._firm)
        try:
            await client.publish_once(topic, presence, within=within, retain=True)
        except NotTakenError as error:
            msg = f"the broker does not take {topic}: {error}; may this user write there?"
            raise aiomqtt.MqttError(msg) from error

    async def _until_lost(self, line: _Line) -> None:
        """Wait on the connection itself: with no subscription, iterating ends only when it is lost."""
        messages = asyncio.ensure_future(anext(aiter(line.client.messages)))
        telling = asyncio.ensure_future(self._tell(line))
        try:
            await _first_of(messages, line.lost)
            if messages.done():
                messages.result()
            msg = "an alert was not acknowledged"
            raise aiomqtt.MqttError(msg)
        finally:
            await _ended(messages, telling)

    async def _tell(self, line: _Line) -> None:
        """Tell the summaries while the connection lasts; what the library says of its end is seen elsewhere."""
        if self._summaries is None:
            return
        try:
            await tell_summaries(line.client, self._summaries, self._summaries_s)
        except (aiomqtt.MqttError, OSError):
            line.lost.set()

    def _connection(self) -> contextlib.AbstractAsyncContextManager[MqttClient]:
        will = aiomqtt.Will(presence_topic(self._firm), OFFLINE, qos=1, retain=True) if self._presence else None
        return connection(self._broker, will=will, identifier=self._name, timeout=ANSWER_S)


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
