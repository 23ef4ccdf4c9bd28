"""The road: journal records in, in order; facts and findings out. Pure: no clock, no file, no randomness.

The core starts empty and learns from VERSION records what is in force, so that any journal can be run again.
Everything it knows is in its snapshot.
"""

from __future__ import annotations

import msgspec

from rules.engine import Engine, EngineState
from rules.facts import SECOND, AnyFact, FeedEvent, Nanos, OrderOutcome
from rules.register import VenueRegister, parse_register
from rules.rulebook import parse_rulebook
from service.facts_made import Making, amendment, changed_fact, fill_fact
from service.feed import Feeds
from service.feed_state import FeedLimits, FeedsState
from service.fix.decode import decode
from service.fix.dialect import Dialect, parse_dialect
from service.fix.events import Admin, Bust, Correction, Decoded, Execution, Header, OrderEvent, Outcome, Undecodable
from service.journal import Record, RecordKind
from service.market.calendar import ALWAYS, TradingCalendar
from service.order_feed import feed_event
from service.order_snapshot import KnownExecution, LedgerState
from service.order_steps import (
    Busted,
    Changed,
    Corrected,
    Duplicate,
    Ended,
    Restated,
    Step,
    Traded,
    Where,
)
from service.orders import Ledger
from service.ports import QuoteRequest
from service.processed import Decision, Processed, RecordedFill, RecordedOrderEvent
from service.versions import VersionKind, version_of

SCHEMA = "core-1"
LATE_AFTER_CLOSE = Nanos(15 * 60 * SECOND)
"""How long after the close a DAY order may still be ended by the vendor before its end is synthesised."""
ORPHAN_AFTER = Nanos(300 * SECOND)


class Limits(msgspec.Struct, frozen=True):
    """The feed's limits as a LIMITS version carries them, in nanoseconds."""

    silence_after: Nanos
    gap_overdue_after: Nanos
    orphan_after: Nanos = ORPHAN_AFTER


class Prepared(msgspec.Struct, frozen=True):
    """A record at the head of the road: decoded, with the quotes it wants and what must be loaded before."""

    record: Record
    decoded: Decoded | None = None
    request: QuoteRequest | None = None
    missing_days: tuple[tuple[str, str], ...] = ()
    missing_execution: str | None = None


class CoreState(msgspec.Struct, frozen=True, kw_only=True):
    """All that a core is, for a checkpoint."""

    clock: Nanos
    dialects: dict[str, Dialect]
    calendar: TradingCalendar
    limits: Limits | None
    open_days: list[str]
    ledger: LedgerState
    feeds: FeedsState
    engine: EngineState


