"""Alerts on their way to a real broker: presence, order, an outage of any length, and a prompt goodbye."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from alerts.alert import encode, exception_topic, presence_topic
from alerts.broker import Broker
from alerts.mqtt import OFFLINE, ONLINE, MqttChannel
from alerts.plan import BROKER
from alerts.ports import Delivery, PublishError
from alerts.relay import Relay
from rules.facts import Nanos
from rules.finding import Severity
from service.alerting import alerting
from service.store.engine import Database
from service.store.outbox import SqlOutbox
from tests import servers
from tests.factories_cases import NOON, a_finding, a_queue, gather_all, recorded
from tests.fakes_alerts import an_alert

pytestmark = pytest.mark.journey

FIRM = "demo"
PATIENCE_S = 20.0


def a_channel(broker: servers.Mosquitto, **named: Any) -> MqttChannel:
    """Return a channel to this broker that comes back quickly."""
    line = Broker(host=broker.host, port=broker.port, **named)
    return MqttChannel(firm=FIRM, broker=line, retry_s=(0.05, 0.2))


def one_alert() -> Delivery:
    """Return a delivery of one alert."""
    return Delivery(firm=FIRM, bodies=(encode(an_alert()),), alerts=(an_alert(),))


@contextlib.asynccontextmanager
async def running(publisher: MqttChannel) -> AsyncIterator[asyncio.Task[None]]:
    """Run a publisher while the block lasts, connected at its beginning."""
    task = asyncio.create_task(publisher.run())
    try:
        await until(lambda: publisher.connected)
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until(true: Callable[[], bool]) -> None:
    """Wait, bounded, until something is true."""
    async with asyncio.timeout(PATIENCE_S):
        while not true():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def listening(broker: servers.Mosquitto, topic: str) -> AsyncIterator[aiomqtt.Client]:
    """Give a subscriber of a topic at QoS 1."""
    async with aiomqtt.Client(broker.host, broker.port) as client:
        await client.subscribe(topic, qos=1)
        yield client


async def next_text(client: aiomqtt.Client) -> str:
    """Return the next message, bounded."""
    async with asyncio.timeout(PATIENCE_S):
        message = await anext(aiter(client.messages))
    assert isinstance(message.payload, bytes)
    return message.payload.decode()


async def test_who_comes_later_learns_that_the_watch_is_there(private_mosquitto: servers.Mosquitto) -> None:
    """Presence is retained: online while we are, offline after we left by our own will."""
    async with running(a_channel(private_mosquitto)), listening(private_mosquitto, presence_topic(FIRM)) as client:
        here = await next_text(client)
    async with listening(private_mosquitto, presence_topic(FIRM)) as client:
        gone = await next_text(client)

    assert (here, gone) == (ONLINE, OFFLINE)


async def test_a_watch_that_dies_is_said_to_be_offline(private_mosquitto: servers.Mosquitto) -> None:
    """The last will speaks for a process that cannot any more."""
    program = (
        "import asyncio, sys; from alerts.broker import Broker; from alerts.mqtt import MqttChannel;"
        "asyncio.run(MqttChannel(firm='demo', broker=Broker(port=int(sys.argv[1]))).run())"
    )
    quiet = asyncio.subprocess.DEVNULL
    port = str(private_mosquitto.port)
    watch = await asyncio.create_subprocess_exec(sys.executable, "-c", program, port, stdout=quiet, stderr=quiet)
    try:
        async with listening(private_mosquitto, presence_topic(FIRM)) as client:
            here = await next_text(client)
            watch.kill()
            gone = await next_text(client)
    finally:
        with contextlib.suppress(ProcessLookupError):
            watch.kill()
        await asyncio.wait_for(watch.wait(), PATIENCE_S)

    assert (here, gone) == (ONLINE, OFFLINE)


async def test_an_alert_is_delivered_at_qos_1_as_it_was_written(private_mosquitto: servers.Mosquitto) -> None:
    """Topic, quality of service and payload are the documented ones, and it is not retained."""
    topic = exception_topic(FIRM, "high", "slow_fill")
    async with listening(private_mosquitto, f"sorwatch/{FIRM}/exceptions/#") as client:
        publisher = a_channel(private_mosquitto)
        async with running(publisher):
            await publisher.deliver(one_alert())
            async with asyncio.timeout(PATIENCE_S):
                message = await anext(aiter(client.messages))

    assert (message.topic.value, message.qos, message.retain) == (topic, 1, False)
    assert message.payload == encode(an_alert())


async def test_a_password_is_read_from_its_file(tmp_path: Path) -> None:
    """The broker refuses the wrong one, and lets us in as soon as the file holds the right one: no restart."""
    users, password = tmp_path / "users", tmp_path / "password"
    users.write_text("watch:s3cret\n", encoding="utf-8")
    servers.hash_passwords(users)
    users.chmod(0o644)
    password.write_text("wrong\n", encoding="utf-8")
    options = ("allow_anonymous false", f"password_file {users}")
    with servers.running_mosquitto(tmp_path / "broker", options=options) as broker:
        publisher = a_channel(broker, username="watch", password_file=password)
        task = asyncio.create_task(publisher.run())
        try:
            await until(lambda: "not authorised" in broker.log())
            refused = publisher.connected
            password.write_text("s3cret\n", encoding="utf-8")
            await until(lambda: publisher.connected)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    assert not refused


async def test_a_killed_broker_is_noticed_at_once(private_mosquitto: servers.Mosquitto) -> None:
    """Not at the next alert, and not when the keep-alive ends."""
    publisher = a_channel(private_mosquitto)
    async with running(publisher):
        private_mosquitto.kill()
        began = time.monotonic()
        await until(lambda: not publisher.connected)
        noticed = time.monotonic() - began

        with pytest.raises(PublishError, match="no connection to the broker at"):
            await publisher.deliver(one_alert())

    assert noticed < 2.0


async def test_an_alert_in_flight_when_the_broker_dies_is_refused_at_once(private_mosquitto: servers.Mosquitto) -> None:
    """The relay keeps it; nobody waits ten seconds for an answer that cannot come."""
    publisher = a_channel(private_mosquitto)
    async with running(publisher):
        private_mosquitto.freeze()
        sending = asyncio.create_task(publisher.deliver(one_alert()))
        await asyncio.sleep(0)
        private_mosquitto.kill()
        began = time.monotonic()
        with pytest.raises(PublishError):
            await asyncio.wait_for(sending, PATIENCE_S)

    assert time.monotonic() - began < 2.0


async def test_leaving_a_broker_that_hangs_takes_no_longer_than_its_bound(private_mosquitto: servers.Mosquitto) -> None:
    """A frozen broker cannot keep the daemon from ending."""
    publisher = a_channel(private_mosquitto)
    async with running(publisher) as task:
        private_mosquitto.freeze()
        began = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, PATIENCE_S)
        private_mosquitto.thaw()

    assert time.monotonic() - began < 5.0


async def test_after_an_outage_the_outbox_is_drained_in_order_and_nothing_is_lost(
    private_mosquitto: servers.Mosquitto, database: Database
) -> None:
    """Killed in the middle and back: each case's steps arrive in order, and what came twice carries the same key."""
    expected = many_alerts(database)
    received: list[dict[str, object]] = []
    outbox, publisher = SqlOutbox(database), Outage(private_mosquitto, received, after=10)
    relay = Relay(firm=FIRM, spec=BROKER, outbox=outbox, way=publisher, clock=time.time_ns, limit=5)
    async with running(publisher), collecting(private_mosquitto, received) as subscribed:
        sending = asyncio.create_task(relay.run(lambda: rest(subscribed)))
        await until(publisher.killed.is_set)
        await until(lambda: not publisher.connected and not subscribed.is_set())
        private_mosquitto.start()
        await until(lambda: {alert["key"] for alert in received} == expected)
        await until(lambda: outbox.depth().waiting == 0)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)

    assert publisher.connections == 2
    first_seen = dict.fromkeys(str(alert["key"]) for alert in received)
    for case in {alert["exception"] for alert in received}:
        steps = [int(key.split("/")[2]) for key in first_seen if key.split("/")[1] == str(case)]
        assert steps == sorted(steps)
    bodies = {json.dumps(alert) for alert in received}
    assert len(bodies) == len(expected)


