"""Tries a channel: one delivery that is marked as a test, and what the other side said to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from alerts.alert import encode
from alerts.ports import Channel, Delivery, PublishError
from service.channels import opened_channel
from service.configuration import read_configuration
from service.plans import channel_names
from service.settings import ConfigurationError
from service.telling.asked import Said
from service.telling.example import TEST, test_alert

CONNECTED_S = 10.0
"""A channel that keeps a connection may take so long for it."""
LOOK_S = 0.05


def tried(folder: Path, channel: str) -> Said:
    """Send one test on a channel of the folder, by a connection of its own; the daemon's goes on beside it."""
    configuration = read_configuration(folder)
    spec = configuration.plan.channel(channel)
    if spec is None:
        there = ", ".join(channel_names(configuration.plan))
        raise ConfigurationError([f"there is no channel {channel}; there are: {there}"])
    alert = test_alert(configuration.settings.firm, time.time_ns())
    delivery = Delivery(firm=alert.firm, bodies=(encode(alert),), alerts=(alert,), topic=TEST, own_key=alert.key)
    way = opened_channel(spec, configuration.settings, presence=False)
    try:
        asyncio.run(_sent(way, delivery))
    except (PublishError, TimeoutError) as error:
        why = str(error) or f"no answer within {way.longest_s:g} s"
        return Said((f"{channel}: not taken: {why}",), failed=True)
    return Said((f"{channel}: the other side took it (key {alert.key})",))


async def _sent(way: Channel, delivery: Delivery) -> None:
    async with _kept_up(way):
        await _connected(way)
        async with asyncio.timeout(way.longest_s + 1):
            await way.deliver(delivery)


@asynccontextmanager
async def _kept_up(way: Channel) -> AsyncIterator[None]:
    running = asyncio.create_task(way.run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def _connected(way: Channel) -> None:
    """Wait until it is worth trying; a channel that does not get that far says in `deliver` what is wrong."""
    deadline = time.monotonic() + CONNECTED_S
    while not way.connected and time.monotonic() < deadline:  # noqa: ASYNC110 - a channel says it to whoever asks
        await asyncio.sleep(LOOK_S)
