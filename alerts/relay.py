"""Drains the outbox into a publisher: at least once, at most one in flight per case, decided at send time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import structlog

from alerts.alert import exception_topic, house_topic
from alerts.policy import Verdict, decide
from alerts.ports import Outbox, Publisher, PublishError, Waiting

log = structlog.get_logger()

SECOND = 1_000_000_000
LONGEST_WAIT_S = 60.0


def backoff_ns(attempts: int, jitter: Callable[[], float] = random.random) -> int:
    """Return how long to hold an alert after its n-th failed attempt: doubling, at most a minute, with jitter."""
    wait = min(LONGEST_WAIT_S, 2.0 ** min(attempts, 10) * 0.25)
    return int(wait * (0.5 + jitter() / 2) * SECOND)


class Settled(NamedTuple):
    """An alert that is done, as the outbox wants it."""

    outbox_id: int
    verdict: str
    reason: str


class Failed(NamedTuple):
    """An alert that was not taken, as the outbox wants it."""

    outbox_id: int
    error: str
    not_before: int


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
        publisher: Publisher,
        clock: Callable[[], int],
        limit: int = 50,
    ) -> None:
        self._firm = firm
        self._channel = channel
        self._outbox = outbox
        self._publisher = publisher
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
        if not self._publisher.connected:
            return 0
        waiting = await asyncio.to_thread(self._outbox.waiting, self._channel, self._limit, self._clock())
        if not waiting:
            return 0
        results = await asyncio.gather(*(self._send(item) for item in waiting))
        settled = [result for result in results if isinstance(result, Settled)]
        failed = [result for result in results if isinstance(result, Failed)]
        if settled:
            await asyncio.to_thread(self._outbox.settle, list(settled), self._clock())
        if failed:
            log.warning("alerts_not_delivered", channel=self._channel, alerts=len(failed), reason=failed[0].error)
            await asyncio.to_thread(self._outbox.failed, list(failed))
        return len(settled)

    async def _send(self, item: Waiting) -> Settled | Failed:
        decision = decide(item.reason, acknowledged=item.acknowledged)
        if decision.verdict is Verdict.WITHHELD:
            self.withheld += 1
            return Settled(item.outbox_id, decision.verdict.value, decision.reason)
        try:
            await self._publisher.publish(self._topic(item), item.body)
        except PublishError as error:
            self.failures += 1
            return Failed(item.outbox_id, str(error), self._clock() + backoff_ns(item.attempts))
        self.sent += 1
        return Settled(item.outbox_id, decision.verdict.value, decision.reason)

    def _topic(self, item: Waiting) -> str:
        if item.topic is not None:
            return house_topic(self._firm, item.topic)
        return exception_topic(self._firm, item.severity, item.rule)
