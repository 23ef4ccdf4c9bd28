"""The broker configuration that is shipped, on a real Mosquitto: nobody commands the watch, and TLS is kept."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import aiomqtt
import msgspec
import pytest
import structlog
from cryptography.hazmat.primitives import serialization

from alerts.alert import encode, exception_topic, presence_topic
from alerts.broker import Broker, MqttVersion
from alerts.mqtt import MqttChannel
from alerts.mqtt_line import MqttClient, NotTakenError, connection
from alerts.ports import Delivery, PublishError
from rules.facts import Nanos
from service.doctor import _broker
from service.market.enrich import QuotePolicy
from service.market.live_quotes import LiveQuotes
from service.market.liveness import Liveness
from service.market.mqtt_quotes import MqttQuotes, Subscription
from service.market.tape import Tape
from service.settings import MqttSettings, Settings
from tests.certificates import Authority, Pair
from tests.fakes_alerts import an_alert
from tests.hardened_mosquitto import HardenedMosquitto, running_hardened

pytestmark = pytest.mark.journey

FIRM = "demo"
PATIENCE_S = 20.0
COMMANDS = ("sorwatch/demo/commands", "sorwatch/demo/presence", "sorwatch/quotes/batch", "sorwatch/other/x", "anything")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[HardenedMosquitto]:
    """Give the broker of deploy/mosquitto."""
    with running_hardened(tmp_path / "broker") as found:
        yield found


@contextlib.asynccontextmanager
async def running(channel: MqttChannel) -> AsyncIterator[None]:
    """Run a channel while the block lasts."""
    task = asyncio.create_task(channel.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(true: Callable[[], bool]) -> None:
    """Wait, bounded, until something is true."""
    async with asyncio.timeout(PATIENCE_S):
        while not true():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)


async def next_of(client: aiomqtt.Client) -> aiomqtt.Message:
    """Return the next message, bounded."""
    async with asyncio.timeout(PATIENCE_S):
        return await anext(aiter(client.messages))


def a_channel(line: Broker, *, firm: str = FIRM) -> MqttChannel:
    """Return a channel over a line that comes back quickly."""
    return MqttChannel(firm=firm, broker=line, retry_s=(0.05, 0.2))


def a_delivery() -> Delivery:
    """Return a delivery of one alert."""
    return Delivery(firm=FIRM, bodies=(encode(an_alert()),), alerts=(an_alert(),))


async def attempt(client: MqttClient, topic: str) -> str:
    """Publish a command; return what the broker answered."""
    try:
        await client.publish_once(topic, b'{"close":1}', within=PATIENCE_S)
    except NotTakenError as error:
        return str(error)
    return "taken"


async def test_a_desk_hears_the_watch_over_tls(broker: HardenedMosquitto) -> None:
    """By name and password, with the key of the alert and the name of its schema beside it."""
    channel = a_channel(broker.machine("watch"))
    async with connection(broker.desk()) as desk:
        await desk.subscribe("sorwatch/demo/#", qos=1)
        async with running(channel):
            presence = await next_of(desk)
            await until(lambda: channel.connected)
            await channel.deliver(a_delivery())
            message = await next_of(desk)
        gone = await next_of(desk)

    assert (presence.topic.value, presence.payload, gone.payload) == (presence_topic(FIRM), b"online", b"offline")
    assert (message.topic.value, message.qos) == (exception_topic(FIRM, "high", "slow_fill"), 1)
    assert message.payload == encode(an_alert())
    assert vars(message.properties)["ContentType"] == "application/json"
    assert vars(message.properties)["UserProperty"] == [("schema", "alert-2"), ("key", "demo/1/1")]


async def test_a_desk_can_publish_nowhere(broker: HardenedMosquitto) -> None:
    """The broker says so by its reason code, and what was tried reaches nobody, the watch's own line least of all."""
    async with connection(broker.machine("watch")) as watch, connection(broker.desk()) as listener:
        await watch.subscribe("#", qos=1)
        await listener.subscribe("#", qos=1)
        async with connection(broker.desk()) as desk:
            answers = {topic: await attempt(desk, topic) for topic in COMMANDS}
        async with connection(broker.machine("quotes")) as quotes:
            await quotes.publish_once("sorwatch/quotes/batch", b"the next thing", within=PATIENCE_S)
        await watch.publish_once("sorwatch/demo/seals", b"the next thing", within=PATIENCE_S)
        heard = [(await next_of(watch)).payload, (await next_of(listener)).payload]

    assert answers == dict.fromkeys(COMMANDS, "Not authorized")
    assert heard == [b"the next thing", b"the next thing"]


