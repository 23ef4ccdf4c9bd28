"""The road: journal records in, in order; facts and findings out. Pure: no clock, no file, no randomness.

The core starts empty and learns from VERSION records what is in force, so that any journal can be run again.
Everything it knows is in its snapshot.

Its parts: `messages` (what one message comes to), `timers` (what time alone does), `judging` (what the rules say),
`feed` (what the watch says of its own sight), `marks` (where the market stood after an execution), `order_marks` (at
the end of an order, and before its parent's first child).
"""

from __future__ import annotations

import contextlib

import msgspec

from rules.engine import Engine
from rules.facts import FeedEvent, Markout, Nanos
from rules.register import VenueRegister
from rules.rulebook import Rulebook
from service.core_state import SCHEMA, CoreState, Prepared
from service.failure import failure_event
from service.feed.feeds import Feeds
from service.feed.state import FeedLimits
from service.fix.dialect import Dialect
from service.fix.events import Decoded, Outcome
from service.in_force import ORPHAN_AFTER, Adopted, Compared, InForce, Limits, drift, read_version
from service.journal import Record, RecordKind
from service.judging import Judging, Unjudged
from service.market.calendar import TradingCalendar
from service.market.hours import Hours
from service.marks import Marks, wanted
from service.messages import Messages
from service.orders.ledger import Ledger
from service.orders.marks import OrderMarks, Told, wanted_of
from service.orders.snapshot import KnownExecution
from service.orders.steps import Where
from service.ports import QuoteRequest
from service.processed import Decision, Processed
from service.record_clock import RecordClock
from service.register_changes import register_changes
from service.requote import read_requote, requote_of
from service.requoting import Requoting, changed
from service.timers import Timers
from service.unmatched import judged

_MESSAGE, _BACKFILL, _VERSION, _REQUOTE = (
    RecordKind.MESSAGE,
    RecordKind.BACKFILL,
    RecordKind.VERSION,
    RecordKind.REQUOTE,
)
_REMADE = ("requotes", "findings", "reassessments")
_NO_DECISION = Decision()


