"""A storm of alerts on one channel: how fast it speaks, and what it leaves unsaid meanwhile. Pure."""

from __future__ import annotations

from collections import Counter, deque

import msgspec

from alerts.plan import SECOND, Storm
from alerts.ports import Letter

TOPIC = "storm"
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


class Pace:
    """How much one channel has said of late, and the storm that stands; it forgets both when the watch is restarted."""

    def __init__(self, firm: str, channel: str, storm: Storm | None) -> None:
        self._firm = firm
        self._channel = channel
        self._storm = storm
        self._said: deque[int] = deque()
        self._began: int | None = None
        self._told = False
        self._withheld: Counter[str] = Counter()

    def recent(self, now: int) -> int:
        """Return how many alerts were sent or withheld within the span that ends now."""
        if self._storm is None:
            return 0
        while self._said and self._said[0] <= now - self._storm.within:
            self._said.popleft()
        return len(self._said)

    def note(self, now: int, withheld: str | None = None) -> None:
        """Count an alert that is sent, or one of the rule `withheld` that the storm leaves unsaid."""
        if self._storm is None:
            return
        self._said.append(now)
        if withheld is not None:
            self._began = now if self._began is None else self._began
            self._withheld[withheld] += 1

    def news(self, now: int, going: int = 0) -> Letter | None:
        """Return what is to be said of the storm once: that it has begun, and later that it is over.

        `going` are those that are being sent at this moment.
        """
        if self._storm is None or self._began is None:
            return None
        if self.recent(now) + going < self._storm.more_than:
            letter = self._letter(self._began, now)
            self._began, self._told, self._withheld = None, False, Counter()
            return letter
        told, self._told = self._told, True
        return None if told else self._letter(self._began, None)

    def _letter(self, began: int, ended: int | None) -> Letter:
        assert self._storm is not None
        name = "ended" if ended else "began"
        key = f"{TOPIC}/{self._channel}/{began}/{name}"
        report = StormReport(
            key=f"{self._firm}/{key}",
            firm=self._firm,
            channel=self._channel,
            began_at=began,
            ended_at=ended,
            more_than=self._storm.more_than,
            within_s=self._storm.within // SECOND,
            floor=self._storm.floor.value,
            withheld=dict(sorted(self._withheld.items())) if ended else {},
        )
        return Letter(key=key, reason=f"storm {name}", body=msgspec.json.encode(report), rule=TOPIC, topic=TOPIC)
