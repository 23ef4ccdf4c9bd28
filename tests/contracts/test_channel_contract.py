"""The promise of a channel, held by the fake and by every real one: sentences of alerts/ports.py."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Protocol

import aiomqtt
import pytest

from alerts.alert import Alert, encode
from alerts.broker import Broker, MqttVersion
from alerts.console import ConsoleChannel
from alerts.mqtt import MqttChannel
from alerts.notify import NotifyChannel
from alerts.ports import Channel, Delivery, PublishError, RefusedError
from alerts.webhook import WebhookChannel
from tests.fakes_alerts import FakeChannel, an_alert
from tests.http_endpoint import running_endpoint
from tests.mail_server import plain, running_mail_server
from tests.servers import Mosquitto, free_port, running_mosquitto

pytestmark = pytest.mark.journey

PATIENCE_S = 20.0
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ONE = an_alert(1, 41, sentence="The first of all.")
OTHER = an_alert(1, 42, sentence="Another one.")


class World(Protocol):
    """A channel with its other side."""

    @property
    def channel(self) -> Channel:
        """Return the channel."""
        ...

    async def said(self) -> str:
        """Return all that the other side has."""
        ...

    def go_away(self) -> None:
        """Let the other side be away."""
        ...


class FakeWorld:
    """The fake of the relay's tests."""

    def __init__(self) -> None:
        self.channel = FakeChannel()

    async def said(self) -> str:
        """Return what it remembers."""
        return b"".join(body for delivery in self.channel.taken for body in delivery.bodies).decode()

    def go_away(self) -> None:
        """Fail from now on."""
        self.channel.troubles = [PublishError("gone")]


class MqttWorld:
    """A real broker, and somebody who listens at it."""

    def __init__(self, broker: Mosquitto, listener: aiomqtt.Client, version: MqttVersion) -> None:
        line = Broker(host=broker.host, port=broker.port, version=version)
        self.channel = MqttChannel(firm="demo", broker=line)
        self._broker = broker
        self._listener = listener

    async def said(self) -> str:
        """Return what the listener hears until the sign."""
        async with aiomqtt.Client(self._broker.host, self._broker.port) as client:
            await client.publish("sorwatch/demo/sign", b"", qos=1)
        heard: list[str] = []
        async with asyncio.timeout(PATIENCE_S):
            async for message in self._listener.messages:
                if message.topic.value.endswith("/sign"):
                    return "".join(heard)
                heard.append(bytes(message.payload).decode())
        return ""

    def go_away(self) -> None:
        """Kill the broker."""
        self._broker.kill()


class HeldWorld:
    """A channel whose other side keeps what came."""

    def __init__(self, channel: Channel, said: Callable[[], str], go_away: Callable[[], None]) -> None:
        self.channel = channel
        self._said = said
        self.go_away = go_away

    async def said(self) -> str:
        """Return what came."""
        return self._said()


@contextlib.asynccontextmanager
async def fake(folder: Path) -> AsyncIterator[World]:
    """Give the fake."""
    yield FakeWorld()


@contextlib.asynccontextmanager
async def mqtt(folder: Path, version: MqttVersion) -> AsyncIterator[World]:
    """Give a broker."""
    with running_mosquitto(folder / "broker") as broker:
        async with contextlib.AsyncExitStack() as stack:
            listener = await stack.enter_async_context(aiomqtt.Client(broker.host, broker.port))
            await listener.subscribe("sorwatch/demo/#", qos=1)
            yield MqttWorld(broker, listener, version)
            if not broker.is_running:
                stack.pop_all()


@contextlib.asynccontextmanager
async def webhook(folder: Path) -> AsyncIterator[World]:
    """Give an endpoint."""
    with running_endpoint() as endpoint:
        secret = a_file(folder, SECRET)
        channel = WebhookChannel(url=endpoint.url, secret_file=secret, timeout_s=2.0, near=True)
        yield HeldWorld(
            channel,
            lambda: "".join(posted.body.decode() for posted in endpoint.posted),
            lambda: setattr(endpoint, "status", 503),
        )


