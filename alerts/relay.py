"""Drains the outbox into a publisher: at least once, at most one in flight per case, decided at send time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

import msgspec
import structlog

from alerts.alert import Alert
from alerts.policy import Verdict, decide
from alerts.ports import Channel, Delivery, Held, Outbox, PublishError, Settled, Waiting

log = structlog.get_logger()

SECOND = 1_000_000_000
LONGEST_WAIT_S = 60.0


def backoff_ns(attempts: int, jitter: Callable[[], float] = random.random) -> int:
    """Return how long to hold an alert after its n-th failed attempt: doubling, at most a minute, with jitter."""
    wait = min(LONGEST_WAIT_S, 2.0 ** min(attempts, 10) * 0.25)
    return int(wait * (0.5 + jitter() / 2) * SECOND)


class Relay:
    """Sends what waits on one channel; `turn()` does one round, `run()` does rounds until it is cancelled.

    `clock` returns UTC nanoseconds.
    """

    def __init__(
        self,
        *,
        firm: str,
        channel: str,
        outbox: Outbox,
        way: Channel,
        clock: Callable[[], int],
        limit: int = 50,
    ) -> None:
        self._firm = firm
        self._channel = channel
        self._outbox = outbox
        self._way = way
        self._clock = clock
        self._limit = limit
        self.sent = 0
        self.withheld = 0
        self.failures = 0

    async def run(self, wake: Callable[[], Awaitable[None]]) -> None:
        """Send for ever; `wake` returns when there may be something new, or after its own bound.

        A round that fails (a locked or full database) is logged and tried again: the watch goes on.
        """
        while True:
            try:
                settled = await self.turn()
            except Exception:
                log.exception("alerts_failed", channel=self._channel)
                settled = 0
            if settled == 0:
                await wake()

    async def turn(self) -> int:
        """Send one round of waiting alerts; return how many were settled. Without a connection none is tried."""
        if not self._way.connected:
            return 0
        waiting = await asyncio.to_thread(self._outbox.waiting, self._channel, self._limit, self._clock())
        if not waiting:
            return 0
        results = await asyncio.gather(*(self._send(item) for item in waiting))
        settled = [result for result in results if isinstance(result, Settled)]
        held = [result for result in results if isinstance(result, Held)]
        if settled:
            await asyncio.to_thread(self._outbox.settle, settled, self._clock())
        if held:
            log.warning("alerts_not_delivered", channel=self._channel, alerts=len(held), reason=held[0].why)
            await asyncio.to_thread(self._outbox.hold, held)
        return len(settled)

    async def _send(self, item: Waiting) -> Settled | Held:
        decision = decide(item.reason, acknowledged=item.acknowledged)
        if decision.verdict is Verdict.WITHHELD:
            self.withheld += 1
            return Settled(item.outbox_id, decision.verdict.value, decision.reason)
        try:
            await self._way.deliver(self._delivery(item))
        except PublishError as error:
            self.failures += 1
            return Held(item.outbox_id, str(error), self._clock() + backoff_ns(item.attempts))
        self.sent += 1
        return Settled(item.outbox_id, decision.verdict.value, decision.reason)

    def _delivery(self, item: Waiting) -> Delivery:
        if item.topic is not None:
            return Delivery(firm=self._firm, bodies=(item.body,), topic=item.topic, own_key=item.key)
        return Delivery(firm=self._firm, bodies=(item.body,), alerts=(msgspec.json.decode(item.body, type=Alert),))
