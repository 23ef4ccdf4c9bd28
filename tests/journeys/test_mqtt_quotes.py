"""Quotes over a real broker: they come in, silence and loss are seen, and a broker that died is found again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiomqtt
import msgspec
import pytest

from alerts.broker import Broker
from rules.facts import Nanos, QuoteState
from service.market.enrich import QuotePolicy
from service.market.live_quotes import LiveQuotes
from service.market.liveness import Liveness, SourceState
from service.market.mqtt_quotes import MqttQuotes, Subscription
from service.market.quote_json import QuoteMessage
from service.market.tape import Tape
from service.market.tape_file import kept_over_restarts
from service.processed import Decision
from tests.factories_market import a_request
from tests.servers import Mosquitto

pytestmark = pytest.mark.journey
PATIENCE = 20.0


class Listener:
    """A subscribed source, with the states that it told."""

    def __init__(
        self,
        broker: Mosquitto,
        topic: str,
        *,
        dead_after_ms: int = 5_000,
        client_id: str | None = None,
        expiry_s: int = 0,
        live: LiveQuotes | None = None,
    ) -> None:
        self.states: list[SourceState] = []
        self.live = live or LiveQuotes(
            Tape(), QuotePolicy(), Liveness.of_settings(dead_after_ms), on_state=self.states.append
        )
        self.source = MqttQuotes(
            Subscription(
                broker=Broker(host=broker.host, port=broker.port),
                topic=f"{topic}/#",
                client_id=client_id,
                expiry_s=expiry_s,
            ),
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


class Stream:
    """A publisher of numbered batches, one quote each, that never stops by itself; A is said once and then quiet."""

    def __init__(self, broker: Mosquitto, topic: str) -> None:
        self.times: list[int] = []
        self._broker = broker
        self._topic = topic

    async def say(self, batches: int) -> None:
        """Publish so many batches more."""
        messages = []
        for _ in range(batches):
            one = quote("B" if self.times else "A")
            self.times.append(int(str(one["time_ns"])))
            messages.append({"quotes": [one], "sequence": len(self.times), "time_ns": one["time_ns"]})
        await say(self._broker, f"{self._topic}/batch", *messages)


def found(listener: Listener, symbol: str) -> set[int]:
    """Return the times of all quotes of the symbol that the tape holds."""
    found = listener.live.around(symbol, Nanos(time.time_ns()), Nanos(3_600 * 10**9))
    assert found is not None
    return {each.at for each in found.quotes}


@pytest.mark.parametrize("expiry_s", [0, 60])
async def test_a_short_restart_of_ours_loses_no_quotes(mosquitto: Mosquitto, tmp_path: Path, expiry_s: int) -> None:
    """The broker keeps what comes meanwhile, the file what we knew; quiet symbols are in no doubt."""
    topic, name, file = f"test/restart{expiry_s}", f"restart{expiry_s}", tmp_path / "quotes.saved"
    stream = Stream(mosquitto, topic)
    before = Listener(mosquitto, topic, client_id=name, expiry_s=expiry_s)
    with kept_over_restarts(before.live, file):
        async with listening(before):
            saying = asyncio.create_task(stream.say(300))
            await eventually(lambda: len(found(before, "B")) > 50)
    await saying
    await stream.say(100)

    after = Listener(mosquitto, topic, client_id=name, expiry_s=expiry_s)
    with kept_over_restarts(after.live, file):
        async with listening(after):
            await stream.say(1)
            await eventually(lambda: after.live.report(Nanos(0)).mark == stream.times[-1])
            report = after.live.report(Nanos(0))
            quiet = after.live.decide(a_request(symbol="A", execution_at=Nanos(stream.times[-1] - 1)), Nanos(2**62))

    assert (report.gaps, report.missed, report.dropped, report.in_doubt) == (0, 0, 0, 0)
    assert found(after, "A") == {stream.times[0]}
    assert found(after, "B") >= set(stream.times[-200:])
    assert found(before, "B") | found(after, "B") == set(stream.times[1:])
    assert quiet is not None
    assert quiet.at_execution is not None
    assert quiet.at_execution.state is QuoteState.NORMAL


async def test_without_a_session_what_a_restart_loses_is_counted(mosquitto: Mosquitto, tmp_path: Path) -> None:
    """The numbers tell how many batches; what may have changed meanwhile is in doubt."""
    topic, file = "test/lost", tmp_path / "quotes.saved"
    stream = Stream(mosquitto, topic)
    before = Listener(mosquitto, topic)
    with kept_over_restarts(before.live, file):
        async with listening(before):
            await stream.say(2)
            await eventually(lambda: before.live.report(Nanos(0)).mark == stream.times[-1])
    await stream.say(5)

    after = Listener(mosquitto, topic)
    with kept_over_restarts(after.live, file):
        async with listening(after):
            await stream.say(1)
            await eventually(lambda: after.live.report(Nanos(0)).mark == stream.times[-1])

    report = after.live.report(Nanos(0))
    assert (report.gaps, report.missed, report.in_doubt) == (1, 5, 1)
    assert (report.state, file.exists()) == (SourceState.GAPPED, True)


async def test_a_saved_file_that_is_none_of_ours_stops_no_start(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """The tape begins anew, and the next stop writes a good one."""
    listener, file = Listener(mosquitto, "test/file"), tmp_path / "quotes.saved"
    file.write_bytes(b"something else")

    with kept_over_restarts(listener.live, file):
        mark = listener.live.report(Nanos(0)).mark

    listener.live.restore(file.read_bytes())
    assert mark == 0


class Stumbling(LiveQuotes):
    """Fails at its first message, as by an error of ours."""

    def take(self, message: QuoteMessage, now: Nanos) -> None:
        """Fail once."""
        if not self.report(now).dropped:
            raise ZeroDivisionError
        super().take(message, now)


async def test_an_error_of_ours_costs_one_message_and_is_counted(mosquitto: Mosquitto) -> None:
    """It is no end of the connection, and not swallowed by the client either."""
    live = Stumbling(Tape(), QuotePolicy(), Liveness.of_settings(5_000))
    listener = Listener(mosquitto, "test/stumble", live=live)

    async with listening(listener):
        await say(mosquitto, "test/stumble/x", quote(), quote())
        await eventually(lambda: live.report(Nanos(0)).tape.taken == 1)

    assert (live.report(Nanos(0)).dropped, listener.source.connections) == (1, 1)


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