@contextlib.asynccontextmanager
async def mail(folder: Path) -> AsyncIterator[World]:
    """Give a mail server."""
    with running_mail_server() as mailbox:
        url = f"mailto://127.0.0.1:{mailbox.port}?from=watch@firm.example&to=desk@firm.example&format=text"
        channel = NotifyChannel(urls_file=a_file(folder, url), timeout_s=2.0)
        yield HeldWorld(
            channel,
            lambda: "".join(plain(one) for one in mailbox.came),
            lambda: setattr(mailbox, "refuses", True),
        )


@contextlib.asynccontextmanager
async def chat(folder: Path) -> AsyncIterator[World]:
    """Give a chat, which is an HTTP endpoint to the library."""
    with running_endpoint() as endpoint:
        url = f"json://127.0.0.1:{endpoint.port}/hook"
        channel = NotifyChannel(urls_file=a_file(folder, url), timeout_s=2.0)
        yield HeldWorld(
            channel,
            lambda: "".join(posted.body.decode() for posted in endpoint.posted),
            lambda: setattr(endpoint, "status", 503),
        )


@contextlib.asynccontextmanager
async def console(folder: Path) -> AsyncIterator[World]:
    """Give a stream that can be closed."""
    stream = io.BytesIO()
    yield HeldWorld(
        ConsoleChannel(timeout_s=2.0, stream=lambda: stream), lambda: stream.getvalue().decode(), stream.close
    )


WORLDS = {
    "fake": fake,
    "mqtt 5": lambda folder: mqtt(folder, MqttVersion.V5),
    "mqtt 3.1.1": lambda folder: mqtt(folder, MqttVersion.V311),
    "webhook": webhook,
    "mail": mail,
    "chat": chat,
    "console": console,
}


@pytest.fixture(params=WORLDS)
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """Give every channel in turn."""
    async with WORLDS[request.param](tmp_path) as found:
        yield found


def a_file(folder: Path, text: str) -> Path:
    """Write a secret into a file that only we may read."""
    file = folder / "secret"
    file.write_text(f"{text}\n", encoding="utf-8")
    file.chmod(0o600)
    return file


def delivery(*alerts: Alert) -> Delivery:
    """Return a delivery of these alerts."""
    return Delivery(firm="demo", bodies=tuple(encode(alert) for alert in alerts), alerts=alerts)


@contextlib.asynccontextmanager
async def running(channel: Channel) -> AsyncIterator[asyncio.Task[None]]:
    """Run a channel while the block lasts, connected at its beginning."""
    task = asyncio.create_task(channel.run())
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not channel.connected:  # noqa: ASYNC110 - what is waited for has no event
                await asyncio.sleep(0.01)
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_delivered_means_that_the_other_side_has_it(world: World) -> None:
    """Not that it is on its way."""
    async with running(world.channel):
        await world.channel.deliver(delivery(ONE))
        said = await world.said()

    assert ONE.sentence in said


async def test_of_a_group_the_other_side_has_every_alert(world: World) -> None:
    """In its order."""
    async with running(world.channel):
        await world.channel.deliver(delivery(ONE, OTHER))
        said = await world.said()

    assert 0 <= said.index(ONE.sentence) < said.index(OTHER.sentence)


async def test_as_many_as_it_takes_at_one_time_are_taken_within_its_bound(world: World) -> None:
    """The relay hands over no more, and takes what lasts longer for a hang."""
    alerts = [an_alert(1, number, sentence=f"The alert {number} of many.") for number in range(world.channel.at_once)]
    async with running(world.channel):
        async with asyncio.timeout(world.channel.longest_s):
            await asyncio.gather(*(world.channel.deliver(delivery(alert)) for alert in alerts))
        said = await world.said()

    assert all(alert.sentence in said for alert in alerts)


async def test_what_is_about_no_exception_is_delivered_too(world: World) -> None:
    """The seals of the days."""
    seal = Delivery(firm="demo", bodies=(b'{"seq":7}',), topic="seals", own_key="seals/7")
    async with running(world.channel):
        await world.channel.deliver(seal)
        said = (await world.said()).replace("\\", "")

    assert '{"seq":7}' in said


