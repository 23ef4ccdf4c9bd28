"""The retained summary of each rule on a real broker: for who comes later, at a bounded pace, anew after an outage."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import aiomqtt
import msgspec
import pytest
import structlog

from alerts.broker import Broker
from alerts.mqtt import MqttChannel
from alerts.summary import Summary
from tests.alerts.test_summary import a_summary
from tests.servers import Mosquitto, running_mosquitto

pytestmark = pytest.mark.journey

PATIENCE_S = 20.0


class Rules:
    """What is open of two rules; it fails once when told to."""

    def __init__(self) -> None:
        self.now = [a_summary("poor_fill"), a_summary("slow_fill", high=1)]
        self.looks = 0
        self.fails = False

    async def current(self) -> Sequence[Summary]:
        """Return it."""
        self.looks += 1
        if self.fails:
            self.fails = False
            msg = "database is locked"
            raise RuntimeError(msg)
        return list(self.now)


@contextlib.asynccontextmanager
async def telling(broker: Mosquitto, rules: Rules, every_s: float = 0.05) -> AsyncIterator[MqttChannel]:
    """Run a channel that tells them."""
    line = Broker(host=broker.host, port=broker.port)
    channel = MqttChannel(firm="demo", broker=line, summaries=rules.current, summaries_s=every_s, retry_s=(0.05, 0.2))
    task = asyncio.create_task(channel.run())
    try:
        yield channel
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def heard(broker: Mosquitto, many: int) -> dict[str, Summary]:
    """Subscribe and return that many summaries by topic, the last of each."""
    async with aiomqtt.Client(broker.host, broker.port, protocol=aiomqtt.ProtocolVersion.V5) as client:
        await client.subscribe("sorwatch/demo/rules/#", qos=1)
        return dict([read(await next_of(client)) for _ in range(many)])


async def next_of(client: aiomqtt.Client) -> aiomqtt.Message:
    """Return the next message, bounded."""
    async with asyncio.timeout(PATIENCE_S):
        return await anext(aiter(client.messages))


def read(message: aiomqtt.Message) -> tuple[str, Summary]:
    """Return topic and summary of a message."""
    assert isinstance(message.payload, bytes)
    return message.topic.value, msgspec.json.decode(message.payload, type=Summary)


async def looked(rules: Rules, more: int) -> None:
    """Wait until the channel has looked so many times more."""
    wanted = rules.looks + more
    async with asyncio.timeout(PATIENCE_S):
        while rules.looks < wanted:  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)


async def test_who_comes_later_has_every_rule_at_once(private_mosquitto: Mosquitto) -> None:
    """Retained, also those of which nothing is open, with the name of the schema."""
    rules = Rules()
    async with telling(private_mosquitto, rules):
        await looked(rules, 2)
        async with aiomqtt.Client(
            private_mosquitto.host, private_mosquitto.port, protocol=aiomqtt.ProtocolVersion.V5
        ) as client:
            await client.subscribe("sorwatch/demo/rules/#", qos=1)
            came = [await next_of(client) for _ in range(2)]

    assert {topic: summary.open["high"] for topic, summary in map(read, came)} == {
        "sorwatch/demo/rules/poor_fill": 0,
        "sorwatch/demo/rules/slow_fill": 1,
    }
    assert [message.retain for message in came] == [True, True]
    assert [vars(message.properties)["UserProperty"] for message in came] == [[("schema", "summary-1")]] * 2


async def test_what_changes_is_told_and_what_does_not_is_not(private_mosquitto: Mosquitto) -> None:
    """A rule that is busy speaks at most once a look; between two looks only its last state is told."""
    rules = Rules()
    async with aiomqtt.Client(private_mosquitto.host, private_mosquitto.port) as client:
        await client.subscribe("sorwatch/demo/rules/#", qos=1)
        async with telling(private_mosquitto, rules, every_s=0.3):
            begin = [read(await next_of(client)) for _ in range(2)]
            for number in itertools.count(2):
                rules.now[1] = a_summary("slow_fill", high=number)
                if rules.looks >= 3:
                    break
                await asyncio.sleep(0.02)
            await looked(rules, 2)
            more = [read(await next_of(client))[0] for _ in range(len(client.messages))]

    assert sorted(topic.rpartition("/")[2] for topic, _ in begin) == ["poor_fill", "slow_fill"]
    assert set(more) == {"sorwatch/demo/rules/slow_fill"}
    assert 1 <= len(more) <= rules.looks


async def test_a_broker_that_forgot_everything_is_told_anew(private_mosquitto: Mosquitto) -> None:
    """On every connection all of them."""
    rules = Rules()
    async with telling(private_mosquitto, rules) as channel:
        await looked(rules, 2)
        private_mosquitto.kill()
        private_mosquitto.start()
        async with asyncio.timeout(PATIENCE_S):
            while channel.connections < 2:  # noqa: ASYNC110 - what is waited for has no event
                await asyncio.sleep(0.01)
        found = await heard(private_mosquitto, 2)

    assert sorted(found) == ["sorwatch/demo/rules/poor_fill", "sorwatch/demo/rules/slow_fill"]


async def test_a_store_that_fails_for_a_moment_costs_one_look(private_mosquitto: Mosquitto) -> None:
    """The connection stands, and the next look tells what the failed one could not."""
    rules = Rules()
    rules.fails = True
    with structlog.testing.capture_logs() as logged:
        async with telling(private_mosquitto, rules) as channel:
            began = time.monotonic()
            found = await heard(private_mosquitto, 2)

    assert len(found) == 2
    assert channel.connections == 1
    assert time.monotonic() - began < PATIENCE_S
    assert [line["event"] for line in logged].count("summaries_failed") == 1


async def test_a_summary_that_the_broker_forbids_keeps_no_other_back(tmp_path: Path) -> None:
    """It is said once, and tried again without a line every two seconds."""
    acl = tmp_path / "acl"
    acl.write_text("topic read #\ntopic write sorwatch/demo/presence\ntopic write sorwatch/demo/rules/slow_fill\n")
    options = ("allow_anonymous true", f"acl_file {acl}")
    rules = Rules()
    with running_mosquitto(tmp_path / "broker", options=options) as broker, structlog.testing.capture_logs() as logged:
        async with telling(broker, rules):
            found = await heard(broker, 1)
            await looked(rules, 3)

    refused = [line["topic"] for line in logged if line["event"] == "summary_not_taken"]
    assert sorted(found) == ["sorwatch/demo/rules/slow_fill"]
    assert refused == ["sorwatch/demo/rules/poor_fill"]
