"""What a step of the ledger comes to: facts are made of it, each is put to the rules, and both are added. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from rules.engine import Engine
from rules.facts import AnyFact, FeedEvent, Nanos
from rules.rulebook import parse_rulebook
from service.facts_made import Making, amendment, changed_fact, fill_fact
from service.fix.events import OrderEvent, Reported
from service.market.calendar import trade_date
from service.order_feed import feed_event
from service.order_steps import (
    Busted,
    Changed,
    Conflict,
    Corrected,
    Ended,
    OrphanOverdue,
    Overfilled,
    Restated,
    Step,
    Traded,
)
from service.processed import Processed, RecordedFill, RecordedOrderEvent

_TOLD_BY_THE_FEED = (Conflict, Overfilled, OrphanOverdue)


class Unjudged(msgspec.Struct, frozen=True):
    """How often, by (rule, reason), a fact was not evaluated, and by (rule, error type) a rule failed on one."""

    not_evaluated: dict[tuple[str, str], int]
    failures: dict[tuple[str, str], int]


class Judging:
    """The rules at the end of the road; what they find goes to the batch in hand."""

    def __init__(self) -> None:
        self.engine = Engine(parse_rulebook(""), {})

    def take(self, step: Step, making: Making, event: Reported | None, into: Processed) -> None:
        """Make the facts of one step and let the rules look at them; `event` is what was applied, None for a timer."""
        fact = _FACTS.get(type(step))
        if fact is not None:
            fact(self, step, making, into)
        hidden = type(step) is Changed and step.key is None
        if hidden or isinstance(step, _TOLD_BY_THE_FEED):
            told = feed_event(step, event, making.where, trade_date(Nanos(making.where.clock)))
            self.tell([] if told is None else [told], into)

    def tell(self, events: Iterable[FeedEvent], into: Processed) -> None:
        """Add what the watch says of its own sight, and what the rules say of that."""
        for event in events:
            into.feed_events.append(event)
            self._assess(event, into)

    def unjudged(self) -> Unjudged:
        """Return the engine's counts; cheap, and safe to ask from another thread."""
        return Unjudged(dict(self.engine.not_evaluated), dict(self.engine.failures))

    def _traded(self, step: Traded, making: Making, into: Processed) -> None:
        fill, content = fill_fact(step, making), step.event.content_hash
        made = RecordedFill(fill=fill, dedup_key=step.key, content_hash=content, decision=making.decision)
        into.fills.append(made)
        self._assess(fill, into)

    def _changed(self, step: Changed, making: Making, into: Processed) -> None:
        fact, event = changed_fact(step, making), step.event
        made = RecordedOrderEvent(
            changed=fact,
            dedup_key=step.key,
            content_hash=event.content_hash,
            exec_id=event.exec_id,
            decision=making.decision if isinstance(event, OrderEvent) else None,
        )
        into.order_events.append(made)
        self._assess(fact, into)

    def _amended(self, step: Busted | Corrected, making: Making, into: Processed) -> None:
        made, corrected = amendment(step, making)
        into.amendments.append(made)
        if corrected is not None:
            self._assess(corrected, into)

    def _ended(self, step: Ended, making: Making, into: Processed) -> None:
        del making
        into.order_outcomes.append(step.outcome)
        self._assess(step.outcome, into)

    def _restated(self, step: Restated, making: Making, into: Processed) -> None:
        del making
        into.order_outcomes.append(step.outcome)

    def _assess(self, fact: AnyFact, into: Processed) -> None:
        into.findings.extend(self.engine.assess(fact))


_FACTS: dict[type, Callable[[Judging, Any, Making, Processed], None]] = {
    Traded: Judging._traded,  # noqa: SLF001 - its own table
    Changed: Judging._changed,  # noqa: SLF001 - its own table
    Busted: Judging._amended,  # noqa: SLF001 - its own table
    Corrected: Judging._amended,  # noqa: SLF001 - its own table
    Ended: Judging._ended,  # noqa: SLF001 - its own table
    Restated: Judging._restated,  # noqa: SLF001 - its own table
}
