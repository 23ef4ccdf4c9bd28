"""The loop that drives the core along the journal: warm up, read, decide, apply, record. It judges nothing itself."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from rules.facts import Nanos
from service.journal import Entry, Frame, Record, RecordKind
from service.ports import Checkpoint
from service.processed import Processed

if TYPE_CHECKING:
    from service.core import Core, Prepared
    from service.ports import Journal, Quotes, Store

CHECKPOINT_IDLE = 20_000
CHECKPOINT_FORCED = 250_000


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """What one turn did: `processed` when something was recorded, `waiting` when a fact waits for its quotes."""

    processed: Processed | None
    read: int
    waiting: bool


class Pipeline:
    """Drives one core along one journal; `record` commits facts, findings and the processed offset together.

    `watch` is told what was recorded, of how many records and in how many seconds (metrics live there); `stopwatch`
    gives the seconds.
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
        self._processed = 0
        self._checkpointed = 0
        self._held: Processed | None = None

    @property
    def processed_offset(self) -> int:
        """Return the last journal offset that is recorded."""
        return self._processed

    def warm(self, quotes: Quotes, *, progress: Callable[[int, int], None] = lambda *_: None) -> int:
        """Bring the core to the processed offset: newest checkpoint, then the journal with the recorded `quotes`.

        Return how many records were run again.
        """
        target = self._store.processed_offset()
        saved = self._store.checkpoint(self.core.schema)
        if saved is not None and saved.offset <= target:
            self.core.restore(saved.state)
            self._checkpointed = saved.offset
        at = self._checkpointed
        start = at
        while at < target:
            for record in self._journal.read(at, min(4096, target - at)):
                prepared = self._prepare(record)
                decision = None
                if prepared.request is not None:
                    decision = quotes.decide(prepared.request, Nanos(0))
                self.core.apply(prepared, decision, Processed(upto=record.offset))
                at = record.offset
            progress(at - start, target - start)
        self._read = self._processed = target
        return target - start

    def turn(self, now: Nanos) -> Turn:
        """Process and record at most one batch, at our clock `now`.

        A batch whose recording failed is held and recorded first the next time: the core has moved on with it.
        """
        if self._held is not None:
            return Turn(processed=self._record(self._held, idle=False), read=0, waiting=False)
        read = self._fill()
        processed = Processed(upto=self._processed)
        waiting = False
        while self._pending:
            prepared = self._head()
            decision = None
            if prepared.request is not None:
                decision = self._quotes.decide(prepared.request, now)
                if decision is None:
                    waiting = True
                    break
            self.core.apply(prepared, decision, processed)
            processed.upto = prepared.record.offset
            self._pending.popleft()
        if processed.upto == self._processed:
            return Turn(processed=None, read=read, waiting=waiting)
        idle = read < self._batch and not waiting
        return Turn(processed=self._record(processed, idle=idle), read=read, waiting=waiting)

    def tick(self, now: Nanos) -> bool:
        """Write a tick when a deadline of the core has passed and everything before it has been processed."""
        deadline = self.core.deadline()
        if deadline is None or deadline > now or self._pending:
            return False
        body = msgspec.json.encode({"deadline": deadline})
        self._journal.append(Frame(entries=(Entry(kind=RecordKind.TICK, received_at=now, body=body),)))
        return True

    def save(self) -> None:
        """Save a checkpoint at the processed offset, so that the next start is quick."""
        if self._processed > self._checkpointed:
            state = Checkpoint(offset=self._processed, schema=self.core.schema, state=self.core.snapshot())
            self._store.save_checkpoint(state)
            self._checkpointed = self._processed

    def _record(self, processed: Processed, *, idle: bool) -> Processed:
        self._held = processed
        began = self._stopwatch()
        self._store.record(processed)
        records = processed.upto - self._processed
        self._held = None
        self._processed = processed.upto
        self._watch(processed, records, self._stopwatch() - began)
        self._checkpoint(idle=idle)
        return processed

    def _checkpoint(self, *, idle: bool) -> None:
        since = self._processed - self._checkpointed
        if since >= CHECKPOINT_FORCED or (idle and since >= CHECKPOINT_IDLE):
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

    def _head(self) -> Prepared:
        head = self._pending[0]
        if isinstance(head, Record):
            head = self._pending[0] = self._prepare(head)
        return head

    def _prepare(self, record: Record) -> Prepared:
        prepared = self.core.prepare(record)
        for counterparty, day in prepared.missing_days:
            self.core.load_keys(counterparty, day, self._store.known_keys(counterparty, day, record.offset))
        return prepared
