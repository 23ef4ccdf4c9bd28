"""The road: journal records in, in order; facts and findings out. Pure: no clock, no file, no randomness.

The core starts empty and learns from VERSION records what is in force, so that any journal can be run again.
Everything it knows is in its snapshot.

A record on which it fails unexpectedly ends as `undecodable` with the reason, a finding of its own, and none of the
facts it had begun to make. What the ledger had already taken of it stays: to undo that, every message would have to
pay for a copy of its order. So its key is known (a copy of it is a duplicate), and the same journal fails the same way.
"""

from __future__ import annotations

import contextlib

import msgspec

from rules.engine import Engine
from rules.facts import Nanos
from rules.register import VenueRegister
from rules.rulebook import Rulebook
from service.core_state import SCHEMA, CoreState, Prepared
from service.facts_made import Making, executed_at
from service.failure import failure_event, failure_words
from service.feed import Feeds
from service.feed_state import FeedLimits
from service.fix.decode import decode
from service.fix.dialect import Dialect
from service.fix.events import (
    Admin,
    Bust,
    Correction,
    Decoded,
    Execution,
    Header,
    OrderEvent,
    Outcome,
    Reported,
    Status,
    Undecodable,
)
from service.in_force import ORPHAN_AFTER, Adopted, Limits, VenuesFile, drift, read_version
from service.journal import Record, RecordKind
from service.judging import Judging, Unjudged
from service.market.calendar import ALWAYS, TradingCalendar
from service.open_days import OpenDays
from service.order_snapshot import KnownExecution
from service.order_steps import Amended, Conflict, Duplicate, Orphaned, Where
from service.orders import Ledger
from service.ports import QuoteRequest
from service.processed import Decision, Processed
from service.record_clock import RecordClock

_MESSAGE, _VERSION = RecordKind.MESSAGE, RecordKind.VERSION
_NO_DECISION, _NO_HEADER = Decision(), Header(msg_type="")
_WORDS = {Execution: "execution", OrderEvent: "order_event", Bust: "bust", Correction: "correction"}
_MOVING_ORPHANS = (Orphaned, Amended)
_COPY = {Duplicate: None, Conflict: "its key came before with other content: nothing was changed"}
_MADE = ("fills", "order_events", "amendments", "order_outcomes", "feed_events", "findings")


