"""What becomes of the alerts of one round on a channel: each is judged for itself and beside the others. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from alerts.alert import Alert
from alerts.parcels import GOES_SECOND, Groups, Judged
from alerts.plan import ChannelSpec, Plan
from alerts.policy import Decision, Moment, Verdict, decide, storming
from alerts.ports import Dead, Waiting
from alerts.storm import Pace
from rules.finding import Severity


class Judge:
    """Judges rounds of one channel, by its plan and by what it has said of late."""

    def __init__(
        self, *, plan: Plan, spec: ChannelSpec, market_open: Callable[[int], bool], pace: Pace, groups: Groups
    ) -> None:
        self._plan = plan
        self._spec = spec
        self._market_open = market_open
        self._pace = pace
        self._groups = groups
        self._going = 0
        self._urged: dict[int | None, tuple[int, Severity]] = {}

    def round(self, items: Iterable[Waiting], now: int) -> Iterator[Judged | Dead]:
        """Yield what becomes of alerts now.

        One that would be left unsaid only because others of the round go out is left for the next round: those may
        not arrive, and then they make no storm.
        """
        self._going = 0
        for item in items:
            judged = self._judged(item, now)
            if isinstance(judged, Dead) or not judged.decision.storm or self.is_storming(now):
                yield judged

    @property
    def going(self) -> int:
        """Return how many alerts of the last round may go out."""
        return self._going

    def is_storming(self, now: int) -> bool:
        """Return whether the channel has said so much that only what is grave goes one by one."""
        return storming(self._spec, self._pace.recent(now))

    def _judged(self, item: Waiting, now: int) -> Judged | Dead:
        urged = self._urging(item)
        if item.topic is not None:
            return Judged(item, None, Decision(Verdict.SENT, item.reason))
        try:
            alert = msgspec.json.decode(item.body, type=Alert)
        except msgspec.DecodeError as error:
            return Dead(item.outbox_id, f"it cannot be read: {error}", tried=False)
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
            decision = self._in_turn(item, alert, decision, due, now)
        return Judged(item, alert, decision)

    def _in_turn(self, item: Waiting, alert: Alert, decision: Decision, due: int, now: int) -> Decision:
        """Return the decision about what may go, once what goes with it and what goes before it are considered."""
        if due > now:
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