async def test_while_the_other_side_is_away_the_delivery_can_be_tried_again(world: World) -> None:
    """PublishError and nothing else: the relay keeps the alert."""
    async with running(world.channel):
        await world.channel.deliver(delivery(ONE))
        world.go_away()
        with pytest.raises(PublishError) as caught:
            await asyncio.wait_for(world.channel.deliver(delivery(OTHER)), PATIENCE_S)

    assert not isinstance(caught.value, RefusedError)
    assert str(caught.value)


async def test_a_channel_ends_when_it_is_told_to(world: World) -> None:
    """Within two seconds, also when it has just spoken."""
    async with running(world.channel) as task:
        await world.channel.deliver(delivery(ONE))
        task.cancel()
        done, _ = await asyncio.wait({task}, timeout=2.0)

    assert done == {task}
    assert task.cancelled()


@pytest.mark.parametrize("status", [400, 413, 422])
async def test_what_a_webhook_refuses_for_good_is_refused(tmp_path: Path, status: int) -> None:
    """A dead letter at once, and not a try an hour for a day."""
    with running_endpoint() as endpoint:
        endpoint.status = status
        secret = a_file(tmp_path, SECRET)
        channel = WebhookChannel(url=endpoint.url, secret_file=secret, timeout_s=2.0, near=True)
        async with running(channel):
            with pytest.raises(RefusedError, match=f"refused with {status}"):
                await channel.deliver(delivery(ONE))


async def test_what_a_broker_refuses_for_good_is_refused() -> None:
    """A broker that finds the payload invalid (MQTT 5) will never take it."""
    async with a_broker_that_answers(0x99) as port:
        channel = MqttChannel(firm="demo", broker=Broker(port=port), presence=False)
        async with running(channel):
            with pytest.raises(RefusedError, match="Payload format invalid"):
                await channel.deliver(delivery(ONE))


async def test_what_is_larger_than_a_broker_takes_is_refused_and_not_sent(tmp_path: Path) -> None:
    """It would end the connection, at every try again, and hold back all others."""
    options = ("allow_anonymous true", "max_packet_size 3000")
    large = an_alert(1, 43, sentence="x" * 5_000)
    with running_mosquitto(tmp_path / "broker", options=options) as broker:
        channel = MqttChannel(firm="demo", broker=Broker(host=broker.host, port=broker.port))
        async with running(channel):
            with pytest.raises(RefusedError, match="the broker takes packets of 3000"):
                await channel.deliver(delivery(large))
            await channel.deliver(delivery(ONE))

    assert channel.connections == 1


async def test_a_broker_that_takes_its_time_is_not_taken_for_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    """It wants one at a time: the time of each begins when its turn has come."""
    monkeypatch.setattr("alerts.mqtt.PUBLISH_S", 1.0)
    async with a_broker_that_answers(0, after_s=0.2, at_once=1) as port:
        channel = MqttChannel(firm="demo", broker=Broker(port=port), presence=False)
        async with running(channel):
            alerts = [an_alert(1, number) for number in range(10)]
            await asyncio.gather(*(channel.deliver(delivery(alert)) for alert in alerts))
            at_once = channel.at_once

    assert (channel.connections, at_once) == (1, 1)


@contextlib.asynccontextmanager
async def a_broker_that_answers(reason: int, *, after_s: float = 0.0, at_once: int = 20) -> AsyncIterator[int]:
    """Run what takes a connection by MQTT 5 and answers every message with a reason code; give its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                kind, body = await packet(reader)
                if kind == 0x10:
                    writer.write(bytes([0x20, 6, 0, 0, 3, 0x21, 0, at_once]))
                elif kind & 0xF0 == 0x30:
                    await asyncio.sleep(after_s)
                    begin = 2 + int.from_bytes(body[:2])
                    writer.write(bytes([0x40, 3, *body[begin : begin + 2], reason]))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port := free_port())
    try:
        yield port
    finally:
        server.close()
        await server.wait_closed()


async def packet(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Read one packet: its first byte, and what follows its length."""
    kind, length, shift = (await reader.readexactly(1))[0], 0, 0
    while True:
        byte = (await reader.readexactly(1))[0]
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return kind, await reader.readexactly(length)