class Core:
    """One road. `prepare` the record at the head, decide its quotes elsewhere, `apply` it; nothing overtakes."""

    schema = SCHEMA

    def __init__(self) -> None:
        self.calendar: TradingCalendar = ALWAYS
        self._clock = RecordClock()
        self._days = OpenDays()
        self._dialects: dict[str, Dialect] = {}
        self._limits: Limits | None = None
        self._judging = Judging()
        self._ledger = Ledger(opening=self._opening, orphan_after=ORPHAN_AFTER)
        self._orphan_due: Nanos | None = None
        self.feeds = Feeds(FeedLimits(), self._hours)

    @property
    def engine(self) -> Engine:
        """Return the rules in force."""
        return self._judging.engine

    def unjudged(self) -> Unjudged:
        """Return what the rules did not evaluate or failed on so far; cheap, and safe to ask from another thread."""
        return self._judging.unjudged()

    def prepare(self, record: Record) -> Prepared:
        """Decode the record at the head and say what it needs; call it only when all before it is applied."""
        if record.kind is not _MESSAGE:
            return Prepared(record)
        header = _NO_HEADER
        try:
            decoded = self._decode(record)
            header = decoded.header
            return self._wanting(record, decoded) if isinstance(decoded, Reported) else Prepared(record, decoded)
        except Exception as error:  # noqa: BLE001 - no message may stop the watch
            return Prepared(record, Undecodable(header=header, reason=failure_words(error)))

    def load_keys(self, counterparty: str, trade_date: str, keys: dict[str, bytes]) -> None:
        """Take in what the store knows of a trade date before the prepared record is applied."""
        self._ledger.load_keys(counterparty, trade_date, keys)

    def load_execution(self, counterparty: str, known: KnownExecution) -> None:
        """Take in an execution of an earlier day that the prepared record names."""
        self._ledger.load_execution(counterparty, known)

    def apply(self, prepared: Prepared, decision: Decision | None, into: Processed) -> None:
        """Let the record change the state, and add all that it came to to `into`.

        Raise UnusableVersionError, with nothing changed, when the record puts something in force that cannot be.
        """
        record, decoded = prepared.record, prepared.decoded
        adopted = read_version(record) if record.kind is _VERSION else None
        self._clock.advance(record.received_at, None if decoded is None else decoded.header.sent_at)
        where = self._where(record)
        try:
            self._pass_time(where, into)
        except Exception as error:  # noqa: BLE001 - the record itself must still be looked at
            self._confess(record, where, error, into)
        if adopted is not None:
            self._adopt(adopted, where, into)
        outcome, reason = "", None
        if decoded is not None:
            outcome, reason, decoded = self._attempt(decoded, decision or _NO_DECISION, where, into)
        try:
            self._judging.tell(self.feeds.observe(record, decoded), into)
        except Exception as error:  # noqa: BLE001 - a control record may hold anything
            self._confess(record, where, error, into)
        if decoded is not None:
            number = decoded.header.sequence
            into.outcomes.append(Outcome(offset=record.offset, outcome=outcome, sequence=number, reason=reason))

    def deadline(self) -> Nanos | None:
        """Return when time alone would change something, None when nothing waits."""
        dues = [due for due in (self.feeds.deadline(), self._orphan_due, self._days.due) if due is not None]
        return min(dues, default=None)

    def end_of_log(self) -> Nanos | None:
        """Return the instant after which every day of a finished log is closed; None when nothing was ever timed."""
        return self._days.last_close() or self._clock.now or None

    def snapshot(self) -> bytes:
        """Return the whole state as JSON, which unlike MessagePack holds integers beyond 64 bits (sums of money)."""
        return msgspec.json.encode(
            CoreState(
                clock=self._clock,
                dialects=self._dialects,
                calendar=self.calendar,
                limits=self._limits,
                open_days=self._days.snapshot(),
                ledger=self._ledger.snapshot(),
                feeds=self.feeds.snapshot(),
                engine=self.engine.snapshot(),
            )
        )

    def restore(self, state: bytes) -> None:
        """Become the core that the snapshot was taken from; raise msgspec.DecodeError, with nothing changed, if not."""
        saved = msgspec.json.decode(state, type=CoreState)
        self._clock = saved.clock
        self._dialects = dict(saved.dialects)
        self._follow(saved.calendar)
        self._ledger.restore(saved.ledger)
        if saved.limits is not None:
            self._limit(saved.limits)
        self._days.restore(saved.open_days)
        self.feeds.restore(saved.feeds)
        self.engine.restore(saved.engine)
        self._orphan_due = self._ledger.deadline()

    def _decode(self, record: Record) -> Decoded:
        dialect = self._dialects.get(record.counterparty)
        if dialect is None:
            reason = f"no dialect is in force for counterparty {record.counterparty}"
            return Undecodable(header=_NO_HEADER, reason=reason)
        fallback = self.calendar.trade_date(Nanos(record.received_at or self._clock.now))
        return decode(record.body, dialect, fallback)

    def _wanting(self, record: Record, event: Execution | OrderEvent | Bust | Correction) -> Prepared:
        """Return the event with what it needs: quotes, keys of its day, the execution that it amends."""
        ledger, party = self._ledger, record.counterparty
        receipt_at, traded_at = ledger.receipt_wanted(party, event), None
        if isinstance(event, Execution):
            traded_at = executed_at(event, Nanos(max(self._clock.now, record.received_at or 0)))
        elif isinstance(event, Correction):
            traded_at = ledger.executed_at(party, event)
        request = None
        if receipt_at is not None or traded_at is not None:
            request = QuoteRequest(
                offset=record.offset,
                symbol=event.terms.symbol or ledger.symbol(party, event),
                receipt_at=receipt_at,
                execution_at=traded_at,
                received_at=record.received_at,
            )
        missing = ledger.missing_execution(party, event)
        return Prepared(record, event, request, ledger.missing_days(party, event), missing)

    def _attempt(
        self, decoded: Decoded, decision: Decision, where: Where, into: Processed
    ) -> tuple[str, str | None, Decoded]:
        """Let a message change the orders, recorded whole or not at all; return what it was after all, and why."""
        if isinstance(decoded, Admin):
            return "admin", None, decoded
        if not isinstance(decoded, Reported):
            return "status" if isinstance(decoded, Status) else "undecodable", decoded.reason, decoded
        before = [len(getattr(into, name)) for name in _MADE]
        try:
            return *self._reported(decoded, decision, where, into), decoded
        except Exception as error:  # noqa: BLE001 - no message may stop the watch
            for name, length in zip(_MADE, before, strict=True):
                del getattr(into, name)[length:]
            words = failure_words(error)
            return "undecodable", words, Undecodable(header=decoded.header, reason=words)

    def _reported(
        self, event: Execution | OrderEvent | Bust | Correction, decision: Decision, where: Where, into: Processed
    ) -> tuple[str, str | None]:
        self._days.see(event.trade_date, where.clock)
        steps = self._ledger.apply(event, where, decision.at_receipt)
        making = Making(where, decision, self.calendar)
        for step in steps:
            if isinstance(step, _MOVING_ORPHANS):
                self._orphan_due = self._ledger.deadline()
            self._judging.take(step, making, event, into)
        first = type(steps[0])
        return ("duplicate", _COPY[first]) if first in _COPY else (_WORDS[type(event)], None)

    def _pass_time(self, where: Where, into: Processed) -> None:
        """Fire every timer whose time has come, before the record itself is looked at."""
        self._judging.tell(self.feeds.tick(where.clock, where.offset), into)
        making = Making(where, _NO_DECISION, self.calendar)
        if self._orphan_due is not None and self._orphan_due <= where.clock:
            overdue = self._ledger.tick(where.clock)
            self._orphan_due = self._ledger.deadline()
            for step in overdue:
                self._judging.take(step, making, None, into)
        if self._days.due is not None and self._days.due <= where.clock:
            while (day := self._days.pop_closed(where.clock)) is not None:
                self._close(day, making, into)

    def _close(self, day: str, making: Making, into: Processed) -> None:
        """End what cannot outlive the day, and let go of the days before it."""
        hours = self.calendar.hours(day)
        at = making.where.clock if hours is None else hours[1]
        everybody = msgspec.structs.replace(making.where, counterparty="")
        for ended in self._ledger.close(day, at, everybody):
            self._judging.take(ended, making, None, into)
        self._ledger.forget(day)
        self._orphan_due = self._ledger.deadline()

    def _confess(self, record: Record, where: Where, error: Exception, into: Processed) -> None:
        """Say that the watch failed on something else than a message's own content."""
        # it is among the batch's events before a rule is asked; were that to fail too, there is nothing left to tell
        with contextlib.suppress(Exception):
            self._judging.tell([failure_event(record, where, error)], into)

    def _adopt(self, adopted: Adopted, where: Where, into: Processed) -> None:
        """Put in force what a VERSION record carries."""
        content, engine = adopted.content, self.engine
        if isinstance(content, Dialect):
            self._dialects[adopted.name] = content
        elif isinstance(content, VenueRegister):
            engine.adopt(engine.rulebook, {**engine.registers, adopted.name: content})
        elif isinstance(content, Rulebook):
            engine.adopt(content, engine.registers)
        elif isinstance(content, TradingCalendar):
            self._follow(content)
        elif isinstance(content, VenuesFile):
            self._judging.tell(drift(adopted.name, content, engine.registers.get(adopted.name), where), into)
        else:
            self._limit(content)

    def _follow(self, calendar: TradingCalendar) -> None:
        self.calendar = calendar
        self._days.follow(calendar)

    def _limit(self, limits: Limits) -> None:
        self._limits = limits
        self._ledger.orphan_after = limits.orphan_after
        self.feeds.limit(FeedLimits(silence_after=limits.silence_after, gap_overdue_after=limits.gap_overdue_after))

    def _where(self, record: Record) -> Where:
        return Where(
            offset=record.offset,
            counterparty=record.counterparty,
            session=record.session,
            received_at=record.received_at,
            clock=self._clock.now,
        )

    def _hours(self, at: Nanos) -> Nanos | None:
        return self.calendar.open_after(at)

    def _opening(self, symbol: str, received_at: Nanos) -> Nanos:
        del symbol
        return self.calendar.open_after(received_at) or received_at
