"""The proof of the broker's death: killed under a steady stream of alerts, away for a while, and back.

Cases open and rise in severity at a given rate in a store of their own, the daemon's relay sends their alerts, and a
subscriber with a persistent session listens. No alert may be lost, none of one case may be first heard out of order,
and what comes twice must be the same to the byte under the same key.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import tempfile
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiomqtt
import msgspec

from alerts.alert import Alert
from alerts.broker import Broker
from alerts.mqtt import MqttChannel
from alerts.plan import BROKER
from alerts.relay import Relay
from rules.facts import Nanos
from rules.finding import Severity
from service.alerting import alerting
from service.store.engine import Database
from service.store.outbox import SqlOutbox
from tests.factories_cases import a_finding, a_queue, gather_all, recorded
from tests.servers import Mosquitto, running_mosquitto
from tests.stores import ready_store

FIRM = "demo"
STEPS = tuple(Severity)
"""What each case says of itself: it opens, and rises with every step."""
TICK_S = 0.1
PATIENCE_S = 120.0
OPTIONS = ("allow_anonymous true", "persistence true", "autosave_interval 1", "max_queued_messages 0")


def run(seed: int, *, rate: int, before_s: float, away_s: float) -> str:
    """Run the proof; return what was found. `rate` alerts a second are made before, while and after it is away."""
    with tempfile.TemporaryDirectory(prefix="sorwatch-broker-") as name:
        folder = Path(name)
        options = (*OPTIONS, f"persistence_location {folder}/mosquitto/")
        with (
            running_mosquitto(folder / "mosquitto", options=options) as broker,
            ready_store("sqlite", folder) as database,
        ):
            proof = _Proof(broker, database, rate, first=seed * 1_000_000)
            return asyncio.run(proof.run(before_s, away_s))


class _Proof:
    def __init__(self, broker: Mosquitto, database: Database, rate: int, first: int) -> None:
        self._broker = broker
        self._database = database
        self._rate = rate
        self._numbers = itertools.count(first)
        self._heard: list[bytes] = []
        self._made: set[str] = set()
        self._ending = threading.Event()
        self._trouble: Exception | None = None

    async def run(self, before_s: float, away_s: float) -> str:
        """Make alerts, kill the broker under them, bring it back, and hear all."""
        outbox = SqlOutbox(self._database)
        way = MqttChannel(firm=FIRM, broker=Broker(host=self._broker.host, port=self._broker.port), retry_s=(0.1, 1.0))
        relay = Relay(firm=FIRM, spec=BROKER, outbox=outbox, way=way, clock=time.time_ns)
        making = threading.Thread(target=self._make, name="making")
        async with _beside(way.run()), _beside(self._listen()), _beside(relay.run(_rest)):
            await self._until(lambda: way.connected)
            began = time.monotonic()
            making.start()
            await asyncio.sleep(before_s)
            self._broker.kill()
            heard_before = len(self._heard)
            await asyncio.sleep(away_s)
            waiting = outbox.depth().waiting
            self._broker.start()
            await self._until(lambda: way.connected)
            await asyncio.sleep(before_s)
            self._ending.set()
            await asyncio.to_thread(making.join)
            made_s = time.monotonic() - began
            await self._until(lambda: outbox.depth().waiting == 0)
            drained_s = time.monotonic() - began - made_s
            with contextlib.suppress(TimeoutError):
                await self._until(lambda: self._made <= {alert.key for alert in self._read()}, 10.0)
        if self._trouble is not None:
            raise self._trouble
        rate = len(self._made) / made_s
        lines = [
            f"{len(self._made):,} alerts of {len(self._made) // len(STEPS):,} exceptions at {rate:,.0f} a second",
            f"killed after {heard_before:,} heard, away {away_s:g} s; {waiting:,} waited; gone in {drained_s:.1f} s",
        ]
        return "\n".join([*lines, self._judged()])

    def _judged(self) -> str:
        heard = self._read()
        first = {alert.key: alert for alert in reversed(heard)}
        lost = self._made - first.keys()
        assert not lost, f"{len(lost)} of {len(self._made)} alerts were lost, among them {sorted(lost)[:5]}"
        assert first.keys() <= self._made, "alerts were heard that nobody made"
        order = list(dict.fromkeys(alert.key for alert in heard))
        steps: dict[int, int] = {}
        for key in order:
            alert = first[key]
            assert alert.sequence > steps.get(alert.exception, 0), (
                f"{key} was heard after a later step of its exception"
            )
            steps[alert.exception] = alert.sequence
        bodies = Counter(self._heard)
        assert len(bodies) == len(first), "the same key came with two bodies"
        twice = sum(count - 1 for count in bodies.values())
        return f"none lost, none out of order in its exception, {twice} heard twice, each under its own key"

    def _make(self) -> None:
        """Open cases and let them rise, in bursts of a tick's share; it runs on a thread of its own."""
        queue = a_queue(self._database, alerting(FIRM))
        share = max(1, round(self._rate * TICK_S))
        due = time.monotonic()
        try:
            for batch in self._batches(share):
                recorded(self._database, *batch)
                for notice in gather_all(queue, Nanos(time.time_ns())):
                    self._made.add(f"{FIRM}/{notice.case.case_id}/{notice.case.n}")
                due += TICK_S
                time.sleep(max(0.0, due - time.monotonic()))
        except Exception as error:  # noqa: BLE001 - told by the proof itself, where it can fail
            self._trouble = error

    def _batches(self, share: int) -> Iterator[list[object]]:
        """Yield the findings of one tick after the other: as many new cases as the share, then their steps."""
        while not self._ending.is_set():
            numbers = list(itertools.islice(self._numbers, share))
            for step, severity in enumerate(STEPS):
                if self._ending.is_set():
                    return
                yield [
                    a_finding(number * len(STEPS) + step, cause=f"venue {number}", severity=severity)
                    for number in numbers
                ]

    async def _listen(self) -> None:
        """Hear alerts under a session that the broker keeps, coming back as soon as it is there."""
        while True:
            with contextlib.suppress(aiomqtt.MqttError):
                async with aiomqtt.Client(
                    self._broker.host, self._broker.port, identifier="desk", clean_session=False, timeout=2.0
                ) as client:
                    await client.subscribe(f"sorwatch/{FIRM}/exceptions/#", qos=1)
                    async for message in client.messages:
                        self._heard.append(bytes(message.payload))
            await asyncio.sleep(0.05)

    def _read(self) -> list[Alert]:
        return [msgspec.json.decode(body, type=Alert) for body in self._heard]

    async def _until(self, true: object, limit_s: float = PATIENCE_S) -> None:
        async with asyncio.timeout(limit_s):
            while not true():  # type: ignore[operator]  # noqa: ASYNC110 - what is waited for has no event
                await asyncio.sleep(0.05)


async def _rest() -> None:
    await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def _beside(work: object) -> AsyncIterator[None]:
    task = asyncio.ensure_future(work)  # type: ignore[arg-type]
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
