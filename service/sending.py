"""The alerts' ways out of the daemon: one relay a channel, each on its own, woken together.

No channel waits for another: each has its own rows, its own thread for the store and its own task.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping

from alerts.plan import ChannelSpec, Plan
from alerts.ports import Channel, Counts
from alerts.relay import Relay
from rules.cards import catalogue
from rules.facts import Nanos
from service.channels import channel_problems, opened_channel
from service.market.calendar import TradingCalendar
from service.settings import ConfigurationError, Settings
from service.store.engine import Database
from service.store.outbox import SqlOutbox
from service.store.summaries import SqlSummaries

IDLE_S = 1.0
Work = Callable[[], Coroutine[None, None, None]]


class Sending:
    """All channels of a plan; `works` are to be run until cancelled, `wake` says that there may be news.

    Raise ConfigurationError with everything that keeps any of them from being used.
    """

    def __init__(
        self, plan: Plan, settings: Settings, calendar: TradingCalendar, database: Database, counts: Counts
    ) -> None:
        self._plan = plan
        self._settings = settings
        self._calendar = calendar
        self._outbox = SqlOutbox(database)
        self._counts = counts
        self._loop: asyncio.AbstractEventLoop | None = None
        if problems := [words for spec in plan.channels for words in channel_problems(spec, settings)]:
            raise ConfigurationError(problems)
        current = SqlSummaries(database, settings.firm, catalogue()).current
        self.ways: Mapping[str, Channel] = {
            spec.name: opened_channel(spec, settings, summaries=current) for spec in plan.channels
        }
        self._wakes = {name: asyncio.Event() for name in self.ways}

    def works(self) -> Iterator[tuple[str, Work]]:
        """Yield by name what keeps each channel up, and what drains the outbox into it."""
        for spec in self._plan.channels:
            way = self.ways[spec.name]
            yield f"channel_{spec.name}", way.run
            yield f"alerts_{spec.name}", self._draining(spec, way)

    def wake(self) -> None:
        """Let every channel look into the outbox; it may be said from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._wake_all)

    def _draining(self, spec: ChannelSpec, way: Channel) -> Work:
        async def drain() -> None:
            self._loop = asyncio.get_running_loop()
            relay = Relay(
                firm=self._settings.firm,
                spec=spec,
                outbox=self._outbox,
                way=way,
                clock=time.time_ns,
                plan=self._plan,
                market_open=lambda at: self._calendar.is_open(Nanos(at)),
                counts=self._counts,
            )
            await relay.run(lambda: self._woken(self._wakes[spec.name]))

        return drain

    async def _woken(self, event: asyncio.Event) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), IDLE_S)
        event.clear()

    def _wake_all(self) -> None:
        for event in self._wakes.values():
            event.set()
