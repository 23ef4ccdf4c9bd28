"""The quotes that orders still wait for: at the end of those not filled, and before the first child of a parent. Pure.

They are asked for in event time as the marks of executions are (service.marks), behind those of the same record; the
answers are kept with the rows that they make. Clocks alone decide which are asked for and when.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable, Iterable, Sequence

import msgspec

from rules.arrival import why_no_arrival
from rules.facts import Level, Nanos, OrderEnd, OrderOutcome, Quote
from rules.fade import Fade
from rules.order_end import EndMark
from service.families import Families, Later
from service.market.calendar import TradingCalendar
from service.market.markouts import AHEAD
from service.market.recorded_quotes import NOT_RECORDED
from service.market.tape import absent
from service.marks import GRAIN, MARK_AFTER, TICK_GRAIN, grained
from service.orders.steps import Where
from service.ports import MarkWanted
from service.processed import Decision, Processed, RecordedFill, RecordedOrderEvent
from service.unmatched import Sought

# members of an enum are looked up by a function call in 3.11: these stand in the hot path
_PACKAGE = Level.PACKAGE

_NO_QUOTE = absent(NOT_RECORDED)
_WITH_THE_DAY = (OrderEnd.CLOSE, OrderEnd.EXPIRED, OrderEnd.DONE_FOR_DAY)
"""Ends that the close of the day brings: the last quote of regular hours is theirs."""


class EndWanted(msgspec.Struct, frozen=True, gc=False, tag="end"):
    """The quote at the end of an order: `symbol` as the quotes are asked for it, `order_symbol` as its facts say it."""

    symbol: str
    at: Nanos
    outcome_at: Nanos
    counterparty: str
    session: str
    trade_date: str
    order_key: str
    level: Level
    order_symbol: str
    uncertain: bool

    def add(self, quote: Quote, decision: Decision, where: Where, into: Processed) -> None:
        """Add the row of the quote that was decided."""
        into.end_marks.append(
            EndMark(
                offset=where.offset,
                counterparty=self.counterparty,
                session=self.session,
                trade_date=self.trade_date,
                received_at=where.received_at,
                clock=where.clock,
                uncertain=self.uncertain,
                order_key=self.order_key,
                level=self.level,
                symbol=self.order_symbol,
                ended_at=self.outcome_at,
                at=self.at,
                past_close=self.at != self.outcome_at,
                quote=quote,
                source_mark=decision.mark,
                released=decision.reason,
            )
        )


class BaselineWanted(msgspec.Struct, frozen=True, gc=False, tag="baseline"):
    """The quote as long before a parent's first child as a later one came after it."""

    symbol: str
    later: Later

    @property
    def at(self) -> Nanos:
        """Return the instant."""
        return self.later.baseline_at

    def add(self, quote: Quote, decision: Decision, where: Where, into: Processed) -> None:
        """Add the row of the quote that was decided."""
        into.fades.append(fade(self.later, where, quote, decision))


Wanted = EndWanted | BaselineWanted
Told = tuple[RecordedOrderEvent | RecordedFill, ...]


