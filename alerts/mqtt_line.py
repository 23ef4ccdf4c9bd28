"""The one place that connects to the firm's broker: TCP or TLS, login, MQTT 3.1.1 or 5, and what the broker answers.

The library tells neither why a broker hung up before it answered nor that it refused a message; this client does.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiomqtt
from paho.mqtt.client import Client as PahoClient
from paho.mqtt.client import ConnectFlags, DisconnectFlags, MQTTMessageInfo
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from alerts.broker import Broker, MqttVersion
from alerts.mqtt_properties import described
from alerts.tls import BrokerTls, reason_of, tls_context

KEEP_ALIVE_S = 10
SPOKEN = {MqttVersion.V5: aiomqtt.ProtocolVersion.V5, MqttVersion.V311: aiomqtt.ProtocolVersion.V311}
NO_CERTIFICATE = "it gave no reason; it may want a certificate that it knows (mqtt.cert_file)"
NO_VERSION = "it gave no reason; it may not speak this version of MQTT (mqtt.version)"
PAYLOAD_INVALID = 0x99
AROUND_BODY = 512
"""Bytes of a packet beside its body, at most."""
IN_FLIGHT = 20
"""Messages that are not acknowledged yet, at most; fewer when the broker asks for that."""


class NotTakenError(aiomqtt.MqttError):
    """The broker answered a message with a reason why it does not take it (MQTT 5); the connection is sound."""

    def __init__(self, reason: str, *, for_ever: bool = False) -> None:
        """Keep the broker's reason; `for_ever`: this very message will never be taken."""
        super().__init__(reason)
        self.for_ever = for_ever


class MqttClient(aiomqtt.Client):
    """The library's client, which also hears the refusal of a message and a broker that hangs up at once."""

    def __init__(self, *args: Any, tls: BrokerTls | None, **named: Any) -> None:
        """Take what the library's client takes."""
        self._tls = tls
        self._heard = _LastWords(logging.WARNING)
        logger = logging.Logger("mqtt")  # noqa: LOG001 - one of this connection alone, heard by nobody else
        logger.setLevel(logging.WARNING)
        logger.addHandler(self._heard)
        super().__init__(*args, logger=logger, tls_context=tls, **named)
        self._speaks_5 = named.get("protocol") is aiomqtt.ProtocolVersion.V5
        self._answers: dict[int, asyncio.Future[ReasonCode]] = {}
        self.at_once = IN_FLIGHT
        self._window = asyncio.Semaphore(IN_FLIGHT)
        self._largest = math.inf

    async def publish_once(
        self,
        topic: str,
        body: bytes | str,
        *,
        within: float,
        retain: bool = False,
        schema: str | None = None,
        key: str | None = None,
    ) -> None:
        """Publish at QoS 1; returning means that the broker acknowledged it. NotTakenError: it said no.

        It may take `within` s from when its turn has come: until then a slow broker acknowledges what came before.
        JSON has the name of its `schema` and, to tell it from what came twice, a `key`: only MQTT 5 carries them.
        """
        if len(body) + AROUND_BODY > self._largest:
            msg = f"it has {len(body)} bytes, and the broker takes packets of {self._largest}"
            raise NotTakenError(msg, for_ever=True)
        properties = described(schema, key) if schema and self._speaks_5 else None
        try:
            async with self._window, asyncio.timeout(within):
                answer = await self._answer(self._client.publish(topic, body, 1, retain, properties))
        except TimeoutError:
            msg = f"the broker did not acknowledge within {within:g} s"
            raise aiomqtt.MqttError(msg) from None
        if answer.is_failure:
            raise NotTakenError(str(answer), for_ever=answer.value == PAYLOAD_INVALID)

    async def _answer(self, sent: MQTTMessageInfo) -> ReasonCode:
        if sent.rc:
            raise aiomqtt.MqttCodeError(sent.rc, "could not publish")
        answer: asyncio.Future[ReasonCode] = self._loop.create_future()
        self._answers[sent.mid] = answer
        try:
            return await answer
        finally:
            del self._answers[sent.mid]

    def _client_connect(self) -> None:
        try:
            super()._client_connect()
        except OSError:
            if self._tls is not None:
                self._tls.close()
            raise

    def _on_publish(
        self, client: PahoClient, userdata: Any, mid: int, reason_code: ReasonCode, properties: Properties
    ) -> None:
        answer = self._answers.get(mid)
        if answer is not None and not answer.done():
            answer.set_result(reason_code)
        super()._on_publish(client, userdata, mid, reason_code, properties)

    def _on_connect(
        self,
        client: PahoClient,
        userdata: Any,
        flags: ConnectFlags,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        self.at_once = min(IN_FLIGHT, getattr(properties, "ReceiveMaximum", IN_FLIGHT))
        self._window = asyncio.Semaphore(self.at_once)
        self._largest = getattr(properties, "MaximumPacketSize", math.inf)
        super()._on_connect(client, userdata, flags, reason_code, properties)

    def _on_disconnect(
        self,
        client: PahoClient,
        userdata: Any,
        flags: DisconnectFlags,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._hung_up)
        super()._on_disconnect(client, userdata, flags, reason_code, properties)

    def _hung_up(self) -> None:
        if not self._connected.done():
            why = self._heard.text or (NO_CERTIFICATE if self._tls else NO_VERSION)
            self._connected.set_exception(aiomqtt.MqttError(f"the broker hung up before it answered: {why}"))


class _LastWords(logging.Handler):
    """Keeps the last thing that the library said, which is why the connection ended."""

    text = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self.text = record.getMessage()


@contextlib.asynccontextmanager
async def connection(
    broker: Broker, *, protocol: aiomqtt.ProtocolVersion | None = None, **session: Any
) -> AsyncIterator[MqttClient]:
    """Connect for the length of a block; `session` is what the library's client takes beside the line itself.

    Raises MqttError or OSError with the reason in words.
    """
    context = await asyncio.to_thread(tls_context, broker)
    async with MqttClient(
        broker.host,
        broker.port,
        username=broker.username,
        password=_password(broker.password_file),
        tls=context,
        keepalive=KEEP_ALIVE_S,
        protocol=protocol or SPOKEN[broker.version],
        **session,
    ) as client:
        yield client


def _password(file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        msg = f"mqtt.password_file {file.name} cannot be used: {reason_of(error)}"
        raise OSError(msg) from error
