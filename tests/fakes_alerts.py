"""An outbox and a channel in memory, and alerts to put into them; contract tests hold both to the real ones."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import msgspec

from alerts.alert import Alert, encode, idempotency_key
from alerts.policy import UNSAID
from alerts.ports import LONGEST_REST, Dead, Delivery, Held, Letter, Paced, PublishError, Sent, Settled, Waiting
from alerts.storm import BEGAN_KEY, TOPIC, began_at
from rules.finding import Severity


def an_alert(number: int = 1, exception: int = 1, **changes: Any) -> Alert:
    """Return the alert about the n-th step of an exception, high unless said otherwise."""
    values: dict[str, Any] = {
        "key": idempotency_key("demo", exception, number),
        "firm": "demo",
        "exception": exception,
        "sequence": number,
        "reason": "opened",
        "rule": "slow_fill",
        "severity": Severity.HIGH,
        "state": "new",
        "sentence": f"Step {number} of {exception}.",
        "cause": "venue XTST",
        "counterparty": "sor",
        "session": "FIX.4.4:FIRM->SOR",
        "trade_date": "2026-11-20",
        "symbol": "ACME",
        "venue": "XTST",
        "findings": 1,
        "dollar_harm": None,
        "first_at": "2026-11-20T15:00:00.000000000Z",
        "last_at": "2026-11-20T15:00:00.000000000Z",
        "committed_at": "2026-11-20T15:00:00.000000000Z",
    }
    return Alert(**{**values, **changes})


def waits(number: int, exception: int = 1, *, acknowledged: bool = False, since: int = 0, **changes: Any) -> Waiting:
    """Return that alert as it waits in the outbox under that number."""
    alert = an_alert(number, exception, **changes)
    return Waiting(
        outbox_id=number,
        key=alert.key,
        case_id=exception,
        rule=alert.rule,
        severity=alert.severity.value,
        reason=alert.reason,
        body=encode(alert),
        attempts=0,
        acknowledged=acknowledged,
        since=since,
    )


def seal(number: int) -> Waiting:
    """Return a seal that waits in the outbox under that number."""
    return msgspec.structs.replace(
        waits(number), case_id=None, topic="seals", key=f"seals/{number}", body=b'{"seq":%d}' % number
    )


class FakeOutbox:
    """An outbox in memory with the promise of the port: the oldest alert of each case that waits."""

    def __init__(self, *items: Waiting) -> None:
        self.items = list(items)
        self.done: list[Settled] = []
        self.held: dict[int, Held] = {}
        self.dead: list[Dead] = []
        self.errors: list[str] = []
        self.letters: list[Letter] = []
        self.unacknowledged: list[Sent] = []
        self.again: list[int] = []
        self._settled: list[tuple[int, Settled]] = []
        self._sent: list[tuple[int, int]] = []

    def waiting(self, channel: str, limit: int, now: int) -> list[Waiting]:
        """Return the head of each case unless it rests; what the plan holds leaves its turn to the next."""
        gone = {one.outbox_id for one in self.done} | {one.outbox_id for one in self.dead}
        heads: dict[int | None, Waiting] = {}
        passed: dict[int | None, tuple[int, ...]] = {}
        for item in self.items:
            if item.outbox_id in gone or item.case_id in heads:
                continue
            held = self.held.get(item.outbox_id)
            if held is not None and not held.tried and held.not_before > now:
                passed[item.case_id] = (*passed.get(item.case_id, ()), item.outbox_id)
            else:
                heads[item.case_id] = msgspec.structs.replace(item, behind=passed.get(item.case_id, ()))
        return [item for item in heads.values() if self._has_rested(item.outbox_id, now)][:limit]

    def settle(self, settled: list[Settled], now: int) -> None:
        """Remember what is done."""
        self.done += settled
        self._settled += [(now, one) for one in settled]
        self._sent += [(now, one.outbox_id) for one in settled if one.verdict == "sent"]

    def hold(self, held: list[Held]) -> None:
        """Hold the alerts."""
        self.errors += [one.why for one in held]
        self.held |= {one.outbox_id: one for one in held}

    def bury(self, dead: list[Dead], now: int) -> None:
        """Remember the dead letters."""
        self.dead += dead

    def sent_since(self, channel: str, since: int) -> list[Waiting]:
        """Return what was sent from then on."""
        sent = [outbox_id for at, outbox_id in self._sent if at >= since]
        return [item for outbox_id in sent for item in self.items if item.outbox_id == outbox_id]

    def sent_again(self, outbox_ids: list[int]) -> None:
        """Remember them."""
        self.again += outbox_ids

    def unanswered(self, channel: str, before: int) -> list[Sent]:
        """Return those of what the test put there that were sent before."""
        return [sent for sent in self.unacknowledged if sent.at <= before]

    def tell(self, channel: str, letters: list[Letter], now: int) -> None:
        """Remember each letter once."""
        known = {letter.key for letter in self.letters}
        self.letters += [letter for letter in letters if letter.key not in known]

    def paced(self, channel: str, since: int, most: int) -> Paced:
        """Return what was said and left unsaid, and the storm of which the end was not told."""
        rules = {item.outbox_id: item.rule for item in self.items}
        unsaid = [(at, one) for at, one in self._settled if one.reason.startswith(UNSAID)]
        said = sorted([at for at, _ in unsaid if at > since] + [at for at, _ in self._sent if at > since])[-most:]
        letters = [letter for letter in self.letters if letter.topic == TOPIC]
        storm = letters[-1].body if letters and letters[-1].key.endswith(BEGAN_KEY) else None
        if storm is None:
            return Paced(tuple(said), None, {})
        withheld = Counter(rules[one.outbox_id] for at, one in unsaid if at >= began_at(storm))
        return Paced(tuple(said), storm, dict(withheld))

    def decide_anew(self, channel: str) -> None:
        """Let what the plan holds rest no more."""
        self.held = {key: one for key, one in self.held.items() if one.tried}

    def _has_rested(self, outbox_id: int, now: int) -> bool:
        held = self.held.get(outbox_id)
        return held is None or held.not_before <= now or (held.tried and held.not_before > now + LONGEST_REST)


class FakeChannel:
    """A channel that remembers, and fails as often as told."""

    def __init__(self, *troubles: PublishError, connected: bool = True) -> None:
        self.connected = connected
        self.lost_at: int | None = None
        self.at_once = 20
        self.longest_s = 1.0
        self.taken: list[Delivery] = []
        self.troubles = list(troubles)

    @property
    def keys(self) -> list[str]:
        """Return the keys of what was taken."""
        return [delivery.key for delivery in self.taken]

    async def run(self) -> None:
        """Be there until cancelled."""
        await asyncio.Event().wait()

    async def deliver(self, delivery: Delivery) -> None:
        """Take it, or raise the next trouble; what goes at one time has begun by then."""
        await asyncio.sleep(0)
        if self.troubles:
            raise self.troubles.pop(0)
        self.taken.append(delivery)
