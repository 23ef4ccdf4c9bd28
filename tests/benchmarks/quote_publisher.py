"""Publishes batches to a broker as fast as it takes them: python -m tests.benchmarks.quote_publisher PORT TOPIC N.

The batches are numbered and of 100 quotes over 10,000 symbols; the program ends when the broker has them all.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import msgspec
import paho.mqtt.client as mqtt

BATCH = 100
SYMBOLS = 10_000


def payloads(batches: int, began: int) -> Iterator[bytes]:
    """Yield batches as they go over the wire, 1 µs between two quotes."""
    at = began
    for number in range(1, batches + 1):
        quotes = []
        for place in range(BATCH):
            at += 1_000
            cents = (number * 7 + place) % 500
            quotes.append(
                {
                    "symbol": f"S{(number * BATCH + place * 37) % SYMBOLS}",
                    "bid": f"{100 + cents / 100:.2f}",
                    "bid_size": 100 + place,
                    "offer": f"{100.02 + cents / 100:.2f}",
                    "offer_size": 200,
                    "time_ns": at,
                }
            )
        yield msgspec.json.encode({"quotes": quotes, "sequence": number, "time_ns": at})


def main(port: int, topic: str, batches: int) -> None:
    """Publish and wait for the last acknowledgement."""
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", port)
    client.loop_start()
    sent = [client.publish(topic, body, qos=1) for body in payloads(batches, time.time_ns() - 10**9)]
    for each in sent:
        each.wait_for_publish(120)
    client.disconnect()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