class Outage(MqttChannel):
    """A publisher under which the broker is killed once, when `after` alerts have reached the subscriber.

    What a broker without persistence acknowledged and had not handed on when it died is gone, and is not ours to
    promise: so it dies between two rounds.
    """

    def __init__(self, broker: servers.Mosquitto, received: list[dict[str, object]], *, after: int) -> None:
        super().__init__(firm=FIRM, broker=Broker(host=broker.host, port=broker.port), retry_s=(0.05, 0.2))
        self.killed = asyncio.Event()
        self._server = broker
        self._received = received
        self._left = after
        self._after = after

    async def deliver(self, delivery: Delivery) -> None:
        """Deliver as ever, but for the one round in which the broker dies."""
        self._left -= 1
        if self._left == -1:
            await until(lambda: len(self._received) == self._after)
            self._server.kill()
            self.killed.set()
        elif self._left < 0:
            await self.killed.wait()
        await super().deliver(delivery)


async def rest(subscribed: asyncio.Event) -> None:
    """Wait a moment, and until somebody listens: what is sent to nobody arrives nowhere."""
    await asyncio.sleep(0.02)
    await subscribed.wait()


def many_alerts(database: Database) -> set[str]:
    """Put three alerts of each of twenty cases into the outbox; return their keys."""
    queue = a_queue(database, alerting(FIRM))
    severities = (Severity.LOW, Severity.MEDIUM, Severity.HIGH)
    keys: set[str] = set()
    for step, severity in enumerate(severities, start=1):
        recorded(database, *(a_finding(step * 100 + n, cause=f"venue {n}", severity=severity) for n in range(20)))
        notices = gather_all(queue, Nanos(NOON + step))
        keys |= {f"{FIRM}/{notice.case.case_id}/{notice.case.n}" for notice in notices}
    return keys


