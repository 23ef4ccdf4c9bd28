"""What is uncertain while messages of a counterparty are missing: findings to look at again, and what for. Pure.

Bounded: what does not fit is not held, and each finding that is not says so at once and stays uncertain.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from rules.facts import Fade, FeedEvent, FeedEventKind, Fill, Markout, OrderOutcome
from rules.finding import Finding
from rules.judges import Move
from rules.observed import Row

MOST_HELD = 4096
"""Findings, fills and outcomes that are held for each counterparty, of each so many."""
MOST_WINDOWS = 64
"""Findings of each counterparty that are held with the whole window they were found on."""
MOST_GAPS = 16
"""Gaps that are told by their numbers; more are counted."""

_BEGINS = (FeedEventKind.GAP_OPENED, FeedEventKind.EPOCH_CHANGED)


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """An uncertain finding with the fact that raised it, one of the five.

    `rows` is what the window held that a rule found it on, None for a rule without one and where there was no room.
    """

    finding: Finding
    fill: Fill | None = None
    outcome: OrderOutcome | None = None
    event: FeedEvent | None = None
    mark: Markout | None = None
    fade: Fade | None = None
    rows: list[Row] | None = None

    @property
    def counted(self) -> Fill | OrderOutcome | Markout | Fade | None:
        """Return the fact, where it is one that a window counts."""
        return self.fill or self.outcome or self.mark or self.fade


class Uncertain(msgspec.Struct, kw_only=True):
    """What is held for one counterparty from its first missing number to the last.

    `gaps` are (session, numbers) of those that were opened, `more` how many there were beyond them; `lost` are the
    (session, epoch) that ended with numbers missing. `fills` could not be judged for want of their order's receipt;
    `outcomes` are the ends of orders that were counted while messages were missing, by order, `executions` what was
    executed. `removed` is, by rule, what busts and corrections took out of windows of marks.
    """

    counterparty: str
    gaps: list[tuple[str, str]] = []
    more: int = 0
    lost: list[tuple[str, str]] = []
    findings: list[Held] = []
    windows: int = 0
    fills: list[Fill] = []
    outcomes: dict[str, OrderOutcome] = {}
    executions: dict[str, Fill] = {}
    removed: dict[str, list[Move]] = {}

    def tell(self, event: FeedEvent) -> None:
        """Take note of what was missing, and of what will never come."""
        if event.kind not in _BEGINS:
            return
        if event.kind is FeedEventKind.GAP_OPENED:
            gap = (event.session, event.subject)
            if len(self.gaps) < MOST_GAPS:
                self.gaps.append(gap)
            else:
                self.more += 1
        elif event.detail.get("lost"):
            self.lost.append((event.session, epoch_lost(event)))

    def missing(self) -> str:
        """Return in words which messages were missing."""
        if not self.gaps:
            return "some messages"
        return named(self.gaps) + (f" and {self.more} more gaps" if self.more else "")

    def hold(self, held: Held) -> bool:
        """Keep an uncertain finding; return False when there is no room."""
        if len(self.findings) >= MOST_HELD:
            return False
        if held.rows is not None:
            self.windows += 1
            if self.windows > MOST_WINDOWS:
                held = msgspec.structs.replace(held, rows=None)
        self.findings.append(held)
        return True

    def await_receipt(self, fill: Fill) -> None:
        """Keep a fill that may be judged when its order's receipt comes."""
        if len(self.fills) < MOST_HELD:
            self.fills.append(fill)

    def counted(self, fact: Fill | OrderOutcome) -> None:
        """Keep an order's end or an execution as it was counted."""
        if isinstance(fact, OrderOutcome):
            if len(self.outcomes) < MOST_HELD:
                self.outcomes[_of_order(fact)] = fact
        elif len(self.executions) < MOST_HELD:
            self.executions[fact.execution_id] = fact

    def taken_out(self, moved: Mapping[str, list[Move]]) -> None:
        """Keep what was taken out of windows."""
        for rule, moves in moved.items():
            kept = self.removed.setdefault(rule, [])
            kept += moves[: MOST_HELD - len(kept)]

    def requote(self, now: Fill | OrderOutcome) -> None:
        """Hold a fact by its new quotes in the place of the same by its old ones."""
        if isinstance(now, OrderOutcome):
            if _of_order(now) in self.outcomes:
                self.outcomes[_of_order(now)] = now
            # the window that one was counted in is known by what it was counted as
            self.findings = [
                msgspec.structs.replace(held, outcome=now) if held.rows is None and _ends(held, now) else held
                for held in self.findings
            ]
            return
        if now.execution_id in self.executions:
            self.executions[now.execution_id] = now
        self.fills = [now if fill.execution_id == now.execution_id else fill for fill in self.fills]
        self.findings = [
            msgspec.structs.replace(held, fill=now)
            if held.rows is None and held.fill is not None and held.fill.execution_id == now.execution_id
            else held
            for held in self.findings
        ]


def _of_order(outcome: OrderOutcome) -> str:
    return f"{outcome.order.level.value}\x1f{outcome.order.order_key}"


def _ends(held: Held, outcome: OrderOutcome) -> bool:
    return held.outcome is not None and _of_order(held.outcome) == _of_order(outcome)


def epoch_lost(event: FeedEvent) -> str:
    """Return the epoch that a change of epoch ended."""
    return str(event.detail.get("previous", event.detail.get("epoch")) or "")


def named(gaps: list[tuple[str, str]]) -> str:
    """Return gaps in words: "messages 5-6", with their sessions where there are several."""
    sessions = {session for session, _ in gaps}
    if len(sessions) == 1:
        numbers = ", ".join(numbers for _, numbers in gaps)
        return f"message {numbers}" if numbers.isdigit() else f"messages {numbers}"
    return "messages " + ", ".join(f"{numbers} of {session}" for session, numbers in gaps)
