"""The road of alerts as a world that a test moves: an outbox, a channel with moods, a clock, a relay that dies.

The relay is the real one, run as the daemon runs it; a kill takes it away in the midst of whatever it does.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from alerts.plan import SECOND, ChannelSpec, Plan
from alerts.ports import Delivery, Letter, Paced, PublishError, RefusedError, Sent, Waiting
from alerts.relay import Relay
from rules.finding import Severity
from tests.fakes_alerts import FakeOutbox, waits

TAKES, AWAY, REFUSES, TAKES_AND_FAILS, DIES_BEFORE, DIES_AFTER = "takes", "away", "refuses", "fails", "before", "after"
PATIENCE_S = 20


class Clock:
    """A clock that goes on by itself with every look, and that a test moves."""

    def __init__(self, now: int) -> None:
        self.now = now

    def __call__(self) -> int:
        """Return the time."""
        self.now += 1
        return self.now


class LivingOutbox(FakeOutbox):
    """An outbox of which letters wait like alerts, that knows who acknowledged what, and that fails as it is told.

    A failure is "before" or "after" what was asked of it is done.
    """

    def __init__(self) -> None:
        super().__init__()
        self.acknowledged: set[int] = set()
        self.failures: list[str] = []

    def waiting(self, channel: str, limit: int, now: int) -> list[Waiting]:
        """Return whose turn it is, with whether somebody has it in hand."""
        with self._failing():
            found = super().waiting(channel, limit, now)
            return [msgspec.structs.replace(one, acknowledged=one.case_id in self.acknowledged) for one in found]

    def tell(self, channel: str, letters: list[Letter], now: int) -> None:
        """Put letters among what waits, each once."""
        with self._failing():
            known = {item.key for item in self.items}
            super().tell(channel, letters, now)
            for letter in (letter for letter in letters if letter.key not in known):
                self.items.append(self._item(letter, now))

    def unanswered(self, channel: str, before: int) -> list[Sent]:
        """Return what was sent last of exceptions that nobody has acknowledged and of which nothing waits."""
        with self._failing():
            cases = {item.case_id for item in self.items} - self.acknowledged - {None}
            return [sent for case in cases if (sent := self._last(case, before)) is not None]

    def settle(self, *asked: Any) -> None:
        """Settle them."""
        with self._failing():
            super().settle(*asked)

    def hold(self, *asked: Any) -> None:
        """Hold them."""
        with self._failing():
            super().hold(*asked)

    def bury(self, *asked: Any) -> None:
        """Bury them."""
        with self._failing():
            super().bury(*asked)

    def paced(self, *asked: Any) -> Paced:
        """Return how the channel stands."""
        with self._failing():
            return super().paced(*asked)

    def step(self, exception: int, severity: Severity, reason: str, since: int) -> None:
        """Let an exception take a step of which the channel should hear."""
        number = sum(item.case_id == exception and item.reason != "still_waiting" for item in self.items) + 1
        alert = waits(number, exception, severity=severity, reason=reason, since=since)
        self.items.append(msgspec.structs.replace(alert, outbox_id=len(self.items) + 1))

    @property
    def ended(self) -> list[int]:
        """Return what is done or dead."""
        return [one.outbox_id for one in self.done] + [one.outbox_id for one in self.dead]

    def _item(self, letter: Letter, now: int) -> Waiting:
        return Waiting(
            outbox_id=len(self.items) + 1,
            key=letter.key,
            case_id=letter.case_id,
            rule=letter.rule,
            severity=letter.severity,
            reason=letter.reason,
            body=letter.body,
            attempts=0,
            acknowledged=False,
            topic=letter.topic,
            since=now,
        )

    def _last(self, case: int | None, before: int) -> Sent | None:
        mine = [item for item in self.items if item.case_id == case]
        at = {one.outbox_id: when for when, one in self._settled} | {one.outbox_id: 0 for one in self.dead}
        sent = {outbox_id for _, outbox_id in self._sent}
        last = next((item for item in reversed(mine) if item.outbox_id in sent), None)
        if last is None or any(item.outbox_id not in at for item in mine):
            return None
        done, step = max(at[item.outbox_id] for item in mine), last.key.partition("/again/")[0]
        told = sum(item.key.partition("/again/")[0] == step for item in mine)
        return Sent(last, done, told) if done <= before else None

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        failure = self.failures.pop(0) if self.failures else ""
        if failure == "before":
            msg = "the store cannot be written"
            raise OSError(msg)
        yield
        if failure == "after":
            msg = "the connection was lost after the commit"
            raise OSError(msg)


class Moody:
    """A channel that takes, fails, refuses, or dies with the watch, as its moods say; then it takes everything."""

    def __init__(self, at_once: int) -> None:
        self.connected = True
        self.lost_at: int | None = None
        self.at_once = at_once
        self.longest_s = 60.0
        self.moods: list[str] = []
        self.taken: list[Delivery] = []
        self.died = asyncio.Event()

    async def run(self) -> None:
        """Be there until cancelled."""
        await asyncio.Event().wait()

    async def deliver(self, delivery: Delivery) -> None:
        """Do as the mood says."""
        mood = self.moods.pop(0) if self.moods else TAKES
        if mood == AWAY:
            msg = "away"
            raise PublishError(msg)
        if mood == REFUSES:
            msg = "refused"
            raise RefusedError(msg)
        if mood != DIES_BEFORE:
            self.taken.append(delivery)
        if mood == TAKES_AND_FAILS:
            msg = "no answer"
            raise PublishError(msg)
        if mood in (DIES_BEFORE, DIES_AFTER):
            self.died.set()
            await asyncio.Event().wait()


class Road:
    """One channel of one plan; `go()` lets the relay work until it has nothing to do, or dies."""

    def __init__(self, plan: Plan, spec: ChannelSpec, now: int, at_once: int = 3) -> None:
        self.clock = Clock(now)
        self.outbox = LivingOutbox()
        self.way = Moody(at_once)
        self._plan = plan
        self._spec = spec
        self._idle = asyncio.Event()
        self._on = asyncio.Event()
        self._relay: asyncio.Task[None] | None = None

    async def go(self) -> None:
        """Let the relay work until it is idle; where it dies, the next one begins at the next time."""
        self._idle.clear()
        if self._relay is None:
            self._relay = asyncio.create_task(self._a_relay().run(self._wake))
        self._on.set()
        ends = [asyncio.create_task(event.wait()) for event in (self._idle, self.way.died)]
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.cancel()
        if self.way.died.is_set():
            await self.kill()

    async def kill(self) -> None:
        """End the relay wherever it is."""
        if self._relay is not None:
            self._relay.cancel()
            await asyncio.gather(self._relay, return_exceptions=True)
        self._relay = None
        self.way.died.clear()

    async def to_the_end(self, most: int = 3_000) -> None:
        """Let time pass, with everything acknowledged and every trouble over, until all has ended."""
        self.way.moods, self.outbox.failures = [], []
        self.outbox.acknowledged |= {item.case_id for item in self.outbox.items if item.case_id is not None}
        for _ in range(most):
            await self.go()
            if len(self.outbox.ended) == len(self.outbox.items) and not self._storms():
                break
            self.clock.now += 61 * SECOND
        await self.kill()

    def _storms(self) -> bool:
        return self.outbox.paced(self._spec.name, 0, 1).storm is not None

    async def _wake(self) -> None:
        self._on.clear()
        self._idle.set()
        await self._on.wait()

    def _a_relay(self) -> Relay:
        return Relay(
            firm="demo",
            spec=self._spec,
            outbox=self.outbox,
            way=self.way,
            clock=self.clock,
            plan=self._plan,
            limit=5,
        )


def first_seen(keys: Iterable[str]) -> list[str]:
    """Return each key where it came first."""
    return list(dict.fromkeys(keys))


def told(taken: Iterable[Delivery], of: Callable[[int], bool] = lambda _: True) -> list[tuple[str, int, str]]:
    """Return key, exception and reason of each alert that was taken, in the order of taking."""
    return [(one.key, one.exception, one.reason) for delivery in taken for one in delivery.alerts if of(one.exception)]
