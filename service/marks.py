"""The marks that executions still wait for, in event time: the records of the journal are their clock. Pure.

A mark is due a while after its instant, so that a live source has passed it when it is asked for and nothing waits. Due
times lie on a grain: all of one are asked for in one request, by the first record whose clock has passed them. Where
no record comes by, a tick does, on a coarser grain. Which marks an execution gets depends on clocks alone, never on how
many records came.

A bust drops the marks that are not due yet; a correction gives them its price. What was taken before stays as it is.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence

import msgspec

from rules.facts import MILLISECOND, SECOND, Executed, Fill, Markout, Nanos, Price, Quote
from rules.population import population
from rules.quote import midpoint_doubled, unusable
from service.market.calendar import TradingCalendar
from service.market.markouts import after, why_no_marks
from service.market.recorded_quotes import NOT_RECORDED
from service.market.tape import absent
from service.orders.steps import Where
from service.ports import MarkWanted
from service.processed import Amendment, Decision, RecordedFill

HORIZONS = tuple(Nanos(length) for length in (50 * MILLISECOND, SECOND, 15 * SECOND, 60 * SECOND, 300 * SECOND))
COUNT = len(HORIZONS)
GRAIN = 25 * MILLISECOND
TICK_GRAIN = 250 * MILLISECOND
MARK_MARGIN = Nanos(200 * MILLISECOND)
"""How long after the source's grace a mark is due: a source that lags by less is never waited for."""
MARK_AFTER = Nanos(250 * MILLISECOND)
_NO_QUOTE = absent(NOT_RECORDED)


class Waiting(msgspec.Struct, gc=False, array_like=True):
    """An execution with marks to come: `next` is the first of them, `due` when it will be asked for.

    `receipt` and `execution` are the doubled midpoints of its reference quotes, `reason` says why one is missing;
    `closes` is the end of its regular hours, `symbol` as the quotes are asked for it.
    """

    execution_id: str
    offset: int
    counterparty: str
    session: str
    trade_date: str
    symbol: str
    executed: Executed
    price: Price
    closes: Nanos | None
    receipt: int | None
    execution: int | None
    reason: str | None
    uncertain: bool
    due: Nanos
    next: int = 0

    def at(self, index: int) -> Nanos:
        """Return the instant of a mark."""
        at = Nanos(self.executed.at + HORIZONS[index])
        return at if self.closes is None or at < self.closes else Nanos(self.closes - 1)


class Due(msgspec.Struct, frozen=True, gc=False):
    """The marks of one execution that are due together, from its next one to before `until`, which is due `again`."""

    waiting: Waiting
    until: int
    again: Nanos


class Marks:
    """Every mark that is to come; `due` at each record, then `take` with what was decided, then `follow`."""

    def __init__(self) -> None:
        self.after = MARK_AFTER
        self._waiting: dict[str, Waiting] = {}
        self._buckets: dict[Nanos, dict[str, Waiting]] = {}
        self._order: list[Nanos] = []

    def deadline(self) -> Nanos | None:
        """Return when a tick should take the next marks if no other record does, None when none are to come."""
        return grained(self._order[0], TICK_GRAIN) if self._order else None

    def end(self) -> Nanos | None:
        """Return when the last of all marks is due, None when none are to come."""
        return max((max(one.due, self._due_at(one, COUNT - 1)) for one in self._waiting.values()), default=None)

    def due(self, clock: Nanos) -> tuple[Due, ...]:
        """Return what is due at this clock, in the order in which it became so; nothing is changed."""
        if not self._order or self._order[0] > clock:
            return ()
        buckets = (self._buckets[due] for due in self._order[: bisect_right(self._order, clock)])
        return tuple([self._due(one, clock) for bucket in buckets for one in bucket.values()])

    def take(
        self,
        due: Iterable[Due],
        asked: Sequence[MarkWanted],
        decision: Decision | None,
        where: Where,
        into: list[Markout],
    ) -> None:
        """Add a row for each mark that was due, with the quote decided for it, and wait for the next ones."""
        decision = decision or Decision()
        quotes = decision.marks + (_NO_QUOTE,) * (len(asked) - len(decision.marks))
        number = 0
        for one in due:
            waiting = one.waiting
            self._remove(waiting)
            row = _unmarked(waiting, decision, where)
            for horizon in HORIZONS[waiting.next : one.until]:
                into.append(_marked(row, waiting, horizon, asked[number].at, quotes[number]))
                number += 1
            if one.until < COUNT:
                waiting.next, waiting.due = one.until, one.again
                self._add(waiting)

    def follow(
        self, fills: Iterable[RecordedFill], amended: Iterable[Amendment], symbol: str, calendar: TradingCalendar
    ) -> None:
        """Wait for the marks of these executions; of those that were amended, no more or at the new price."""
        for recorded in fills:
            self._begin(recorded.fill, symbol, calendar)
        for made in amended:
            waiting = self._waiting.get(made.execution_id)
            if waiting is None:
                continue
            if made.price is None:
                self._remove(waiting)
            else:
                waiting.price, waiting.executed = made.price, corrected(waiting.executed, made)

    def snapshot(self) -> list[Waiting]:
        """Return the whole state, in the order in which it becomes due; encode it before the next record."""
        return [waiting for due in self._order for waiting in self._buckets[due].values()]

    def restore(self, state: Iterable[Waiting]) -> None:
        """Take up a state that `snapshot` gave."""
        self._waiting, self._buckets, self._order = {}, {}, []
        for waiting in state:
            self._add(waiting)

    def _begin(self, fill: Fill, symbol: str, calendar: TradingCalendar) -> None:
        receipt, execution = fill.at_receipt, fill.at_execution
        refused = why_no_marks(
            auction=fill.auction,
            level=fill.level,
            regular_hours=fill.regular_hours,
            execution=execution,
            executed_at=fill.executed_at,
            clock=fill.clock,
        )
        if refused is not None:
            return
        waiting = Waiting(
            execution_id=fill.execution_id,
            offset=fill.offset,
            counterparty=fill.counterparty,
            session=fill.session,
            trade_date=fill.trade_date,
            symbol=symbol,
            executed=executed_of(fill),
            price=fill.price,
            closes=calendar.close_of(fill.executed_at),
            receipt=midpoint_doubled(receipt),
            execution=midpoint_doubled(execution),
            reason=fill.measures.not_evaluated_reason,
            uncertain=fill.uncertain,
            due=Nanos(0),
        )
        # never at once: what comes long after its instants comes in bunches too, and a tick always moves the deadline
        waiting.due = max(self._due_at(waiting, 0), grained(Nanos(fill.clock + 1), GRAIN))
        self._add(waiting)

    def _due_at(self, waiting: Waiting, index: int) -> Nanos:
        return grained(Nanos(waiting.at(index) + self.after), GRAIN)

    def _due(self, waiting: Waiting, clock: Nanos) -> Due:
        until, again = waiting.next + 1, clock
        while until < COUNT and (again := self._due_at(waiting, until)) <= clock:
            until += 1
        return Due(waiting, until, again)

    def _add(self, waiting: Waiting) -> None:
        bucket = self._buckets.get(waiting.due)
        if bucket is None:
            bucket = self._buckets[waiting.due] = {}
            insort(self._order, waiting.due)
        bucket[waiting.execution_id] = self._waiting[waiting.execution_id] = waiting

    def _remove(self, waiting: Waiting) -> None:
        del self._waiting[waiting.execution_id]
        bucket = self._buckets[waiting.due]
        del bucket[waiting.execution_id]
        if not bucket:
            del self._buckets[waiting.due]
            self._order.remove(waiting.due)


