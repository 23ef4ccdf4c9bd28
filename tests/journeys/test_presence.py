"""The retained presence of the watch against a real broker: it says how things are, whatever became of connections."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from alerts.alert import encode, presence_topic
from alerts.broker import Broker, MqttVersion
from alerts.mqtt import OFFLINE, ONLINE, MqttChannel
from alerts.plan import BROKER
from alerts.ports import Delivery
from service.channels import opened_channel
from service.session_names import alerts_name, session_name
from service.settings import MqttSettings, Settings
from tests.contracts.test_channel_contract import packet
from tests.fakes_alerts import an_alert
from tests.servers import Mosquitto

pytestmark = pytest.mark.journey

FIRM = "demo"
PATIENCE_S = 20.0
CONNECT = 0x10


class Wire:
    """A road to a broker that can be cut near the watch, so that the broker does not notice."""

    def __init__(self, broker: Mosquitto) -> None:
        self.port = 0
        self._broker = broker
        self._near: list[asyncio.StreamWriter] = []
        self._far: list[asyncio.StreamWriter] = []
        self._pumps: list[asyncio.Task[None]] = []

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection."""
        far_reader, far_writer = await asyncio.open_connection(self._broker.host, self._broker.port)
        self._near.append(writer)
        self._far.append(far_writer)
        self._pumps += [
            asyncio.create_task(pumped(reader, far_writer)),
            asyncio.create_task(pumped(far_reader, writer)),
        ]

    def cut(self) -> None:
        """End what there is near the watch; the broker still holds it for a connection that is only silent."""
        for pump in self._pumps:
            pump.cancel()
        for writer in self._near:
            writer.transport.abort()
        self._near, self._pumps = [], []

    def noticed(self) -> None:
        """Let the broker notice that the first connection is gone."""
        self._far[0].transport.abort()

    def end(self) -> None:
        """End everything."""
        self.cut()
        for writer in self._far:
            writer.transport.abort()


async def pumped(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carry bytes in one direction until its end."""
    with contextlib.suppress(OSError):
        while piece := await reader.read(65_536):
            writer.write(piece)
        writer.close()


@contextlib.asynccontextmanager
async def a_wire(broker: Mosquitto) -> AsyncIterator[Wire]:
    """Give a road to the broker."""
    wire = Wire(broker)
    server = await asyncio.start_server(wire.carry, "127.0.0.1", 0)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        server.close()
        wire.end()


def a_channel(port: int, version: MqttVersion = MqttVersion.V5, **named: Any) -> MqttChannel:
    """Return a channel that comes back quickly."""
    return MqttChannel(firm=FIRM, broker=Broker(port=port, version=version), retry_s=(0.05, 0.2), **named)


async def until(true: Callable[[], bool]) -> None:
    """Wait, bounded, until something is true."""
    async with asyncio.timeout(PATIENCE_S):
        while not true():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def running(channel: MqttChannel) -> AsyncIterator[asyncio.Task[None]]:
    """Run a channel while the block lasts, connected at its beginning."""
    task = asyncio.create_task(channel.run())
    try:
        await until(lambda: channel.connected)
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def retained(broker: Mosquitto) -> str:
    """Return what the broker keeps of the presence, for whoever comes now."""
    async with aiomqtt.Client(broker.host, broker.port) as client:
        await client.subscribe(presence_topic(FIRM), qos=1)
        async with asyncio.timeout(PATIENCE_S):
            message = await anext(aiter(client.messages))
    assert isinstance(message.payload, bytes)
    return message.payload.decode()


@pytest.mark.parametrize("version", MqttVersion)
async def test_the_will_of_a_connection_that_is_long_over_does_not_speak_for_the_watch(
    private_mosquitto: Mosquitto, version: MqttVersion
) -> None:
    """The broker notices late that the first is gone; by then the watch is back, and it is said to be there."""
    async with a_wire(private_mosquitto) as wire:
        channel = a_channel(wire.port, version, name="sorwatch1")
        async with running(channel):
            wire.cut()
            await until(lambda: channel.connections == 2 and channel.connected)
            wire.noticed()
            said = await retained(private_mosquitto)

    assert said == ONLINE


async def test_a_watch_that_leaves_while_it_says_that_it_is_there_is_said_to_be_gone() -> None:
    """The broker has taken `online`; its answer did not come before we were told to leave."""
    said: list[bytes] = []
    there = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                kind, body = await packet(reader)
                if kind == CONNECT:
                    writer.write(bytes([0x20, 3, 0, 0, 0]))
                said.append(bytes([kind]) + body)
                if ONLINE.encode() in body and kind != CONNECT:
                    there.set()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        task = asyncio.create_task(a_channel(server.sockets[0].getsockname()[1]).run())
        await asyncio.wait_for(there.wait(), PATIENCE_S)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await until(lambda: len(said) >= 3)

    goodbye = next(words for words in said[2:] if words)
    assert goodbye.endswith(OFFLINE.encode()), "it took its leave with `online` standing there"


async def test_a_watch_that_leaves_a_broker_that_hangs_is_said_to_be_gone(private_mosquitto: Mosquitto) -> None:
    """As many alerts as the broker takes at one time are on their way, so that no goodbye can follow them."""
    channel = a_channel(private_mosquitto.port)
    async with running(channel) as task:
        private_mosquitto.freeze()
        alerts = [an_alert(1, number) for number in range(channel.at_once)]
        sending = [
            asyncio.create_task(channel.deliver(Delivery(firm=FIRM, bodies=(encode(alert),), alerts=(alert,))))
            for alert in alerts
        ]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, *sending, return_exceptions=True)
    private_mosquitto.thaw()
    said = await retained(private_mosquitto)

    assert said == OFFLINE


async def test_only_the_daemon_comes_in_under_the_name_of_the_watch(
    private_mosquitto: Mosquitto, tmp_path: Path
) -> None:
    """Whoever tries a channel beside it must not end its connection; the name is one that every broker takes."""
    settings = Settings(folder=tmp_path, firm=FIRM, mqtt=MqttSettings(port=private_mosquitto.port))
    name = alerts_name(FIRM, tmp_path)
    heard = [await log_of_a_run(private_mosquitto, settings, presence=presence) for presence in (False, True)]

    assert [f"as {name} " in log for log in heard] == [False, True]
    assert len(name) <= 23
    assert name.isalnum()
    assert name != session_name(FIRM, tmp_path)


async def log_of_a_run(broker: Mosquitto, settings: Settings, *, presence: bool) -> str:
    """Let a channel come in as the program opens it, and return what the broker has said by then."""
    channel = opened_channel(BROKER, settings, presence=presence)
    assert isinstance(channel, MqttChannel)
    async with running(channel):
        return broker.log()