@contextlib.asynccontextmanager
async def collecting(broker: servers.Mosquitto, received: list[dict[str, object]]) -> AsyncIterator[asyncio.Event]:
    """Collect alerts, subscribing again when the broker is back; the event is set while subscribed."""
    ready = asyncio.Event()

    async def collect() -> None:
        while True:
            with contextlib.suppress(aiomqtt.MqttError):
                async with aiomqtt.Client(broker.host, broker.port) as client:
                    await client.subscribe(f"sorwatch/{FIRM}/exceptions/#", qos=1)
                    ready.set()
                    async for message in client.messages:
                        assert isinstance(message.payload, bytes)
                        received.append(json.loads(message.payload))
            ready.clear()
            await asyncio.sleep(0.02)

    task = asyncio.create_task(collect())
    try:
        await asyncio.wait_for(ready.wait(), PATIENCE_S)
        yield ready
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_socket_that_has_just_died_under_the_library_is_trouble_of_the_way(
    private_mosquitto: servers.Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the operating system says of it is no bug of the channel: the alert is kept and sent again."""
    publisher = a_channel(private_mosquitto)

    async def dies(*_: object, **__: object) -> None:
        raise OSError(9, "Bad file descriptor")

    async with running(publisher):
        monkeypatch.setattr("alerts.mqtt_line.MqttClient.publish_once", dies)
        with pytest.raises(PublishError, match="Bad file descriptor"):
            await publisher.deliver(one_alert())


async def test_a_broker_that_dies_in_silence_is_taken_to_have_died_after_its_last_yes(
    private_mosquitto: servers.Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it took before that is sent again, however late its silence is noticed."""
    monkeypatch.setattr("alerts.mqtt.PUBLISH_S", 1.0)
    publisher = a_channel(private_mosquitto)

    async with running(publisher):
        await publisher.deliver(one_alert())
        private_mosquitto.freeze()
        frozen = time.time_ns()
        with pytest.raises(PublishError, match="did not acknowledge within 1 s"):
            await publisher.deliver(one_alert())
        await until(lambda: publisher.lost_at is not None)
        noticed = time.time_ns()
        private_mosquitto.thaw()

    assert publisher.lost_at is not None
    assert publisher.lost_at <= frozen
    assert noticed - frozen >= 1_000_000_000