async def test_who_publishes_quotes_publishes_nothing_else_and_hears_nothing(broker: HardenedMosquitto) -> None:
    """A feed that was taken over cannot speak for the watch."""
    async with connection(broker.machine("quotes")) as quotes:
        await quotes.subscribe("#", qos=1)
        answers = {topic: await attempt(quotes, topic) for topic in COMMANDS}
        async with connection(broker.machine("watch")) as watch:
            await watch.publish_once("sorwatch/demo/seals", b"{}", within=PATIENCE_S)
            await watch.publish_once("sorwatch/demo/seals", b"{}", within=PATIENCE_S)
        await attempt(quotes, "sorwatch/quotes/x")
        heard = len(quotes.messages)

    assert answers == {**dict.fromkeys(COMMANDS, "Not authorized"), "sorwatch/quotes/batch": "taken"}
    assert heard == 0


async def test_the_watch_takes_nothing_but_quotes(broker: HardenedMosquitto) -> None:
    """Whatever is published at it with every right: its subscriptions are the quotes, and a command is no quote."""
    live = LiveQuotes(Tape(), QuotePolicy(), Liveness.of_settings(5_000), on_state=lambda _: None)
    subscription = Subscription(broker=broker.machine("watch"), topic="sorwatch/quotes/#")
    source = MqttQuotes(subscription, live, check_every_s=0.02, retry_s=(0.02, 0.1))
    listening = asyncio.create_task(source.run())
    channel = a_channel(broker.machine("watch"))
    try:
        async with running(channel), connection(broker.machine("watch")) as everything:
            await until(lambda: channel.connected and source.connections > 0)
            for topic in ("sorwatch/demo/commands", exception_topic(FIRM, "high", "slow_fill"), "sorwatch/demo/test"):
                await everything.publish_once(topic, b'{"action":"close","exception":1}', within=PATIENCE_S)
            async with connection(broker.machine("quotes")) as quotes:
                await quotes.publish_once("sorwatch/quotes/x", b'{"action":"close"}', within=PATIENCE_S)
            await until(lambda: live.report(Nanos(0)).bad_quotes == 1)
            await channel.deliver(a_delivery())
            line = channel._line
            assert line is not None
            heard = len(line.client.messages)
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)

    assert heard == 0
    assert live.report(Nanos(0)).tape.taken == 0


async def test_an_alert_that_the_broker_does_not_allow_is_not_delivered(broker: HardenedMosquitto) -> None:
    """By MQTT 5 a refusal is a failure; the connection stands, and what is allowed goes on."""
    channel = a_channel(broker.machine("watch"))
    other = msgspec.structs.replace(an_alert(), firm="other")
    async with running(channel):
        await until(lambda: channel.connected)
        with pytest.raises(PublishError, match="does not take sorwatch/other/exceptions/high/slow_fill: Not author"):
            await channel.deliver(Delivery(firm="other", bodies=(b"{}",), alerts=(other,)))
        await channel.deliver(a_delivery())

    assert channel.connections == 1


async def test_by_mqtt_3_1_1_a_refusal_cannot_be_seen(broker: HardenedMosquitto) -> None:
    """The old protocol has no word for it: that is why 5 is the default, and why the manual says so."""
    old = msgspec.structs.replace(broker.machine("watch"), version=MqttVersion.V311)
    async with connection(broker.machine("watch")) as listener, connection(old) as watch:
        await listener.subscribe("sorwatch/quotes/#", qos=1)
        answer = await attempt(watch, "sorwatch/quotes/x")
        async with connection(broker.machine("quotes")) as quotes:
            await quotes.publish_once("sorwatch/quotes/x", b"the next thing", within=PATIENCE_S)
        heard = (await next_of(listener)).payload

    assert (answer, heard) == ("taken", b"the next thing")


