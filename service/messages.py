"""One message on the road: decoded by its dialect, given what it needs, applied to the orders, named. Pure.

A message on which it fails unexpectedly ends as `undecodable` with the reason, and none of the facts it had begun to
make. What the ledger had already taken of it stays: to undo that, every message would have to pay for a copy of its
order. So its key is known (a copy of it is a duplicate), and the same journal fails the same way.
"""

from __future__ import annotations

from operator import attrgetter

import msgspec

from rules.facts import Nanos
from rules.instruments import TEST, meant
from service.backfill.reading import read_backfilled
from service.core_state import Prepared
from service.facts_made import Making, executed_at
from service.failure import failure_words
from service.fix.decode import decode
from service.fix.events import (
    AboutOrder,
    Admin,
    Bust,
    Correction,
    Decoded,
    Execution,
    Header,
    OrderEvent,
    OwnOrder,
    Reported,
    Status,
    Undecodable,
)
from service.fix.habits import SymbolHabits
from service.in_force import InForce
from service.journal import Record, RecordKind
from service.judging import Judging
from service.market.tape import absent
from service.orders.ledger import Ledger
from service.orders.steps import Agreed, Amended, Answered, Conflict, Duplicate, Orphaned, Placed, Step, Unplaced, Where
from service.ports import QuoteRequest
from service.processed import Decision, Processed
from service.timers import Timers
from service.unmatched import Asked, Sought, judged

NO_HEADER = Header(msg_type="")
_WORDS = {Execution: "execution", OrderEvent: "order_event", Bust: "bust", Correction: "correction"}
_PRICED = (Execution, Correction)
_MOVING = (Orphaned, Amended, Placed, Answered, Agreed)
_UNPLACED = "a cancel or replace of an order that is not known was refused"
_CONFLICT = "its key came before with other content: nothing was changed"
_BACKFILL = RecordKind.BACKFILL
_made = attrgetter(
    "fills",
    "order_events",
    "own_orders",
    "amendments",
    "order_outcomes",
    "feed_events",
    "findings",
    "skipped",
)