class OrderMarks:
    """Every such quote that is to come; `due` at each record, then `take` with what was decided, then `follow`.

    `asked_as` tells how the quotes are asked for a symbol of a counterparty.
    """

    def __init__(self, families: Families, asked_as: Callable[[str, str], Sought]) -> None:
        self._families = families
        self._asked_as = asked_as
        self.after = MARK_AFTER
        self._buckets: dict[Nanos, list[Wanted]] = {}
        self._order: list[Nanos] = []

    def deadline(self) -> Nanos | None:
        """Return when a tick should take the next ones if no other record does, None when none are to come."""
        return grained(self._order[0], TICK_GRAIN) if self._order else None

    def end(self) -> Nanos | None:
        """Return when the last of all is due, None when none are to come."""
        return self._order[-1] if self._order else None

    def due(self, clock: Nanos) -> tuple[Wanted, ...]:
        """Return what is due at this clock, ends of orders first: so are the answers stored. Nothing is changed."""
        if not self._order or self._order[0] > clock:
            return ()
        found = [one for due in self._order[: bisect_right(self._order, clock)] for one in self._buckets[due]]
        return tuple(sorted(found, key=lambda one: isinstance(one, BaselineWanted)))

    def take(
        self, due: Sequence[Wanted], quotes: Sequence[Quote], decision: Decision, where: Where, into: Processed
    ) -> None:
        """Add a row for each that was due, with the quote decided for it."""
        left = len(due)  # they are the first buckets, whole
        while left > 0:
            left -= len(self._buckets.pop(self._order.pop(0)))
        for number, one in enumerate(due):
            one.add(quotes[number] if number < len(quotes) else _NO_QUOTE, decision, where, into)

    def follow(
        self,
        outcomes: Iterable[OrderOutcome],
        told: Told,
        calendar: TradingCalendar,
        where: Where,
        into: Processed,
    ) -> None:
        """Wait for what the orders want that ended or were told of."""
        for outcome in outcomes:
            self.ended(outcome, self._asked_as(outcome.order.symbol, outcome.counterparty).form, calendar)
        for recorded in told:
            fact = recorded.changed if isinstance(recorded, RecordedOrderEvent) else recorded.fill
            later = self._families.see(fact, fact.order)
            if later is not None:
                self.came(later, self._asked_as(later.symbol, later.counterparty).form, where, into)

    def ended(self, outcome: OrderOutcome, symbol: str, calendar: TradingCalendar) -> None:
        """Wait for the quote at the end of an order with shares unexecuted, where it can say anything."""
        order = outcome.order
        if outcome.executed >= outcome.ordered or order.level is _PACKAGE:
            return
        if why_no_arrival(order.side, order.receipt) is not None or outcome.at > outcome.clock + AHEAD:
            return
        at = calendar.last_open(outcome.at) if outcome.end in _WITH_THE_DAY else outcome.at
        wanted = EndWanted(
            symbol=symbol,
            at=at,
            outcome_at=outcome.at,
            counterparty=outcome.counterparty,
            session=outcome.session,
            trade_date=outcome.trade_date,
            order_key=order.order_key,
            level=order.level,
            order_symbol=order.symbol,
            uncertain=outcome.uncertain,
        )
        self._add(wanted, Nanos(at + self.after), outcome.clock)

    def came(self, later: Later, symbol: str, where: Where, into: Processed) -> None:
        """Wait for the baseline of a later child; where its own move cannot be measured, say so at once."""
        unmeasured = fade(later, where, absent("not asked for"), None)
        if unmeasured.moved.why is None:
            self._add(BaselineWanted(symbol, later), later.baseline_at, where.clock)
        else:
            into.fades.append(unmeasured)

    def snapshot(self) -> list[tuple[Nanos, list[Wanted]]]:
        """Return the whole state; encode it before the next record."""
        return [(due, self._buckets[due]) for due in self._order]

    def restore(self, state: Iterable[tuple[Nanos, list[Wanted]]]) -> None:
        """Take up a state that `snapshot` gave."""
        self._buckets = {due: list(wanted) for due, wanted in state}
        self._order = sorted(self._buckets)

    def _add(self, wanted: Wanted, due: Nanos, clock: Nanos) -> None:
        # never at once: a tick always moves the deadline
        due = max(grained(due, GRAIN), grained(Nanos(clock + 1), GRAIN))
        if due not in self._buckets:
            insort(self._order, due)
        self._buckets.setdefault(due, []).append(wanted)


def wanted_of(due: Iterable[Wanted]) -> tuple[MarkWanted, ...]:
    """Return the quotes that these ask for, in the order in which `take` wants them."""
    return tuple([MarkWanted(one.symbol, one.at) for one in due])


def fade(later: Later, where: Where, baseline: Quote, decision: Decision | None) -> Fade:
    """Return the fact of a later child; `decision` is that on the baseline, None where it was not asked for."""
    return Fade(
        offset=where.offset,
        counterparty=later.counterparty,
        session=later.session,
        trade_date=later.trade_date,
        received_at=where.received_at,
        clock=where.clock,
        uncertain=later.uncertain,
        parent_id=later.parent_id,
        symbol=later.symbol,
        side=later.side,
        first_key=later.first.key,
        first_at=later.first.at,
        first=later.first.quote,
        later_key=later.child.key,
        later_at=later.child.at,
        later=later.child.quote,
        baseline_at=later.baseline_at,
        baseline=baseline,
        source_mark=None if decision is None else decision.mark,
        released=None if decision is None else decision.reason,
    )
