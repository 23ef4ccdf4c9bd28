"""Every hole in the wall of the core, on one page: each port is a Protocol with its promise in the docstring."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import msgspec

from rules.facts import Nanos, Price
from service.journal import Frame, Record, SessionPoint
from service.orders.snapshot import KnownExecution
from service.processed import Decision, Processed
from service.requote import Decided


class MarkWanted(msgspec.Struct, frozen=True, gc=False):
    """The quote of a symbol at an instant after an execution in it."""

    symbol: str
    at: Nanos


class QuoteRequest(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Which quotes one record wants before it can be released; a time that is None is not asked for.

    `price` is that of the execution: where it lies outside the quote, the quotes shortly before matter too.
    `marks` are those that became due with this record, whatever symbols they are of: one answer for all.
    """

    offset: int
    symbol: str
    receipt_at: Nanos | None = None
    execution_at: Nanos | None = None
    received_at: Nanos | None = None
    price: Price | None = None
    marks: tuple[MarkWanted, ...] = ()

    @property
    def latest(self) -> Nanos | None:
        """Return the last instant that is asked for, None when none is."""
        asked = [at for at in (self.receipt_at, self.execution_at) if at is not None]
        if self.marks:
            asked.append(max([mark.at for mark in self.marks]))
        return max(asked, default=None)


class Quotes(Protocol):
    """Decides which quotes a record is judged by, or says None: not yet, ask again later."""

    def decide(self, request: QuoteRequest, now: Nanos) -> Decision | None:
        """Return the decision for the record, None while it should wait; `now` is our clock."""
        ...


class Journal(Protocol):
    """Keeps what came, in order and for good: when `append` returns, the frame is on the disk, whole."""

    def append(self, frame: Frame) -> int:
        """Commit entries and points in one transaction; return the last offset in the journal."""
        ...

    def read(self, after: int, limit: int) -> list[Record]:
        """Return at most `limit` records with offset > `after`, in order."""
        ...

    def last_offset(self) -> int:
        """Return the last offset in the journal, 0 when it is empty."""
        ...

    def point(self, counterparty: str, session: str) -> SessionPoint | None:
        """Return how far the journal holds the session, None when it never heard of it."""
        ...


class Checkpoint(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The core's state after `offset`, as bytes that only the same `schema` can read.

    `day` is the date in New York that begins with the next record, None for one that only makes a start quick.
    """

    offset: int
    schema: str
    state: bytes
    day: str | None = None


class Store(Protocol):
    """Records a batch whole or not at all; recording it twice changes nothing."""

    def record(self, processed: Processed) -> None:
        """Commit facts, findings, outcomes and the processed offset in one transaction."""
        ...

    def processed_offset(self) -> int:
        """Return the offset of the last record whose results are committed."""
        ...

    def decisions(self, after: int, upto: int) -> dict[int, Decision]:
        """Return the recorded decision of each offset in (after, upto] that made a fact or took marks."""
        ...

    def known_keys(self, counterparty: str, trade_date: str, before: int) -> dict[str, bytes]:
        """Return dedup key → content hash of all recorded for that trade date at an offset < `before`."""
        ...

    def known_execution(self, counterparty: str, exec_id: str, before: int) -> KnownExecution | None:
        """Return the execution that this ExecID (its own, or of what amended it) led to at an offset < `before`.

        None when there is none, or when nothing tells which of several on its newest trade date is meant.
        """
        ...

    def decided(self, offset: int, before: int) -> Decided:
        """Return what was judged by the decision at `offset`, as it was last stated at an offset < `before`."""
        ...

    def save_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Keep it; older ones may go, those of days as service.kept_days says."""
        ...

    def checkpoint(self, schema: str) -> Checkpoint | None:
        """Return the newest checkpoint of that schema, None when there is none."""
        ...


class Records(Protocol):
    """Gives out what the exports show, row by row in journal order."""

    def rows(self, what: str, day: str | None) -> Iterator[dict[str, object]]:
        """Yield one dict a row, with every documented column."""
        ...
