"""The simulated market over MQTT: quotes in batches, heartbeats, and the names of the faults that begin and end.

A market does not wait: while the broker is away, what would have been said is dropped and counted.
"""

from __future__ import annotations

import asyncio
import random

import aiomqtt
import msgspec
import structlog

from service.simulator.market import QuoteMoved
from service.simulator.stamps import dollars
from service.simulator.truth import Truth

log = structlog.get_logger()

BATCH_TOPIC = "batch"
HEARTBEAT_TOPIC = "heartbeat"
FAULT_TOPIC = "sorwatch/simulator/faults"
MOST = 100
"""Quotes in one payload: the embedded broker takes 20 kB."""
DEPTH = 256
RETRY = (0.2, 5.0)


class Broker(msgspec.Struct, frozen=True, kw_only=True):
    """The broker that the market is published to, and the topic above its quotes."""

    port: int
    host: str = "127.0.0.1"
    topic: str = "sorwatch/quotes"


class Publisher:
    """Collects quotes until `flush`, which hands them to the connection that `run` keeps up."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._waiting: list[QuoteMoved] = []
        self._outgoing: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue(DEPTH)
        self._sequence = 0
        self.dropped = 0

    def offer(self, quote: QuoteMoved) -> None:
        """Take a quote for the next batch."""
        self._waiting.append(quote)

    def flush(self, at: int) -> None:
        """Say all that was taken and that the market has come as far as `at`."""
        quotes, self._waiting = self._waiting, []
        for first in range(0, len(quotes), MOST):
            part = quotes[first : first + MOST]
            mark = at if first + MOST >= len(quotes) else part[-1].at
            self._sequence += 1
            self._put(f"{self._broker.topic}/{BATCH_TOPIC}", batch(part, self._sequence, mark))
        if not quotes:
            self._put(f"{self._broker.topic}/{HEARTBEAT_TOPIC}", msgspec.json.encode({"time_ns": at}))

    def tell(self, truth: Truth) -> None:
        """Say that a fault begins or ends, for whoever watches the demo."""
        self._put(FAULT_TOPIC, msgspec.json.encode(truth))

    async def run(self) -> None:
        """Keep a connection and send until cancelled."""
        wait = RETRY[0]
        while True:
            try:
                async with aiomqtt.Client(self._broker.host, self._broker.port) as client:
                    wait = RETRY[0]
                    while True:
                        topic, payload = await self._outgoing.get()
                        await client.publish(topic, payload, qos=0, timeout=RETRY[1])
            except aiomqtt.MqttError as error:
                log.warning("broker_lost", host=self._broker.host, port=self._broker.port, reason=str(error))
            await asyncio.sleep(wait * (0.5 + random.random() / 2))  # noqa: S311 - jitter, not a secret
            wait = min(RETRY[1], wait * 2)

    def _put(self, topic: str, payload: bytes) -> None:
        if self._outgoing.full():
            self._outgoing.get_nowait()
            self.dropped += 1
        self._outgoing.put_nowait((topic, payload))


def batch(quotes: list[QuoteMoved], sequence: int, mark: int) -> bytes:
    """Write quotes as one payload: prices in decimal text, times in ns, `time_ns` how far the market has come."""
    return msgspec.json.encode(
        {
            "quotes": [
                {
                    "symbol": quote.symbol,
                    "bid": dollars(quote.bid),
                    "bid_size": quote.bid_size,
                    "offer": dollars(quote.offer),
                    "offer_size": quote.offer_size,
                    "time_ns": quote.at,
                }
                for quote in quotes
            ],
            "sequence": sequence,
            "time_ns": mark,
        }
    )