def wanted(due: Iterable[Due]) -> tuple[MarkWanted, ...]:
    """Return the quotes that these marks ask for, in the order in which `take` wants them."""
    return tuple(
        [
            MarkWanted(one.waiting.symbol, one.waiting.at(index))
            for one in due
            for index in range(one.waiting.next, one.until)
        ]
    )


def _unmarked(waiting: Waiting, decision: Decision, where: Where) -> Markout:
    """Return what all marks of one execution say that are due together, before any of them has its quote."""
    return Markout(
        offset=where.offset,
        counterparty=waiting.counterparty,
        session=waiting.session,
        trade_date=waiting.trade_date,
        received_at=where.received_at,
        clock=where.clock,
        uncertain=waiting.uncertain,
        execution_id=waiting.execution_id,
        execution_offset=waiting.offset,
        horizon=HORIZONS[0],
        at=waiting.executed.at,
        past_close=False,
        price=waiting.price,
        quote=_NO_QUOTE,
        executed=waiting.executed,
        source_mark=decision.mark,
        released=decision.reason,
    )


def _marked(row: Markout, waiting: Waiting, horizon: Nanos, at: Nanos, quote: Quote) -> Markout:
    """Return the row of one mark; a copy is put together in a fifth of the time that naming every field takes."""
    middle, reason = midpoint_doubled(quote), waiting.reason
    if middle is None:
        reason = unusable("mark", quote) or reason
    numbers = after(waiting.executed.side.sign, waiting.price, waiting.receipt, waiting.execution, middle)
    return msgspec.structs.replace(
        row,
        horizon=horizon,
        at=at,
        past_close=at - waiting.executed.at < horizon,
        quote=quote,
        realized_spread=numbers.realized_spread,
        price_impact=numbers.price_impact,
        delay_cost=numbers.delay_cost,
        post_trade_impact=numbers.post_trade_impact,
        not_evaluated_reason=reason,
    )


def executed_of(fill: Fill) -> Executed:
    """Return what a mark says of the execution that it is of."""
    order = fill.order
    return Executed(
        at=fill.executed_at,
        level=fill.level,
        symbol=fill.symbol,
        side=fill.side,
        quantity=fill.quantity,
        venue=fill.venue,
        order_type=order.order_type,
        population=population(order),
        directed=order.directed,
        exempt_reason=fill.exempt_reason,
        account=order.account,
        desk=order.desk,
        client=order.client,
        session_of_day=fill.session_of_day,
    )


def corrected(executed: Executed, made: Amendment) -> Executed:
    """Return it as a correction left it."""
    assert made.quantity is not None
    assert made.venue is not None
    return msgspec.structs.replace(executed, quantity=made.quantity, venue=made.venue)


def grained(at: Nanos, grain: int) -> Nanos:
    """Return the first instant on the grain that is not before this one."""
    return Nanos(-(-at // grain) * grain)
