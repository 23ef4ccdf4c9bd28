"""Drains the outbox into a channel: at least once, at most one in flight per case, decided at send time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import msgspec
import structlog

from alerts.again import again
from alerts.alert import Alert
from alerts.parcels import GOES_SECOND, Groups, Judged, Parcel, settled_as, unsent
from alerts.plan import SECOND, ChannelSpec, Plan
from alerts.policy import Decision, Moment, Verdict, decide, due_again, shortest_repeat
from alerts.ports import (
    Channel,
    Counts,
    Dead,
    Held,
    Letter,
    Outbox,
    PublishError,
    RefusedError,
    Settled,
    Uncounted,
    Waiting,
)
from alerts.storm import Pace
from alerts.turns import Turns
from rules.finding import Severity

log = structlog.get_logger()

LONGEST_WAIT_S = 60.0
DOUBTFUL = 5 * SECOND
"""What the other side took within so long before it died is sent again: it may have died with it."""
REMIND_EVERY = 10 * SECOND
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
        self._firm = firm
        self._spec = spec
        self._outbox = outbox
        self._way = way
        self._clock = clock
        self._plan = plan or Plan(channels=(spec,))
        self._market_open = market_open
        self._counts = counts or Uncounted()
        self._limit = limit
        self._pace = Pace(firm, spec.name, spec.storm)
        self._groups = Groups(spec.group)
        self._aside = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"alerts-{spec.name}")
        self._going = 0
        self._urged: dict[int | None, tuple[int, Severity]] = {}
        self._troubles = 0
        self._rest_until = 0
        self._told_again = way.lost_at
        self._remind_at = 0

    async def run(self, wake: Callable[[], Awaitable[None]]) -> None:
        """Send for ever; `wake` returns when there may be something new, or after its own bound.

        A round that fails (a locked or full database) is logged and tried again: the watch goes on.
        """
        try:
            while True:
                try:
                    settled = await self.turn()
                except Exception:
                    log.exception("alerts_failed", channel=self._spec.name)
                    settled = 0
                if settled == 0:
                    await wake()
        finally:
            self._aside.shutdown(wait=False, cancel_futures=True)

    async def turn(self) -> int:
        """Send one round of waiting alerts; return how many were settled. Without a connection none is tried."""
        if not self._way.connected or self._clock() < self._rest_until:
            return 0
        if not await self._say_again():
            return 0
        await self._remind()
        waiting = await self._ask(self._outbox.waiting, self._spec.name, self._most, self._clock())
        self._going = 0
        judged = [self._judge(item) for item in waiting]
        if (news := self._pace.news(self._clock(), self._going)) is not None:
            await self._tell([news])
        going = [one for one in judged if isinstance(one, Judged) and one.decision.verdict is Verdict.SENT]
        turns = Turns(self._way.at_once)
        sent = await asyncio.gather(*(self._send(parcel, turns) for parcel in self._groups.parcels(self._firm, going)))
        ends = [end for group in sent for end in group]
        ends += [end for one in judged for end in unsent(one)]
        await self._keep(ends)
        return sum(not isinstance(end, Held) for end in ends)

    @property
    def _most(self) -> int:
        return 1 if self._troubles else self._limit

    def _judge(self, item: Waiting) -> Judged | Dead:
        now, urged = self._clock(), self._urging(item)
        if item.topic is not None:
            return Judged(item, None, Decision(Verdict.SENT, item.reason))
        try:
            alert = msgspec.json.decode(item.body, type=Alert)
        except msgspec.DecodeError as error:
            return Dead(item.outbox_id, f"it cannot be read: {error}")
        decision = decide(
            alert,
            self._plan,
            self._spec,
            made=self._moment(item.since),
            now=self._moment(now),
            acknowledged=item.acknowledged,
            recent=self._pace.recent(now) + self._going,
            urged=urged,
        )
        if decision.verdict is Verdict.SENT:
            due = now if urged else self._groups.due(alert, item.since, now)
            decision = self._in_turn(item, alert, decision, due)
        if decision.storm:
            self._pace.note(now, alert.rule)
        return Judged(item, alert, decision)

    def _in_turn(self, item: Waiting, alert: Alert, decision: Decision, due: int) -> Decision:
        """Return the decision about what may go, once what goes with it and what goes before it are considered."""
        if due > self._clock():
            return Decision(Verdict.HELD, "waits for others of its group", decision.route, due)
        if item.behind:
            self._urged[item.case_id] = item.outbox_id, alert.severity
            return Decision(Verdict.HELD, GOES_SECOND, decision.route, due)
        self._going += 1
        return decision

    def _urging(self, item: Waiting) -> Severity | None:
        """Return how grave the later alert is that waits for this one, None when none does."""
        later, severity = self._urged.get(item.case_id, (0, None))
        if severity is not None and item.outbox_id >= later:
            del self._urged[item.case_id]
            return None
        return severity

    def _moment(self, at: int) -> Moment:
        return Moment(at, self._market_open(at))

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
        now = self._clock()
        if isinstance(trouble, RefusedError):
            return Dead(item.outbox_id, str(trouble))
        give_up = self._spec.give_up
        if give_up is not None and now - item.since >= give_up:
            return Dead(item.outbox_id, f"given up after {(now - item.since) // SECOND} s: {trouble}")
        wait = max(backoff_ns(item.attempts), int((trouble.retry_after_s or 0.0) * SECOND))
        self._rest_until = max(self._rest_until, now + int((trouble.retry_after_s or 0.0) * SECOND))
        return Held(item.outbox_id, str(trouble), now + wait)

    async def _keep(self, ends: Iterable[Settled | Held | Dead]) -> None:
        """Write down what became of a round, and let the channel rest when nothing of it was taken."""
        ends = list(ends)
        settled = [end for end in ends if isinstance(end, Settled)]
        held = [end for end in ends if isinstance(end, Held)]
        dead = [end for end in ends if isinstance(end, Dead)]
        tried = [end.why for end in held if end.tried] + [end.why for end in dead]
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
        self._rest(failed=any(end.tried for end in held), taken=any(end.verdict == Verdict.SENT for end in settled))

    def _rest(self, *, failed: bool, taken: bool) -> None:
        if taken or not failed:
            self._troubles = 0 if taken else self._troubles
            return
        self._rest_until = max(self._rest_until, self._clock() + backoff_ns(self._troubles))
        self._troubles += 1

    async def _say_again(self) -> bool:
        """Send again, under the same keys, what the other side took just before it died; return whether it went."""
        lost_at = self._way.lost_at
        if lost_at is None or lost_at == self._told_again:
            return True
        doubtful = await self._ask(self._outbox.sent_since, self._spec.name, lost_at - DOUBTFUL)
        for parcel in self._groups.parcels(self._firm, [_read(item) for item in doubtful]):
            if (trouble := await self._deliver(parcel)) is not None and not isinstance(trouble, RefusedError):
                log.warning("alerts_not_sent_again", channel=self._spec.name, reason=str(trouble))
                self._rest(failed=True, taken=False)
                return False
        if doubtful:
            log.info("alerts_sent_again", channel=self._spec.name, alerts=len(doubtful))
            await self._ask(self._outbox.sent_again, [item.outbox_id for item in doubtful])
        self._told_again = lost_at
        return True

    async def _remind(self) -> None:
        """Put what nobody has acknowledged into the outbox again, where its route says after how long."""
        now, shortest = self._clock(), shortest_repeat(self._plan, self._spec.name)
        if shortest is None or now < self._remind_at:
            return
        self._remind_at = now + min(REMIND_EVERY, shortest)
        letters = []
        for sent in await self._ask(self._outbox.unanswered, self._spec.name, now - shortest):
            alert = msgspec.json.decode(sent.alert.body, type=Alert)
            if due_again(self._plan, self._spec.name, alert, sent.at, made=self._moment(sent.alert.since), now=now):
                letters.append(again(alert, sent.alert, sent.told, now))
        await self._tell(letters)

    async def _tell(self, letters: list[Letter]) -> None:
        if letters:
            await self._ask(self._outbox.tell, self._spec.name, letters, self._clock())

    async def _ask(self, question: Callable[..., T], *words: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._aside, question, *words)


def _read(item: Waiting) -> Judged:
    """Return an alert that was sent before, to be sent as it is."""
    alert = msgspec.json.decode(item.body, type=Alert) if item.topic is None else None
    return Judged(item, alert, Decision(Verdict.SENT, item.reason))