async def test_a_presence_that_the_broker_does_not_allow_is_said(broker: HardenedMosquitto) -> None:
    """The firm's name in the ACL is another than in the settings: the log says which topic."""
    channel = a_channel(broker.machine("watch"), firm="other")

    said = await trouble(channel)

    assert said == "the broker does not take sorwatch/other/presence: Not authorized; may this user write there?"


async def test_a_program_without_a_certificate_is_turned_away(broker: HardenedMosquitto) -> None:
    """Where one is required; the log names the broker's word for it."""
    line = msgspec.structs.replace(broker.machine("watch"), cert_file=None, key_file=None)

    said = await trouble(a_channel(line))

    assert "the broker hung up before it answered" in said
    assert "certificate" in said


async def test_a_certificate_of_another_authority_is_turned_away(broker: HardenedMosquitto, tmp_path: Path) -> None:
    """Its name alone opens nothing."""
    forged: Pair = Authority(tmp_path / "forged", "forger").client("watch")

    said = await trouble(a_channel(broker.machine("watch", certificate=forged)))

    assert "the broker hung up before it answered" in said
    assert "unknown ca" in said or "certificate" in said


async def test_a_broker_that_another_authority_vouches_for_is_not_spoken_to(
    broker: HardenedMosquitto, tmp_path: Path
) -> None:
    """Nobody in between reads the alerts."""
    stranger = Authority(tmp_path / "stranger", "stranger")
    line = msgspec.structs.replace(broker.machine("watch"), ca_file=stranger.file)

    said = await trouble(a_channel(line))

    assert "certificate verify failed" in said


async def test_a_broker_of_another_address_is_not_spoken_to(tmp_path: Path) -> None:
    """Its certificate is good, but for another."""
    with running_hardened(tmp_path / "other", certified="127.0.0.9") as other:
        said = await trouble(a_channel(other.machine("watch")))

    assert "IP address mismatch" in said


async def test_a_wrong_password_is_said_and_tried_again(broker: HardenedMosquitto, tmp_path: Path) -> None:
    """In the broker's own word, and the next try reads the file anew."""
    wrong = tmp_path / "password"
    wrong.write_text("wrong", encoding="utf-8")
    line = msgspec.structs.replace(broker.desk(), password_file=wrong)

    said = await trouble(a_channel(line))

    assert "Not authorized" in said


async def trouble(channel: MqttChannel) -> str:
    """Run a channel that cannot come in until it has tried twice; return what its log says."""
    with structlog.testing.capture_logs() as logged:
        async with running(channel):
            await until(lambda: sum(line["event"] == "broker_lost" for line in logged) >= 2)

    assert (channel.connections, channel.connected) == (0, False)
    return str(next(line["reason"] for line in logged if line["event"] == "broker_lost"))


def test_doctor_says_whether_the_broker_lets_us_in(broker: HardenedMosquitto) -> None:
    """Not only that something listens there."""
    line = broker.machine("watch")
    good = MqttSettings(
        host=line.host,
        port=line.port,
        tls=True,
        ca_file=line.ca_file,
        cert_file=line.cert_file,
        key_file=line.key_file,
    )
    bare = MqttSettings(host=line.host, port=line.port, tls=True, ca_file=line.ca_file)

    said = [examined for mqtt in (good, bare) for examined in _broker(Settings(mqtt=mqtt), ["mqtt"])]

    assert [(one.verdict, one.subject) for one in said] == [("ok", "broker"), ("fail", "broker")]
    assert said[0].words == f"{line.place} lets us in by MQTT 5 over TLS"
    assert "the broker hung up before it answered" in said[1].words


async def test_a_key_with_a_password_is_refused_and_nobody_is_asked_for_it(
    broker: HardenedMosquitto, tmp_path: Path
) -> None:
    """A daemon that waits at a terminal watches nothing."""
    pair = broker.authority.client("watch")
    locked = Pair(pair.certificate, with_password(pair.key, tmp_path / "locked.key"))

    said = await asyncio.wait_for(trouble(a_channel(broker.machine("watch", certificate=locked))), PATIENCE_S)

    assert "mqtt.cert_file watch.crt with mqtt.key_file locked.key cannot be used" in said


def with_password(key: Path, locked: Path) -> Path:
    """Write a private key under a password."""
    private = serialization.load_pem_private_key(key.read_bytes(), password=None)
    text = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"pass")
    )
    locked.write_bytes(text)
    return locked
