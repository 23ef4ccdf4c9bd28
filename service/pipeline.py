"""The loop that drives the core along the journal: warm up, read, decide, apply, record. It judges nothing itself."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from rules.facts import SECOND, Nanos
from service.journal import Entry, Frame, Record, RecordKind
from service.market.calendar import ALWAYS, trade_date
from service.ports import Checkpoint
from service.processed import Processed

if TYPE_CHECKING:
    from service.core import Core
    from service.core_state import Prepared
    from service.ports import Journal, Quotes, Store

CHECKPOINT_QUIET = 20_000
"""So many records are worth a checkpoint, once the journal has been quiet: it takes about a second per million."""
QUIET = Nanos(SECOND)
CHECKPOINT_FORCED = 1_000_000
"""So many records are worth one even in the middle of the stream: a start would otherwise take minutes."""
WARM_BATCH = 4_096


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """What one turn did: `processed` when something was recorded, `waiting` when a fact waits for its quotes."""

    processed: Processed | None
    read: int
    waiting: bool


class JournalTooShortError(Exception):
    """The store holds results of journal records that are not there."""


class Pipeline:
    """Drives one core along one journal; `record` commits facts, findings and the processed offset together.

    Whatever an error of the store, the journal or the quotes interrupts is taken up where it was: nothing that the
    core has made is dropped, and no record is applied twice. `watch` is told what was recorded, of how many records
    and in how many seconds (metrics live there); `stopwatch` gives the seconds.
    """

    def __init__(
        self,
        *,
        journal: Journal,
        store: Store,
        quotes: Quotes,
        core: Core,
        batch: int = 512,
        watch: Callable[[Processed, int, float], None] = lambda *_: None,
        stopwatch: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self.core = core
        self._journal = journal
        self._store = store
        self._quotes = quotes
        self._batch = batch
        self._watch = watch
        self._stopwatch = stopwatch
        self._pending: deque[Prepared | Record] = deque()
        self._read = 0
        self._applied: int | None = None
        self._processed = 0
        self._checkpointed = 0
        self._made = Processed(upto=0)
        self._ticked: Nanos | None = None
        self._recorded_at = Nanos(0)
        self._midnight = Nanos(0)

    @property
    def processed_offset(self) -> int:
        """Return the last journal offset that is recorded."""
        return self._processed

    def warm(self, quotes: Quotes, *, progress: Callable[[int, int], None] = lambda *_: None) -> int:
        """Bring the core to the processed offset: newest checkpoint, then the journal with the recorded `quotes`.

        Return how many records were run again. Call it again after an error: it goes on where it was.
        """
        target = self._store.processed_offset()
        at = start = self._begin(target) if self._applied is None else self._applied
        while at < target:
            records = self._journal.read(at, min(WARM_BATCH, target - at))
            if not records:
                msg = f"the journal ends at {at}, yet the store holds what records up to {target} came to"
                raise JournalTooShortError(msg)
            for record in records:
                prepared = self._complete(self.core.prepare(record))
                decision = None if prepared.request is None else quotes.decide(prepared.request, Nanos(0))
                self.core.apply(prepared, decision, Processed(upto=record.offset))
                at = self._applied = record.offset
            progress(at - start, target - start)
        self._read = self._processed = target
        self._made = Processed(upto=target)
        for record in self._journal.read(target - 1, 1) if target else ():
            self._midnight = _midnight_after(record.received_at or Nanos(0))
        return target - start

    def turn(self, now: Nanos) -> Turn:
        """Process and record at most one batch, at our clock `now`.

        What an earlier turn made and could not record is recorded first: the core has moved on with it.
        """
        read, waiting = 0, False
        if self._made.upto == self._processed:
            read = self._fill()
            waiting = self._apply_pending(now)
        if self._made.upto == self._processed:
            if not waiting and now - self._recorded_at >= QUIET:
                self._save_after(CHECKPOINT_QUIET)
            return Turn(processed=None, read=read, waiting=waiting)
        processed = self._record()
        self._recorded_at = now
        self._save_after(CHECKPOINT_FORCED)
        return Turn(processed=processed, read=read, waiting=waiting)

    def deadline(self) -> Nanos | None:
        """Return when the next tick is due, None when time alone would change nothing."""
        deadline = self.core.deadline()
        # a deadline that a tick did not move would fill the journal with ticks
        return None if deadline == self._ticked else deadline

    def tick(self, now: Nanos) -> bool:
        """Write a tick when a deadline of the core has passed and everything before it has been processed."""
        deadline = self.deadline()
        if deadline is None or deadline > now or self._pending:
            return False
        body = msgspec.json.encode({"deadline": deadline})
        self._journal.append(Frame(entries=(Entry(kind=RecordKind.TICK, received_at=now, body=body),)))
        self._ticked = deadline
        return True

    def save(self) -> None:
        """Save a checkpoint at the processed offset, so that the next start is quick."""
        if self._processed > self._checkpointed and self._made.upto == self._processed:
            self._save(None)

    def _begin(self, target: int) -> int:
        """Restore the newest checkpoint, if it can be read; return the offset to go on after."""
        self._applied = 0
        saved = self._store.checkpoint(self.core.schema)
        if saved is not None and saved.offset <= target:
            try:
                self.core.restore(saved.state)
            except msgspec.DecodeError:
                return 0  # a checkpoint is a cache: the journal says the same again
            self._applied = self._checkpointed = saved.offset
        return self._applied

    def _apply_pending(self, now: Nanos) -> bool:
        """Apply what can be applied, in order; return whether the head waits for its quotes."""
        while self._pending:
            prepared = None if self._turns_date(self._pending[0]) else self._head()
            if prepared is None:
                return False
            decision = None
            if prepared.request is not None:
                decision = self._quotes.decide(prepared.request, now)
                if decision is None:
                    return True
            self.core.apply(prepared, decision, self._made)
            self._made.upto = prepared.record.offset
            self._pending.popleft()
        return False

    def _turns_date(self, head: Prepared | Record) -> bool:
        """Keep a checkpoint before the first record of a date; return whether what was made must be recorded first."""
        received_at = (head if isinstance(head, Record) else head.record).received_at
        if received_at is None or received_at < self._midnight:
            return False
        if self._made.upto != self._processed:
            return True
        if self._processed:
            self._save(trade_date(received_at))
        self._midnight = _midnight_after(received_at)
        return False

    def _save(self, day: str | None) -> None:
        state = Checkpoint(offset=self._processed, schema=self.core.schema, state=self.core.snapshot(), day=day)
        self._store.save_checkpoint(state)
        self._checkpointed = self._processed

    def _head(self) -> Prepared | None:
        """Return the head made ready; None when the store must first have what was made before it.

        The store is asked of earlier days as of the record: where the batches are cut must not change the answer.
        """
        head = self._pending[0]
        if not isinstance(head, Record):
            return head
        prepared = self.core.prepare(head)
        if prepared.lacks:
            made = self._made
            if any((made.fills, made.order_events, made.own_orders, made.amendments, made.order_outcomes)):
                return None
            if prepared.requote is not None and any((made.requotes, made.findings, made.reassessments)):
                return None
            prepared = self._complete(prepared)
        self._pending[0] = prepared
        return prepared

    def _complete(self, prepared: Prepared) -> Prepared:
        """Load from the store what the record needs to be judged by."""
        record = prepared.record
        if prepared.requote is not None:
            decided = self._store.decided(prepared.requote.offset, record.offset)
            return msgspec.structs.replace(prepared, decided=decided)
        for day in prepared.missing_days:
            self.core.load_keys(
                record.counterparty, day, self._store.known_keys(record.counterparty, day, record.offset)
            )
        if prepared.missing_days:
            prepared = self.core.prepare(record)  # what is known of its day may say that it lacks more
        if prepared.missing_execution is None:
            return prepared
        known = self._store.known_execution(record.counterparty, prepared.missing_execution, record.offset)
        if known is None:
            return prepared
        self.core.load_execution(record.counterparty, known)
        return self.core.prepare(record)

    def _record(self) -> Processed:
        processed, began = self._made, self._stopwatch()
        self._store.record(processed)
        records = processed.upto - self._processed
        self._processed = processed.upto
        self._made = Processed(upto=processed.upto)
        self._watch(processed, records, self._stopwatch() - began)
        return processed

    def _save_after(self, records: int) -> None:
        if self._processed - self._checkpointed >= records:
            self.save()

    def _fill(self) -> int:
        wanted = self._batch - len(self._pending)
        if wanted <= 0:
            return 0
        records = self._journal.read(self._read, wanted)
        if records:
            self._pending.extend(records)
            self._read = records[-1].offset
        return len(records)


def _midnight_after(at: Nanos) -> Nanos:
    """Return when the next date in New York begins."""
    hours = ALWAYS.hours(trade_date(at))
    assert hours is not None
    return hours[1]
