"""Quotes over a real broker: they come in, silence and loss are seen, and a broker that died is found again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import aiomqtt
import msgspec
import pytest

from rules.facts import Nanos, QuoteState
from service.market.enrich import QuotePolicy
from service.market.live_quotes import LiveQuotes
from service.market.liveness import Liveness, SourceState
from service.market.mqtt_quotes import Broker, MqttQuotes
from service.market.tape import Tape
from service.processed import Decision
from tests.factories_market import a_request
from tests.servers import Mosquitto

pytestmark = pytest.mark.journey
PATIENCE = 20.0


class Listener:
    """A subscribed source, with the states that it told."""

    def __init__(self, broker: Mosquitto, topic: str, *, dead_after_ms: int = 5_000) -> None:
        self.states: list[SourceState] = []
        self.live = LiveQuotes(Tape(), QuotePolicy(), Liveness.of_settings(dead_after_ms), on_state=self.states.append)
        self.source = MqttQuotes(
            Broker(host=broker.host, port=broker.port, topic=f"{topic}/#"),
            self.live,
            check_every_s=0.02,
            retry_s=(0.02, 0.1),
        )

    def asked(self) -> Decision | None:
        """Ask for the quote at this moment, received long ago."""
        return self.live.decide(
            a_request(execution_at=Nanos(time.time_ns()), received_at=Nanos(1)), Nanos(time.time_ns())
        )


@asynccontextmanager
async def listening(listener: Listener) -> AsyncIterator[None]:
    """Run the source until the block ends."""
    task = asyncio.create_task(listener.source.run())
    try:
        await eventually(lambda: listener.source.connections > 0)
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def eventually(true: Callable[[], bool]) -> None:
    """Wait until it is true, at most for our patience."""
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110 - what is waited for happens in a broker and tells nobody
            await asyncio.sleep(0.01)


def quote(symbol: str = "IBM", bid: str = "99.90") -> dict[str, object]:
    """Return a quote of this moment, as it goes over the wire."""
    return {
        "symbol": symbol,
        "bid": bid,
        "bid_size": 100,
        "offer": "100.10",
        "offer_size": 200,
        "time_ns": time.time_ns(),
    }


async def say(broker: Mosquitto, topic: str, *messages: object) -> None:
    """Publish messages, bytes as they are and values as JSON."""
    async with aiomqtt.Client(broker.host, broker.port) as client:
        for message in messages:
            body = message if isinstance(message, bytes) else msgspec.json.encode(message)
            await client.publish(topic, body, qos=1)


async def test_quotes_batches_and_heartbeats_reach_the_tape(mosquitto: Mosquitto) -> None:
    """A single quote and a batch are found as of now, nonsense is counted, the source is live."""
    listener = Listener(mosquitto, "test/reach")

    async with listening(listener):
        batch = {"quotes": [quote("MSFT"), {"symbol": 7}], "sequence": 1, "time_ns": time.time_ns()}
        await say(mosquitto, "test/reach/x", quote(), b"nonsense", batch, {"time_ns": time.time_ns()})
        await eventually(lambda: listener.live.report(Nanos(0)).tape.taken == 2)
        await eventually(lambda: listener.live.report(Nanos(0)).bad_quotes == 2)

        decision = listener.asked()

    assert decision is not None
    assert decision.at_execution is not None
    assert decision.at_execution.state is QuoteState.NORMAL
    assert listener.states[0] is SourceState.LIVE


async def test_a_silent_source_dies_and_its_quotes_are_stale(mosquitto: Mosquitto) -> None:
    """The connection is up, but nothing is said for longer than the setting allows."""
    listener = Listener(mosquitto, "test/silent", dead_after_ms=200)

    async with listening(listener):
        await say(mosquitto, "test/silent/x", quote())
        await eventually(lambda: len(listener.states) > 1 and listener.states[-1] is SourceState.DEAD)

        decision = listener.asked()

    assert decision is not None
    assert decision.at_execution is not None
    assert (decision.at_execution.state, decision.reason) == (QuoteState.STALE, "not_live")


async def test_a_broker_that_dies_is_found_again(private_mosquitto: Mosquitto) -> None:
    """The source is dead at once, heard again with the first quote, and what was quiet meanwhile is in doubt."""
    broker = private_mosquitto
    listener = Listener(broker, "test/again", dead_after_ms=60_000)

    async with listening(listener):
        await say(broker, "test/again/x", quote())
        await eventually(lambda: listener.states == [SourceState.LIVE])
        broker.kill()
        await eventually(lambda: listener.states[-1] is SourceState.DEAD)
        broker.start()
        await eventually(lambda: listener.source.connections > 1)
        await say(broker, "test/again/x", quote("MSFT"))
        await eventually(lambda: listener.states[-1] is SourceState.GAPPED)

        decision = listener.asked()

    assert decision is not None
    assert decision.at_execution is not None
    assert decision.at_execution.note == "gap in the quote source"


async def test_a_flood_loses_nothing_that_it_does_not_count(mosquitto: Mosquitto) -> None:
    """What the bounded inbox could not take is counted; what it took is on the tape."""
    listener = Listener(mosquitto, "test/flood")
    batches = 200

    async with listening(listener):
        flood = [
            {"quotes": [quote() for _ in range(100)], "sequence": number, "time_ns": time.time_ns()}
            for number in range(batches)
        ]
        await say(mosquitto, "test/flood/x", *flood)

        def complete() -> bool:
            report = listener.live.report(Nanos(0))
            return report.tape.taken == 100 * (batches - report.dropped)

        await eventually(complete)

    assert listener.live.report(Nanos(0)).bad_quotes == 0
