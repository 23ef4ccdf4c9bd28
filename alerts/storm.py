"""A storm of alerts on one channel: how fast it speaks, and what it leaves unsaid meanwhile. Pure."""

from __future__ import annotations

from collections import Counter, deque
from typing import NamedTuple

import msgspec

from alerts.plan import SECOND, Storm
from alerts.ports import Letter, Paced

TOPIC = "storm"
BEGAN_KEY = "/began"
"""How the key of a letter ends that says that a storm has begun."""
SCHEMA = 1


class StormReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel says of a storm, at its begin and (with `ended_at`) at its end; times in UTC nanoseconds.

    `withheld` says how many alerts of which rule were left unsaid, `floor` which severity was told one by one.
    """

    schema: int = SCHEMA
    key: str
    firm: str
    channel: str
    began_at: int
    ended_at: int | None
    more_than: int
    within_s: int
    floor: str
    withheld: dict[str, int]


class News(NamedTuple):
    """A letter about a storm; `begun` is what it says of one that stands from then on, None of one that is over."""

    letter: Letter
    begun: StormReport | None


class Pace:
    """How much one channel has said of late, and the storm that stands, as the outbox knows it."""

    def __init__(self, firm: str, channel: str, storm: Storm | None) -> None:
        self._firm = firm
        self._channel = channel
        self._storm = storm
        self._said: deque[int] = deque()
        self._begun: StormReport | None = None
        self._withheld: Counter[str] = Counter()

    def restore(self, paced: Paced) -> None:
        """Go on from what the outbox knows, and from nothing else."""
        self._said = deque(paced.said)
        self._begun = None if paced.storm is None else msgspec.json.decode(paced.storm, type=StormReport)
        self._withheld = Counter(paced.withheld)

    def recent(self, now: int) -> int:
        """Return how many alerts were sent or withheld within the span that ends now."""
        if self._storm is None:
            return 0
        while self._said and self._said[0] <= now - self._storm.within:
            self._said.popleft()
        while self._said and self._said[-1] > now:
            self._said.pop()  # the clock was set back
        return len(self._said)

    def note(self, now: int, withheld: str | None = None) -> None:
        """Count an alert that was sent, or one of the rule `withheld` that the storm left unsaid."""
        if self._storm is None:
            return
        self._said.append(now)
        if withheld is not None:
            self._withheld[withheld] += 1

    def news(self, now: int, *, going: int = 0, unsaid: bool = False) -> News | None:
        """Return what is to be said of the storm: that it has begun, and later that it is over.

        `going` are those that are being sent at this moment, `unsaid` says that something is left unsaid now. It is
        news until it is told.
        """
        if self._begun is None:
            return self._begin(self._storm, now) if self._storm is not None and unsaid else None
        if self._storm is not None and self.recent(now) + going >= self._storm.more_than:
            return None
        over = {"ended_at": now, "withheld": dict(sorted(self._withheld.items()))}
        key = f"{TOPIC}/{self._channel}/{self._begun.began_at}/ended"
        report = msgspec.structs.replace(self._begun, key=f"{self._firm}/{key}", **over)
        return News(_letter(key, "storm ended", report), None)

    def told(self, news: News) -> None:
        """Take it that a letter is in the outbox."""
        self._begun = news.begun
        self._withheld = Counter()

    def _begin(self, storm: Storm, now: int) -> News:
        key = f"{TOPIC}/{self._channel}/{now}{BEGAN_KEY}"
        report = StormReport(
            key=f"{self._firm}/{key}",
            firm=self._firm,
            channel=self._channel,
            began_at=now,
            ended_at=None,
            more_than=storm.more_than,
            within_s=storm.within // SECOND,
            floor=storm.floor.value,
            withheld={},
        )
        return News(_letter(key, "storm began", report), report)


def _letter(key: str, reason: str, report: StormReport) -> Letter:
    return Letter(key=key, reason=reason, body=msgspec.json.encode(report), rule=TOPIC, topic=TOPIC)


def began_at(body: bytes) -> int:
    """Return when a storm began by a letter about it."""
    return msgspec.json.decode(body, type=StormReport).began_at
