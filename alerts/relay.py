"""Drains the outbox into a channel: at least once, at most one in flight per case, decided at send time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import msgspec
import structlog

from alerts.alert import Alert
from alerts.judging import Judge
from alerts.parcels import Groups, Judged, Parcel, settled_as, unsent
from alerts.plan import SECOND, ChannelSpec, Plan
from alerts.policy import Decision, Verdict
from alerts.ports import (
    LONGEST_REST,
    Channel,
    Counts,
    Dead,
    Held,
    Outbox,
    PublishError,
    RefusedError,
    Settled,
    Uncounted,
    Waiting,
)
from alerts.reminders import Reminders
from alerts.rests import Rests
from alerts.storm import Pace
from alerts.turns import Turns

log = structlog.get_logger()

LONGEST_WAIT_S = 60.0
DOUBTFUL = 5 * SECOND
"""What the other side took within so long before it died is sent again: it may have died with it."""
MARGIN_S = 10.0
"""How much longer than by its own bounds a channel may take before it counts as hanging."""
T = TypeVar("T")


def backoff_ns(attempts: int, jitter: Callable[[], float] = random.random) -> int:
    """Return how long to hold an alert after its n-th failed attempt: doubling, at most a minute, with jitter."""
    wait = min(LONGEST_WAIT_S, 2.0 ** min(attempts, 10) * 0.25)
    return int(wait * (0.5 + jitter() / 2) * SECOND)


class Relay:
    """Sends what waits on one channel; `turn()` does one round, `run()` does rounds until it is cancelled.

    `clock` returns UTC nanoseconds. The outbox is asked on a thread of the relay's own, so that no other channel and
    nothing else in the daemon ever waits for it. After a round in which nothing was taken the channel rests, and tries
    one alert at a time until something is.
    """

    def __init__(
        self,
        *,
        firm: str,
        spec: ChannelSpec,
        outbox: Outbox,
        way: Channel,
        clock: Callable[[], int],
        plan: Plan | None = None,
        market_open: Callable[[int], bool] = lambda _: True,
        counts: Counts | None = None,
        limit: int = 50,
    ) -> None:
        plan = plan or Plan(channels=(spec,))
        self._firm = firm
        self._spec = spec
        self._outbox = outbox
        self._way = way
        self._clock = clock
        self._counts = counts or Uncounted()
        self._limit = limit
        self._pace = Pace(firm, spec.name, spec.storm)
        self._groups = Groups(spec.group)
        self._rests = Rests(spec.give_up, backoff_ns)
        self._judge = Judge(plan=plan, spec=spec, market_open=market_open, pace=self._pace, groups=self._groups)
        self._reminders = Reminders(spec.name, plan, outbox, market_open)
        self._aside = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"alerts-{spec.name}")
        self._trouble = ""
        self._begun = False
        self._knows_pace = False
        self._told_again = way.lost_at

    async def run(self, wake: Callable[[], Awaitable[None]]) -> None:
        """Send for ever; `wake` returns when there may be something new, or after its own bound.

        A round that fails (a locked or full database) is logged and tried again: the watch goes on.
        """
        try:
            while True:
                try:
                    done = await self.turn()
                except Exception:
                    log.exception("alerts_failed", channel=self._spec.name)
                    self._knows_pace = False
                    done = 0
                if done == 0:
                    await wake()
        finally:
            self._aside.shutdown(wait=False, cancel_futures=True)

    async def turn(self) -> int:
        """Send one round of waiting alerts; return of how many the turn is over. Without a connection none is tried."""
        if not self._way.connected or self._rests.is_resting(self._clock()):
            return 0
        if not self._knows_pace:
            await self._ask(self._begin)
        if not await self._say_again():
            return 0
        if self._reminders.are_due(self._clock()):
            await self._ask(self._reminders.put, self._clock())
        waiting = await self._ask(self._outbox.waiting, self._spec.name, self._limit, self._clock())
        judged = list(self._judge.round(waiting, self._clock()))
        await self._tell_of_storms(judged)
        going = [one for one in judged if isinstance(one, Judged) and one.decision.verdict is Verdict.SENT]
        ends = [*await self._sent(going), *(end for one in judged for end in unsent(one))]
        await self._keep(ends)
        self._note(judged)
        return sum(not (isinstance(end, Held) and end.tried) for end in ends)

    def _begin(self) -> None:
        """Learn from the outbox how the channel stands; what an earlier plan held is decided by that of now."""
        if not self._begun:
            self._outbox.decide_anew(self._spec.name)
        within, most = (1, 1) if self._spec.storm is None else (self._spec.storm.within, self._spec.storm.more_than)
        self._pace.restore(self._outbox.paced(self._spec.name, self._clock() - within, most))
        self._begun = self._knows_pace = True

    async def _tell_of_storms(self, judged: list[Judged | Dead]) -> None:
        unsaid = any(isinstance(one, Judged) and one.decision.storm for one in judged)
        if (news := self._pace.news(self._clock(), going=self._judge.going, unsaid=unsaid)) is not None:
            await self._ask(self._outbox.tell, self._spec.name, [news.letter], self._clock())
            self._pace.told(news)

    def _note(self, judged: list[Judged | Dead]) -> None:
        for one in judged:
            if isinstance(one, Judged) and one.alert is not None and one.decision.storm:
                self._pace.note(self._clock(), one.alert.rule)

    async def _sent(self, going: list[Judged]) -> list[Settled | Held | Dead]:
        """Send what may go out; of a channel in trouble one is tried, and what is overdue shares its fate."""
        self._trouble = ""
        parcels = self._groups.parcels(self._firm, going)
        tried = parcels[:1] if self._rests.is_troubled else parcels
        turns = Turns(self._way.at_once)
        sent = await asyncio.gather(*(self._send(parcel, turns) for parcel in tried))
        left = [one.item for parcel in parcels[len(tried) :] if self._trouble for one in parcel.judged]
        return [*(end for group in sent for end in group), *(end for item in left for end in self._overdue(item))]

    async def _send(self, parcel: Parcel, turns: Turns) -> list[Settled | Held | Dead]:
        """Send a parcel when its turn comes; what has no turn in this round is not tried, and waits for the next."""
        async with turns.free:
            if turns.over:
                return []
            trouble = await self._deliver(parcel)
            turns.trouble |= trouble is not None and not isinstance(trouble, RefusedError)
        if trouble is None:
            now = self._clock()
            for one in parcel.judged:
                self._counts.delivered(self._spec.name, max(0, now - one.item.since) / SECOND)
                if one.alert is not None:
                    self._pace.note(now)
            return [settled_as(one) for one in parcel.judged]
        if isinstance(trouble, RefusedError) and len(parcel.judged) > 1:
            # one of them is what it will not take: each must be heard for itself
            return [end for single in parcel.singles for end in await self._send(single, turns)]
        return [self._failed(one.item, trouble) for one in parcel.judged]

    async def _deliver(self, parcel: Parcel) -> PublishError | None:
        """Hand a delivery over; return what went wrong, None when the other side has it."""
        bound = self._way.longest_s + MARGIN_S
        try:
            async with asyncio.timeout(bound):
                await self._way.deliver(parcel.delivery)
        except PublishError as error:
            return error
        except TimeoutError:
            return PublishError(f"no answer within {bound:g} s")
        except Exception as error:
            log.exception("channel_failed", channel=self._spec.name)
            return PublishError(f"the channel failed: {error!r}")
        return None

    def _failed(self, item: Waiting, trouble: PublishError) -> Held | Dead:
        if isinstance(trouble, RefusedError):
            return Dead(item.outbox_id, str(trouble))
        now, asked = self._clock(), int((trouble.retry_after_s or 0.0) * SECOND)
        self._trouble = str(trouble)
        self._rests.failed(item.outbox_id, now)
        self._rests.pause(now, asked)
        held = Held(item.outbox_id, self._trouble, now + min(max(backoff_ns(item.attempts), asked), LONGEST_REST))
        return next(self._overdue(item, tried=True), held)

    def _overdue(self, item: Waiting, *, tried: bool = False) -> Iterator[Dead]:
        """Yield the end of an alert that is given up, of one that is not nothing."""
        now = self._clock()
        if self._rests.gives_up(item.outbox_id, item.since, now):
            yield Dead(item.outbox_id, f"given up after {(now - item.since) // SECOND} s: {self._trouble}", tried)

    async def _keep(self, ends: Iterable[Settled | Held | Dead]) -> None:
        """Write down what became of a round, and let the channel rest when nothing of it was taken."""
        ends = list(ends)
        settled = [end for end in ends if isinstance(end, Settled)]
        held = [end for end in ends if isinstance(end, Held)]
        dead = [end for end in ends if isinstance(end, Dead)]
        tried = [end.why for end in held if end.tried] + [end.why for end in dead if end.tried]
        for end in settled:
            self._counts.settled(self._spec.name, end.verdict)
        for _ in tried:
            self._counts.failed(self._spec.name)
        if settled:
            await self._ask(self._outbox.settle, settled, self._clock())
        if held:
            await self._ask(self._outbox.hold, held)
        if dead:
            await self._ask(self._outbox.bury, dead, self._clock())
        if tried:
            log.warning("alerts_not_delivered", channel=self._spec.name, alerts=len(tried), reason=tried[0])
        for outbox_id in (*(end.outbox_id for end in settled), *(end.outbox_id for end in dead)):
            self._rests.ended(outbox_id)
        if any(end.verdict == Verdict.SENT for end in settled):
            self._rests.taken()
        elif self._trouble:
            self._rests.nothing_taken(self._clock())

    async def _say_again(self) -> bool:
        """Send again, under the same keys, what the other side took just before it died; return whether it went."""
        lost_at = self._way.lost_at
        if lost_at is None or lost_at == self._told_again:
            return True
        doubtful = await self._ask(self._outbox.sent_since, self._spec.name, lost_at - DOUBTFUL)
        for parcel in self._groups.parcels(self._firm, [_read(item) for item in doubtful]):
            if (trouble := await self._deliver(parcel)) is not None and not isinstance(trouble, RefusedError):
                log.warning("alerts_not_sent_again", channel=self._spec.name, reason=str(trouble))
                self._rests.nothing_taken(self._clock())
                return False
        if doubtful:
            log.info("alerts_sent_again", channel=self._spec.name, alerts=len(doubtful))
            await self._ask(self._outbox.sent_again, [item.outbox_id for item in doubtful])
        self._told_again = lost_at
        return True

    async def _ask(self, question: Callable[..., T], *words: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._aside, question, *words)


def _read(item: Waiting) -> Judged:
    """Return an alert that was sent before, to be sent as it is."""
    alert = msgspec.json.decode(item.body, type=Alert) if item.topic is None else None
    return Judged(item, alert, Decision(Verdict.SENT, item.reason))