class Core:
    """One road. `prepare` the record at the head, decide its quotes elsewhere, `apply` it; nothing overtakes."""

    schema = SCHEMA

    def __init__(self) -> None:
        self.engine = Engine(parse_rulebook(""), {})
        self.calendar: TradingCalendar = ALWAYS
        self._clock = Nanos(0)
        self._dialects: dict[str, Dialect] = {}
        self._registers: dict[str, VenueRegister] = {}
        self._limits: Limits | None = None
        self._open_days: set[str] = set()
        self._ledger = Ledger(opening=self._opening, orphan_after=ORPHAN_AFTER)
        self.feeds = Feeds(FeedLimits(), self._hours)

    def prepare(self, record: Record) -> Prepared:
        """Decode the record at the head and say what it needs; call it only when all before it is applied."""
        if record.kind is not RecordKind.MESSAGE:
            return Prepared(record)
        dialect = self._dialects.get(record.counterparty)
        if dialect is None:
            reason = f"no dialect is in force for counterparty {record.counterparty}"
            return Prepared(record, Undecodable(header=Header(msg_type=""), reason=reason))
        fallback = self.calendar.trade_date(record.received_at or self._clock)
        decoded = decode(record.body, dialect, fallback)
        if not isinstance(decoded, Execution | OrderEvent | Bust | Correction):
            return Prepared(record, decoded)
        return Prepared(
            record,
            decoded,
            self._request(record, decoded),
            tuple((record.counterparty, day) for day in self._ledger.missing_days(record.counterparty, decoded)),
            self._ledger.missing_execution(record.counterparty, decoded),
        )

    def load_keys(self, counterparty: str, trade_date: str, keys: dict[str, bytes]) -> None:
        """Take in what the store knows of a trade date before the prepared record is applied."""
        self._ledger.load_keys(counterparty, trade_date, keys)

    def load_execution(self, counterparty: str, known: KnownExecution) -> None:
        """Take in an execution of an earlier day that the prepared record names."""
        self._ledger.load_execution(counterparty, known)

    def apply(self, prepared: Prepared, decision: Decision | None, into: Processed) -> None:
        """Let the record change the state, and add all that it came to to `into`."""
        record = prepared.record
        self._clock = Nanos(max(self._clock, record.received_at or _sent_at(prepared.decoded) or 0))
        where = self._where(record)
        self._pass_time(where, into)
        if record.kind is RecordKind.VERSION:
            self._adopt(record)
        outcome = ""
        if prepared.decoded is not None:
            outcome = self._apply_decoded(prepared.decoded, decision or Decision(), where, into)
        self._take_events(self.feeds.observe(record, prepared.decoded), into)
        if outcome:
            into.outcomes.append(_outcome(record.offset, outcome, prepared.decoded))

    def deadline(self) -> Nanos | None:
        """Return when time alone would change something, None when nothing waits."""
        dues = [due for due in (self.feeds.deadline(), self._ledger.deadline(), self._close_due()) if due is not None]
        return min(dues, default=None)

    def end_of_log(self) -> Nanos | None:
        """Return the instant after which every day of a finished log is closed; None when nothing was ever timed."""
        due = max((self._closes(day) for day in self._open_days), default=None)
        return due if due is not None else (self._clock or None)

    def snapshot(self) -> bytes:
        """Return the whole state as JSON, which unlike MessagePack holds integers beyond 64 bits (sums of money)."""
        return msgspec.json.encode(
            CoreState(
                clock=self._clock,
                dialects=self._dialects,
                calendar=self.calendar,
                limits=self._limits,
                open_days=sorted(self._open_days),
                ledger=self._ledger.snapshot(),
                feeds=self.feeds.snapshot(),
                engine=self.engine.snapshot(),
            )
        )

    def restore(self, state: bytes) -> None:
        """Become the core that the snapshot was taken from."""
        saved = msgspec.json.decode(state, type=CoreState)
        self._clock = saved.clock
        self._dialects = dict(saved.dialects)
        self.calendar = saved.calendar
        if saved.limits is not None:
            self._limit(saved.limits)
        self._open_days = set(saved.open_days)
        self._ledger.restore(saved.ledger)
        self.feeds.restore(saved.feeds)
        self.engine.restore(saved.engine)
        self._registers = dict(self.engine.registers)

    def _request(self, record: Record, event: Execution | OrderEvent | Bust | Correction) -> QuoteRequest | None:
        receipt_at = self._ledger.receipt_wanted(record.counterparty, event)
        execution_at = None
        if isinstance(event, Execution):
            execution_at = Making.executed_at(event, self._clock)
        elif isinstance(event, Correction):
            execution_at = self._ledger.executed_at(record.counterparty, event)
        if receipt_at is None and execution_at is None:
            return None
        return QuoteRequest(
            offset=record.offset,
            symbol=event.terms.symbol or self._ledger.symbol(record.counterparty, event),
            receipt_at=receipt_at,
            execution_at=execution_at,
            received_at=record.received_at,
        )

    def _apply_decoded(self, decoded: Decoded, decision: Decision, where: Where, into: Processed) -> str:
        if isinstance(decoded, Admin):
            return "admin"
        if isinstance(decoded, Undecodable):
            return "undecodable"
        if not isinstance(decoded, Execution | OrderEvent | Bust | Correction):
            return "status"
        self._open_day(decoded.trade_date)
        steps = self._ledger.apply(decoded, where, decision.at_receipt)
        making = Making(where=where, decision=decision, calendar=self.calendar, event=decoded)
        for step in steps:
            self._take(step, making, into)
        if isinstance(steps[0], Duplicate):
            return "duplicate"
        return _WORDS[type(decoded)]

    def _take(self, step: Step, making: Making, into: Processed) -> None:
        """Turn one step of the ledger into facts, and let the rules look at them."""
        if isinstance(step, Traded):
            fill = fill_fact(step, making)
            into.fills.append(
                RecordedFill(
                    fill=fill, dedup_key=step.key, content_hash=step.event.content_hash, decision=making.decision
                )
            )
            self._assess(fill, into)
        elif isinstance(step, Changed):
            fact = changed_fact(step, making)
            into.order_events.append(
                RecordedOrderEvent(
                    changed=fact,
                    dedup_key=step.key,
                    content_hash=step.event.content_hash,
                    exec_id=step.event.exec_id,
                    decision=making.decision if isinstance(step.event, OrderEvent) else None,
                )
            )
            self._assess(fact, into)
        elif isinstance(step, Busted | Corrected):
            made, corrected = amendment(step, making)
            into.amendments.append(made)
            if corrected is not None:
                self._assess(corrected, into)
        elif isinstance(step, Ended):
            self._take_outcome(step.outcome, into)
        elif isinstance(step, Restated):
            into.order_outcomes.append(step.outcome)
        event = feed_event(step, making.event, making.where, self.calendar.trade_date(self._clock))
        if event is not None:
            self._take_events([event], into)

    def _take_outcome(self, outcome: OrderOutcome, into: Processed) -> None:
        into.order_outcomes.append(outcome)
        self._assess(outcome, into)

    def _take_events(self, events: list[FeedEvent], into: Processed) -> None:
        for event in events:
            into.feed_events.append(event)
            self._assess(event, into)

    def _assess(self, fact: AnyFact, into: Processed) -> None:
        into.findings.extend(self.engine.assess(fact))

    def _pass_time(self, where: Where, into: Processed) -> None:
        """Fire every timer whose time has come, before the record itself is looked at."""
        making = Making(where=where, decision=Decision(), calendar=self.calendar)
        self._take_events(self.feeds.tick(self._clock, where.offset), into)
        for overdue in self._ledger.tick(self._clock):
            self._take(overdue, making, into)
        for day in sorted(self._open_days):
            if self._closes(day) <= self._clock:
                self._close(day, where, into)

    def _close(self, day: str, where: Where, into: Processed) -> None:
        self._open_days.discard(day)
        hours = self.calendar.hours(day)
        at = hours[1] if hours is not None else self._clock
        nobody = msgspec.structs.replace(where, counterparty="")
        for ended in self._ledger.close(day, at, nobody):
            self._take_outcome(ended.outcome, into)
        self._ledger.forget(day)

    def _open_day(self, day: str) -> None:
        if day not in self._open_days and self._closes(day) > self._clock:
            self._open_days.add(day)

    def _closes(self, day: str) -> Nanos:
        hours = self.calendar.hours(day)
        return Nanos(hours[1] + LATE_AFTER_CLOSE) if hours is not None else self._clock

    def _close_due(self) -> Nanos | None:
        return min((self._closes(day) for day in self._open_days), default=None)

    def _adopt(self, record: Record) -> None:
        """Put in force what a VERSION record carries; it was proved before it was written."""
        version = version_of(record.body)
        if version.kind is VersionKind.DIALECT:
            self._dialects[version.name] = parse_dialect(version.text)
        elif version.kind is VersionKind.REGISTER:
            self._registers[version.name] = parse_register(version.text)
            self.engine.adopt(self.engine.rulebook, self._registers)
        elif version.kind is VersionKind.RULEBOOK:
            self.engine.adopt(parse_rulebook(version.text), self._registers)
        elif version.kind is VersionKind.CALENDAR:
            self.calendar = msgspec.json.decode(version.text, type=TradingCalendar)
        else:
            self._limit(msgspec.json.decode(version.text, type=Limits))

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
            clock=self._clock,
        )

    def _hours(self, at: Nanos) -> Nanos | None:
        return self.calendar.open_after(at)

    def _opening(self, symbol: str, received_at: Nanos) -> Nanos:
        del symbol
        opens = self.calendar.open_after(received_at)
        return received_at if opens is None else opens


_WORDS = {Execution: "execution", OrderEvent: "order_event", Bust: "bust", Correction: "correction"}


def _sent_at(decoded: Decoded | None) -> Nanos | None:
    return None if decoded is None else decoded.header.sent_at


def _outcome(offset: int, outcome: str, decoded: Decoded | None) -> Outcome:
    assert decoded is not None
    reason = getattr(decoded, "reason", None)
    return Outcome(offset=offset, outcome=outcome, sequence=decoded.header.sequence, reason=reason)
