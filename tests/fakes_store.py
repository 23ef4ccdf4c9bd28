"""Journal and store in memory: they keep the promises of service/ports.py, and forget everything with the process."""

from __future__ import annotations

import threading

import msgspec

from rules.facts import Fill, OrderChanged
from service.journal import Frame, Record, SessionPoint
from service.ports import Checkpoint
from service.processed import Amendment, Decision, Processed


class FakeJournal:
    """A journal in a list; `broken` makes the next append fail as a full disk would, leaving nothing."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.points: dict[tuple[str, str], SessionPoint] = {}
        self.broken: Exception | None = None
        self._writer = threading.Lock()

    def append(self, frame: Frame) -> int:
        """Keep entries and points together."""
        with self._writer:
            if self.broken is not None:
                raise self.broken
            for entry in frame.entries:
                self.records.append(Record(offset=len(self.records) + 1, **msgspec.structs.asdict(entry)))
            self.points.update({(point.counterparty, point.session): point for point in frame.points})
            return len(self.records)

    def read(self, after: int, limit: int) -> list[Record]:
        """Return the records that follow."""
        return self.records[after : after + limit]

    def last_offset(self) -> int:
        """Return how many there are."""
        return len(self.records)

    def point(self, counterparty: str, session: str) -> SessionPoint | None:
        """Return the newest point of the session."""
        return self.points.get((counterparty, session))


class FakeStore:
    """A store that keeps everything it recorded as one growing `Processed`; the first row of a key wins."""

    def __init__(self) -> None:
        self.recorded = Processed(upto=0)
        self.checkpoints: list[Checkpoint] = []
        self.broken: Exception | None = None
        self._kept: set[tuple[object, ...]] = set()

    def record(self, processed: Processed) -> None:
        """Keep what is new; a batch that ends at or before the processed offset changes nothing."""
        if self.broken is not None:
            raise self.broken
        if processed.upto <= self.recorded.upto:
            return
        for name in ("outcomes", "fills", "order_events", "amendments", "order_outcomes", "feed_events", "findings"):
            for row in getattr(processed, name):
                key = (name, *_identity(row))
                if key not in self._kept:
                    self._kept.add(key)
                    getattr(self.recorded, name).append(row)
        self.recorded.upto = processed.upto

    def processed_offset(self) -> int:
        """Return the last offset that was recorded."""
        return self.recorded.upto

    def decisions(self, after: int, upto: int) -> dict[int, Decision]:
        """Return the decisions of the facts in between."""
        facts = [(row.changed.offset, row.decision) for row in self.recorded.order_events if row.decision]
        facts += [(row.fill.offset, row.decision) for row in self.recorded.fills]
        return {offset: decision for offset, decision in facts if after < offset <= upto}

    def known_keys(self, counterparty: str, trade_date: str, before: int) -> dict[str, bytes]:
        """Return the idempotency keys of that day that came before an offset."""
        rows: list[tuple[Fill | OrderChanged | Amendment, str | None, bytes]] = [
            *((row.fill, row.dedup_key, row.content_hash) for row in self.recorded.fills),
            *((row.changed, row.dedup_key, row.content_hash) for row in self.recorded.order_events),
            *((row, row.dedup_key, row.content_hash) for row in self.recorded.amendments),
        ]
        return {
            key: content
            for fact, key, content in rows
            if key and fact.offset < before and (fact.counterparty, fact.trade_date) == (counterparty, trade_date)
        }

    def save_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Keep it."""
        self.checkpoints.append(checkpoint)

    def checkpoint(self, schema: str) -> Checkpoint | None:
        """Return the newest of that schema."""
        fitting = [kept for kept in self.checkpoints if kept.schema == schema]
        return max(fitting, key=lambda kept: kept.offset, default=None)


def _identity(row: object) -> tuple[object, ...]:
    """Return what makes a row the same row: its idempotency key where it has one, else its place."""
    fact = getattr(row, "fill", None) or getattr(row, "changed", None) or row
    key = getattr(row, "finding_id", None) or getattr(row, "dedup_key", None)
    whose = (getattr(fact, "counterparty", ""), getattr(fact, "trade_date", ""))
    return (*whose, key) if key is not None else (getattr(fact, "offset", None), msgspec.json.encode(row))