class Core:
    """One road. `prepare` the record at the head, decide its quotes elsewhere, `apply` it; nothing overtakes."""

    schema = SCHEMA

    def __init__(self) -> None:
        self._in_force = InForce()
        self._clock = RecordClock()
        self._judging = Judging()
        self._ledger = Ledger(opening=self._opening, orphan_after=ORPHAN_AFTER)
        self.feeds = Feeds(FeedLimits(), self._hours, self._in_force.recovery)
        self._timers = Timers(self._ledger, self.feeds, self._judging)
        self._marks = Marks()
        self._messages = Messages(self._in_force, self._ledger, self._judging, self._timers)
        self._order_marks = OrderMarks(self._timers.families, self._messages.asked_as)
        self._requoting = Requoting(self._judging)

    @property
    def calendar(self) -> TradingCalendar:
        """Return the trading calendar in force."""
        return self._in_force.calendar

    @property
    def engine(self) -> Engine:
        """Return the rules in force."""
        return self._judging.engine

    def form(self, symbol: str, counterparty: str) -> str:
        """Return how the quotes are asked for a symbol of a counterparty's; safe from another thread."""
        return self._messages.asked_as(symbol, counterparty).form

    def unjudged(self) -> Unjudged:
        """Return what the rules did not evaluate or failed on so far; cheap, and safe to ask from another thread."""
        return self._judging.unjudged()

    def prepare(self, record: Record) -> Prepared:
        """Decode the record at the head and say what it needs; call it only when all before it is applied."""
        if record.kind is not _MESSAGE and record.kind is not _BACKFILL:
            prepared = Prepared(record, requote=requote_of(record))
        else:
            prepared = self._messages.prepare(record, self._clock.now)
        clock = Nanos(max(self._clock.now, record.received_at or 0))
        due, asked = self._marks.due(clock), self._order_marks.due(clock)
        if not due and not asked:
            return prepared
        request = prepared.request or QuoteRequest(offset=record.offset, symbol="", received_at=record.received_at)
        request = msgspec.structs.replace(request, marks=wanted(due) + wanted_of(asked))
        return msgspec.structs.replace(prepared, request=request, due=due, asked=asked)

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
        where = self._where(record, decoded)
        ended, changed = len(into.order_outcomes), len(into.order_events)
        try:
            self._take_marks(prepared, decision, where, into)
            self._timers.pass_time(where, self._in_force.hours, into)
        except Exception as error:  # noqa: BLE001 - the record itself must still be looked at
            self._confess(record, where, error, into)
        if adopted is not None:
            self._adopt(adopted, where, into)
        outcome, reason = "", None
        fills, amended = len(into.fills), len(into.amendments)
        if decoded is not None:
            outcome, reason, decoded = self._messages.attempt(decoded, (decision or _NO_DECISION).own, where, into)
        if record.kind is _REQUOTE:
            self._requote(prepared, where, into)
        seen: list[FeedEvent] = []
        try:
            symbol = "" if prepared.request is None else prepared.request.symbol
            self._marks.follow(into.fills[fills:], into.amendments[amended:], symbol, self.calendar)
            told: Told = (*into.order_events[changed:], *into.fills[fills:])
            faded = len(into.fades)
            self._order_marks.follow(into.order_outcomes[ended:], told, self.calendar, where, into)
            self._judging.look_at(into.fades[faded:], into)
            seen = self.feeds.observe(record, decoded, outcome)
            self._judging.tell(seen, into)
        except Exception as error:  # noqa: BLE001 - a control record may hold anything
            self._confess(record, where, error, into)
        self._judging.follow(seen, self.feeds, where, self._ledger.book, into)
        if decoded is not None:
            number = decoded.header.sequence
            into.outcomes.append(Outcome(offset=record.offset, outcome=outcome, sequence=number, reason=reason))

    def deadline(self) -> Nanos | None:
        """Return when time alone would change something, None when nothing waits."""
        waits = (self._timers.deadline(), self._marks.deadline(), self._order_marks.deadline())
        return min([due for due in waits if due is not None], default=None)

    def end_of_log(self) -> Nanos | None:
        """Return the instant after which every day of a finished log is closed, and every mark on it is due.

        None when nothing was ever timed.
        """
        end = self._timers.days.last_close() or self._clock.now
        return Nanos(max(end, self._marks.end() or 0, self._order_marks.end() or 0)) or None

    def snapshot(self) -> bytes:
        """Return the whole state as JSON, which unlike MessagePack holds integers beyond 64 bits (sums of money)."""
        return msgspec.json.encode(
            CoreState(
                clock=self._clock,
                dialects=self._in_force.dialects,
                calendar=self.calendar,
                limits=self._in_force.limits,
                open_days=self._timers.days.snapshot(),
                ledger=self._ledger.snapshot(),
                feeds=self.feeds.snapshot(),
                engine=self.engine.snapshot(),
                uncertain=self._judging.reassess.snapshot(),
                unmatched=self._timers.unmatched.snapshot(),
                marks=self._marks.snapshot(),
                order_marks=self._order_marks.snapshot(),
                families=self._timers.families.snapshot(),
            )
        )

    def restore(self, state: bytes) -> None:
        """Become the core that the snapshot was taken from; raise msgspec.DecodeError, with nothing changed, if not."""
        saved = msgspec.json.decode(state, type=CoreState)
        self._clock = saved.clock
        self._in_force.dialects = dict(saved.dialects)
        self._follow(saved.calendar)
        self._ledger.restore(saved.ledger)
        if saved.limits is not None:
            self._limit(saved.limits)
        self._timers.days.restore(saved.open_days)
        self.feeds.restore(saved.feeds)
        self.engine.restore(saved.engine)
        self._judging.reassess.restore(saved.uncertain)
        self._timers.unmatched.restore(saved.unmatched)
        self._marks.restore(saved.marks)
        self._order_marks.restore(saved.order_marks)
        self._timers.families.restore(saved.families)
        self._timers.look_again()

    def _take_marks(self, prepared: Prepared, decision: Decision | None, where: Where, into: Processed) -> None:
        if prepared.due and prepared.request is not None:
            made: list[Markout] = []
            self._marks.take(prepared.due, prepared.request.marks, decision, where, made)
            into.markouts.extend(made)
            self._judging.look_at(made, into)
        if prepared.asked and prepared.request is not None:
            mine = len(prepared.request.marks) - len(prepared.asked)
            decision = decision or _NO_DECISION
            before = len(into.fades)
            self._order_marks.take(prepared.asked, decision.marks[mine:], decision, where, into)
            self._judging.look_at(into.fades[before:], into)

    def _requote(self, prepared: Prepared, where: Where, into: Processed) -> None:
        """Judge again what late quotes bear on, whole or not at all."""
        before = [len(getattr(into, name)) for name in _REMADE]
        try:
            asked, known = prepared.requote or read_requote(prepared.record.body), prepared.decided
            if known is None or known.taken is None:
                return
            taken = known.taken
            now = judged(asked.now, self._messages.asked_as(taken.symbol, taken.reported_by))
            change = changed(asked, taken, now)
            if change is not None:
                book = self._ledger.book(taken.counterparty)
                self._requoting.take(change, known, book, self._opening, where, into)
        except Exception as error:  # noqa: BLE001 - a control record may hold anything
            for name, length in zip(_REMADE, before, strict=True):
                del getattr(into, name)[length:]
            self._confess(prepared.record, where, error, into)

    def _confess(self, record: Record, where: Where, error: Exception, into: Processed) -> None:
        """Say that the watch failed on something else than a message's own content."""
        # it is among the batch's events before a rule is asked; were that to fail too, there is nothing left to tell
        with contextlib.suppress(Exception):
            self._judging.tell([failure_event(record, where, error)], into)

    def _adopt(self, adopted: Adopted, where: Where, into: Processed) -> None:
        """Put in force what a VERSION record carries."""
        content, engine = adopted.content, self.engine
        if isinstance(content, Dialect):
            self._in_force.dialects[adopted.name] = content
            for vendor, level, sources in self._in_force.own_orders():
                self._ledger.expect(vendor, level, sources)
        elif isinstance(content, VenueRegister):
            before = engine.registers.get(adopted.name)
            into.register_changes += register_changes(adopted.version, before, content, where)
            engine.adopt(engine.rulebook, {**engine.registers, adopted.name: content})
        elif isinstance(content, Rulebook):
            engine.adopt(content, engine.registers)
        elif isinstance(content, TradingCalendar):
            self._follow(content)
        elif isinstance(content, Compared):
            self._judging.tell(drift(adopted.name, content, engine.rulebook, engine.registers, where), into)
        else:
            self._limit(content)

    def _follow(self, calendar: TradingCalendar) -> None:
        self._in_force.hours = self._judging.reassess.hours = Hours(calendar)
        self._timers.days.follow(calendar)

    def _limit(self, limits: Limits) -> None:
        self._in_force.limits = limits
        self._ledger.orphan_after = limits.orphan_after
        self._ledger.unanswered_after = limits.unanswered_after
        self._marks.after = self._order_marks.after = limits.mark_after
        self.feeds.limit(limits.feed)

    def _where(self, record: Record, decoded: Decoded | None) -> Where:
        backfilled = record.kind is _BACKFILL  # when a file was read is no receipt
        return Where(
            offset=record.offset,
            counterparty=record.counterparty,
            session=record.session,
            received_at=None if backfilled else record.received_at,
            clock=self._clock.now,
            uncertain=self._judging.reassess.touches(record.counterparty) or self.feeds.jumps(record, decoded),
            recovering=self.feeds.recovering(record.counterparty, self._clock.now),
            backfilled=backfilled,
            declared_delay=self._in_force.delay(record.counterparty),
        )

    def _hours(self, at: Nanos) -> Nanos | None:
        return self.calendar.open_after(at)

    def _opening(self, symbol: str, received_at: Nanos) -> Nanos:
        del symbol
        return self.calendar.open_after(received_at) or received_at