class Messages:
    """Reads messages by what is in force and lets them change the ledger; what follows goes to the rules."""

    def __init__(self, in_force: InForce, ledger: Ledger, judging: Judging, timers: Timers) -> None:
        self._in_force = in_force
        self._ledger = ledger
        self._judging = judging
        self._timers = timers
        self._asked: dict[str, Asked] = {}

    def prepare(self, record: Record, clock: Nanos) -> Prepared:
        """Decode the message and say what it needs; `clock` is the journal's before it."""
        header = NO_HEADER
        try:
            decoded = self._decode(record, clock)
            header = decoded.header
            if isinstance(decoded, OwnOrder):
                return self._wanting_own(record, decoded)
            return self._wanting(record, decoded, clock) if isinstance(decoded, Reported) else Prepared(record, decoded)
        except Exception as error:  # noqa: BLE001 - no message may stop the watch
            return Prepared(record, Undecodable(header=header, reason=failure_words(error)))

    def attempt(
        self, decoded: Decoded, decision: Decision, where: Where, into: Processed
    ) -> tuple[str, str | None, Decoded]:
        """Let a message change the orders, recorded whole or not at all; return what it was after all, and why."""
        if isinstance(decoded, Admin):
            return "admin", None, decoded
        if not isinstance(decoded, Reported | OwnOrder):
            return "status" if isinstance(decoded, Status) else "undecodable", decoded.reason, decoded
        before = [len(made) for made in _made(into)]
        try:
            if isinstance(decoded, OwnOrder):
                return *self._placed(decoded, decision, where, into), decoded
            return *self._reported(decoded, decision, where, into), decoded
        except Exception as error:  # noqa: BLE001 - no message may stop the watch
            for made, length in zip(_made(into), before, strict=True):
                del made[length:]
            words = failure_words(error)
            return "undecodable", words, Undecodable(header=decoded.header, reason=words)

    def _decode(self, record: Record, clock: Nanos) -> Decoded:
        dialect = self._in_force.dialects.get(record.counterparty)
        if dialect is None:
            reason = f"no dialect is in force for counterparty {record.counterparty}"
            return Undecodable(header=NO_HEADER, reason=reason)
        fallback = self._in_force.calendar.trade_date(Nanos(record.received_at or clock))
        if record.kind is _BACKFILL:
            decoded = read_backfilled(record.body, dialect, self._in_force.calendar, fallback)
        else:
            decoded = decode(record.body, dialect, fallback)
        if isinstance(decoded, OwnOrder) and not self._ledger.expects(decoded.vendor):
            reason = f"the order was sent to {decoded.vendor}: no dialect of such a counterparty is in force"
            return Undecodable(header=decoded.header, reason=reason)
        return decoded

    def _wanting(self, record: Record, event: Execution | OrderEvent | Bust | Correction, clock: Nanos) -> Prepared:
        """Return the event with what it needs: quotes, keys of its day, the execution that it amends."""
        ledger, party = self._ledger, record.counterparty
        known, receipt_at = ledger.wanted(party, event)
        symbol, traded_at = meant(event.terms.symbol, known), None
        if symbol != event.terms.symbol:  # an order that is no stock's does not become one
            event = msgspec.structs.replace(event, terms=msgspec.structs.replace(event.terms, symbol=symbol))
            receipt_at = ledger.receipt_wanted(party, event)
        if isinstance(event, Execution):
            traded_at = executed_at(event, Nanos(max(clock, record.received_at or 0)))
        elif isinstance(event, Correction):
            traded_at = ledger.executed_at(party, event)
        request = None
        if receipt_at is not None or traded_at is not None:
            request = QuoteRequest(
                offset=record.offset,
                symbol=self.asked_as(event.terms.symbol or ledger.symbol(party, event), party).form,
                receipt_at=receipt_at,
                execution_at=traded_at,
                received_at=record.received_at,
                price=event.price if isinstance(event, _PRICED) else None,
            )
        missing = ledger.missing_execution(party, event)
        return Prepared(record, event, request, ledger.missing_days(party, event), missing)

    def _wanting_own(self, record: Record, own: OwnOrder) -> Prepared:
        """Return the own order with what it needs: the quote at the firm's receipt, the keys of its day."""
        receipt_at, request = self._ledger.own_receipt_wanted(own), None
        symbol = self._ledger.own_symbol(own)
        if receipt_at is not None and symbol:
            request = QuoteRequest(
                offset=record.offset,
                symbol=self.asked_as(symbol, record.counterparty).form,
                receipt_at=receipt_at,
                received_at=record.received_at,
            )
        return Prepared(record, own, request, self._ledger.missing_days(record.counterparty, own))

    def _placed(self, own: OwnOrder, decision: Decision, where: Where, into: Processed) -> tuple[str, str | None]:
        self._timers.days.see(own.trade_date, where.clock)
        decision = judged(decision, self.asked_as(self._ledger.own_symbol(own), where.counterparty))
        steps = self._ledger.place(own, where, decision.at_receipt)
        self._take(steps, own, decision, where, into)
        return _copy(steps[0]) or ("own_order", None)

    def _reported(
        self, event: Execution | OrderEvent | Bust | Correction, decision: Decision, where: Where, into: Processed
    ) -> tuple[str, str | None]:
        party, made = where.counterparty, len(into.fills)
        symbol = self.asked_as(event.terms.symbol or self._ledger.symbol(party, event), party)
        decision = judged(decision, symbol)
        self._timers.days.see(event.trade_date, where.clock)
        waits = self._ledger.waits(where.counterparty)
        # an order in a test symbol says so whether or not its receipt is known: nothing counts it
        steps = self._ledger.apply(event, where, absent(TEST) if symbol.test else decision.at_receipt)
        if self._ledger.waits(where.counterparty) != waits:
            self._timers.look_again()
        self._take(steps, event, decision, where, into)
        for recorded in into.fills[made:]:
            told = self._timers.unmatched.look(recorded.fill, self._habits(party))
            self._judging.tell([] if told is None else [told], into)
        if isinstance(steps[0], Unplaced):
            return "status", _UNPLACED
        return _copy(steps[0]) or (_WORDS[type(event)], None)

    def _habits(self, counterparty: str) -> SymbolHabits | None:
        dialect = self._in_force.dialects.get(counterparty)
        return None if dialect is None else dialect.symbols

    def asked_as(self, symbol: str, counterparty: str) -> Sought:
        """Return how the quotes are asked for a symbol as the counterparty writes it; safe from another thread."""
        habits, asked = self._habits(counterparty), self._asked.get(counterparty)
        if asked is None or asked.habits is not habits:
            asked = self._asked[counterparty] = Asked(habits)
        return asked.symbol(symbol)

    def _take(
        self, steps: tuple[Step, ...], event: AboutOrder, decision: Decision, where: Where, into: Processed
    ) -> None:
        making = Making(where, decision, self._in_force.hours)
        for step in steps:
            if isinstance(step, _MOVING):
                self._timers.look_again()
            self._judging.take(step, making, event, into)


def _copy(first: Step) -> tuple[str, str | None] | None:
    """Return the outcome of a message whose key came before, None when it is news."""
    if isinstance(first, Duplicate):
        return "duplicate", first.note
    return ("duplicate", _CONFLICT) if isinstance(first, Conflict) else None
