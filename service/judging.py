"""What a step of the ledger comes to: facts are made of it, each is put to the rules, and both are added. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import msgspec

from rules.engine import Engine
from rules.facts import AnyFact, Fade, FeedEvent, Markout, Nanos, OrderOutcome
from rules.judges import Trade
from rules.rulebook import parse_rulebook
from service.facts_made import Making, amendment, changed_fact, fill_fact, in_session
from service.fix.events import AboutOrder, OrderEvent
from service.market.calendar import trade_date
from service.orders.feed import doubted, feed_event
from service.orders.steps import (
    Busted,
    Changed,
    Conflict,
    Corrected,
    Ended,
    OrderSaid,
    OrphanOverdue,
    Overfilled,
    Placed,
    Restated,
    Step,
    Traded,
    Where,
)
from service.processed import Processed, RecordedFill, RecordedOrderEvent, RecordedOwnOrder
from service.reassess import Books, Reassess, Sight
from service.second_look import ABOUT_ORDERS

"""Says which (counterparty, session) have numbers missing."""
_Marked = TypeVar("_Marked", FeedEvent, OrderOutcome)
_TOLD_BY_THE_FEED = (Conflict, Overfilled, OrphanOverdue, OrderSaid)


class Unjudged(msgspec.Struct, frozen=True):
    """How often, by (rule, reason), a fact was not evaluated, and by (rule, error type) a rule failed on one."""

    not_evaluated: dict[tuple[str, str], int]
    failures: dict[tuple[str, str], int]


class Judging:
    """The rules at the end of the road; what they find goes to the batch in hand."""

    def __init__(self) -> None:
        self.engine = Engine(parse_rulebook(""), {})
        self.reassess = Reassess()

    def take(self, step: Step, making: Making, event: AboutOrder | None, into: Processed) -> None:
        """Make the facts of one step and let the rules look at them; `event` is what was applied, None for a timer."""
        fact = _FACTS.get(type(step))
        if fact is not None:
            fact(self, step, making, into)
        odd = type(step) is Changed and (step.key is None or doubted(step) is not None)
        if odd or isinstance(step, _TOLD_BY_THE_FEED):
            told = feed_event(step, event, making.where, trade_date(Nanos(making.where.clock)))
            if told is not None:
                self.tell([self._marked(told, making.where) if told.kind in ABOUT_ORDERS else told], into)

    def tell(self, events: Iterable[FeedEvent], into: Processed) -> None:
        """Add what the watch says of its own sight, and what the rules say of that."""
        for event in events:
            into.feed_events.append(event)
            self._assess(event, into)

    def look_at(self, marks: Iterable[Markout | Fade], into: Processed) -> None:
        """Add what the rules say of where the market stood, in doubt where messages are missing now."""
        for mark in marks:
            doubtful = self.reassess.touches(mark.counterparty)
            fact = mark if mark.uncertain is doubtful else msgspec.structs.replace(mark, uncertain=doubtful)
            self._assess(fact, into)

    def follow(self, events: list[FeedEvent], sight: Sight, where: Where, books: Books, into: Processed) -> None:
        """After every record: begin to doubt where it opened a gap, and look again where it closed the last one."""
        if events or not self.reassess.idle:
            self.reassess.follow(events, sight, where, self.engine, books, into)

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
        self._take_out(step, into)
        if corrected is not None:
            self._assess(corrected, into)

    def _take_out(self, step: Busted | Corrected, into: Processed) -> None:
        """Let no window count any longer what a bust or a correction took away."""
        counterparty, trade_date = step.where.counterparty, step.event.trade_date
        trade = Trade(step.execution_id, trade_date, step.executed_at, corrected=step.live)
        self.reassess.taken_out(counterparty, self.engine.take_out(trade, into.skipped))

    def _ended(self, step: Ended, making: Making, into: Processed) -> None:
        outcome = self._marked(in_session(step.outcome, making.hours), making.where)
        into.order_outcomes.append(outcome)
        self._assess(outcome, into)

    def _restated(self, step: Restated, making: Making, into: Processed) -> None:
        outcome = msgspec.structs.replace(in_session(step.outcome, making.hours), restated=True)
        into.order_outcomes.append(outcome)

    def _placed(self, step: Placed, making: Making, into: Processed) -> None:
        into.own_orders.append(RecordedOwnOrder.of(step, making.where, making.decision))

    def _marked(self, fact: _Marked, where: Where) -> _Marked:
        """Return the fact marked uncertain where messages of its own counterparty are missing."""
        mine = where.uncertain and where.counterparty == fact.counterparty
        uncertain = mine or self.reassess.touches(fact.counterparty)
        return fact if fact.uncertain is uncertain else msgspec.structs.replace(fact, uncertain=uncertain)

    def _assess(self, fact: AnyFact, into: Processed) -> None:
        found = self.engine.assess(fact, into.skipped)
        if fact.uncertain:
            self.reassess.note(fact, found, self.engine, into)
        into.findings.extend(found)


_FACTS: dict[type, Callable[[Judging, Any, Making, Processed], None]] = {
    Traded: Judging._traded,  # noqa: SLF001 - its own table
    Changed: Judging._changed,  # noqa: SLF001 - its own table
    Busted: Judging._amended,  # noqa: SLF001 - its own table
    Corrected: Judging._amended,  # noqa: SLF001 - its own table
    Ended: Judging._ended,  # noqa: SLF001 - its own table
    Restated: Judging._restated,  # noqa: SLF001 - its own table
    Placed: Judging._placed,  # noqa: SLF001 - its own table
}
