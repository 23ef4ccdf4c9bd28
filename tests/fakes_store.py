"""Journal and store in memory: they keep the promises of service/ports.py, and forget everything with the process."""

from __future__ import annotations

import threading

import msgspec

from rules.facts import Fill, Level, Order, OrderChanged, Quantity
from rules.reassessment import Reassessment
from service.journal import Frame, Record, SessionPoint
from service.orders.known_execution import StoredEnd, StoredTrade, known_execution, the_one_meant
from service.orders.snapshot import KnownExecution
from service.ports import Checkpoint
from service.processed import (
    Amendment,
    Decision,
    Processed,
    RecordedFill,
    RecordedOwnOrder,
    Requoted,
    with_marks,
)
from service.requote import (
    Decided,
    Judged,
    Stood,
    Taken,
    end_as_stated,
    fill_as_stated,
    judged,
    last_stated,
    same_order,
    taken_by,
)

KEPT = (
    "outcomes",
    "fills",
    "order_events",
    "own_orders",
    "amendments",
    "order_outcomes",
    "markouts",
    "end_marks",
    "fades",
    "feed_events",
    "findings",
    "reassessments",
    "requotes",
    "register_changes",
)
"""What a store keeps of a batch."""


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
        for name in KEPT:
            for row in getattr(processed, name):
                key = (name, *_identity(row))
                if key not in self._kept:
                    self._kept.add(key)
                    getattr(self.recorded, name).append(row)
        self.recorded.skipped += processed.skipped
        self.recorded.upto = processed.upto

    def processed_offset(self) -> int:
        """Return the last offset that was recorded."""
        return self.recorded.upto

    def decisions(self, after: int, upto: int) -> dict[int, Decision]:
        """Return the decisions of the facts in between."""
        facts = [(row.changed.offset, row.decision) for row in self.recorded.order_events if row.decision]
        facts += [(row.offset, row.decision) for row in self.recorded.amendments if row.decision]
        facts += [(row.offset, row.decision) for row in self.recorded.own_orders]
        facts += [(row.fill.offset, row.decision) for row in self.recorded.fills]
        taken: dict[int, Decision] = {}
        marks = [(row.offset, row.source_mark, row.released, row.quote) for row in self.recorded.markouts]
        marks += [(row.offset, row.source_mark, row.released, row.quote) for row in self.recorded.end_marks]
        for row in self.recorded.fades:
            if row.source_mark is not None and row.released is not None:
                marks.append((row.offset, row.source_mark, row.released, row.baseline))
        for offset, mark, released, quote in marks:
            before = taken.get(offset, Decision())
            taken[offset] = Decision(mark=mark, reason=released, marks=(*before.marks, quote))
        whole = with_marks(dict(facts), taken)
        return {offset: decision for offset, decision in whole.items() if after < offset <= upto}

    def known_keys(self, counterparty: str, trade_date: str, before: int) -> dict[str, bytes]:
        """Return the idempotency keys of that day that came before an offset."""
        rows: list[tuple[Fill | OrderChanged | Amendment | RecordedOwnOrder, str | None, bytes]] = [
            *((row.fill, row.dedup_key, row.content_hash) for row in self.recorded.fills),
            *((row.changed, row.dedup_key, row.content_hash) for row in self.recorded.order_events),
            *((row, row.dedup_key, row.content_hash) for row in self.recorded.amendments),
            *((row, row.dedup_key, row.content_hash) for row in self.recorded.own_orders),
        ]
        return {
            key: content
            for fact, key, content in rows
            if key and fact.offset < before and (fact.counterparty, fact.trade_date) == (counterparty, trade_date)
        }

    def known_execution(self, counterparty: str, exec_id: str, before: int) -> KnownExecution | None:
        """Return the execution that an ExecID led to before an offset."""
        earlier = [row for row in self.recorded.amendments if row.offset < before and row.counterparty == counterparty]
        amended = {row.execution_id for row in earlier if row.exec_id == exec_id}
        trades = [
            _stored(row, [one for one in earlier if one.execution_id == row.fill.execution_id])
            for row in self.recorded.fills
            if row.fill.offset < before and row.fill.counterparty == counterparty
        ]
        meant = the_one_meant([trade for trade in trades if trade.exec_id == exec_id or trade.execution_id in amended])
        if meant is None:
            return None
        ends = [
            StoredEnd(row.end, row.at, row.trade_date)
            for row in self.recorded.order_outcomes
            if row.offset < before and row.order.order_key == meant.order.order_key
        ]
        same = [trade for trade in trades if _whose(trade) == _whose(meant)]
        return known_execution(meant, same, ends[-1] if ends else None)

    def decided(self, offset: int, before: int) -> Decided:
        """Return what was judged by a decision as it was last stated before an offset."""
        taken = self._taken(offset)
        if taken is None:
            return Decided()
        stated = [row for row in self.recorded.requotes if row.offset < before]
        taken = last_stated(taken, [row for row in stated if row.decided_offset == offset])
        fills = self._judged(taken, offset, before, stated)
        ends = [row for row in self.recorded.order_outcomes if offset <= row.offset < before]
        counted = [end_as_stated(end, stated) for end in {end.order.order_key: end for end in reversed(ends)}.values()]
        ends = [end for end in counted if same_order(taken, end)]
        names = {
            name for one in fills for name in (one.fill.execution_id, one.corrected and one.corrected.execution_id)
        }
        names |= {end.order.order_key for end in ends}
        about = [row for row in self.recorded.findings if row.offset < before and row.subject in names]
        looks = [row for row in self.recorded.reassessments if row.offset < before]
        stood = [Stood(row, tuple(one for one in looks if one.finding_id == row.finding_id)) for row in about]
        return Decided(taken=taken, fills=tuple(fills), ends=tuple(ends), stood=tuple(stood))

    def _judged(self, taken: Taken, offset: int, before: int, stated: list[Requoted]) -> list[Judged]:
        found = []
        for row in self.recorded.fills:
            hung = [one for one in self.recorded.amendments if one.execution_id == row.fill.execution_id]
            hung = [one for one in hung if one.offset < before]
            about = row.fill.offset >= offset or any(one.offset == offset for one in hung)
            one = judged(taken, offset, fill_as_stated(row.fill, stated), hung)
            if row.fill.offset < before and about and one is not None:
                found.append(one)
        return found

    def _taken(self, offset: int) -> Taken | None:
        fills = [row for row in self.recorded.fills if row.fill.offset == offset]
        if fills:
            return _taken(fills[0].fill, fills[0].fill.symbol, fills[0].fill.order, fills[0].decision)
        for event in self.recorded.order_events:
            if event.changed.offset == offset and event.decision is not None:
                return _taken(event.changed, event.changed.order.symbol, event.changed.order, event.decision)
        for own in self.recorded.own_orders:
            if own.offset == offset:
                return _taken_by_own(own)
        amended = {row.execution_id for row in self.recorded.amendments if row.offset == offset}
        for row in self.recorded.fills:
            if row.fill.execution_id in amended:
                return _taken(row.fill, row.fill.symbol, None, Decision(at_execution=row.fill.at_execution))
        return None

    def reassessments(self, trade_date: str) -> list[Reassessment]:
        """Return the second looks at that day's findings."""
        return [second for second in self.recorded.reassessments if second.trade_date == trade_date]

    def save_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Keep it."""
        self.checkpoints.append(checkpoint)

    def checkpoint(self, schema: str) -> Checkpoint | None:
        """Return the newest of that schema."""
        fitting = [kept for kept in self.checkpoints if kept.schema == schema]
        return max(fitting, key=lambda kept: kept.offset, default=None)


def _taken(fact: Fill | OrderChanged, symbol: str, order: Order | None, decision: Decision) -> Taken:
    return Taken(
        counterparty=fact.counterparty,
        reported_by=fact.counterparty,
        session=fact.session,
        trade_date=fact.trade_date,
        symbol=symbol,
        decision=decision,
        order=None if order is None else taken_by(order, decision),
    )


def _taken_by_own(row: RecordedOwnOrder) -> Taken:
    own, receipt = row.own, row.decision.at_receipt
    symbol = own.terms.symbol or ""
    order = receipt and Order(order_key=own.ids.order_key, symbol=symbol, receipt=receipt, firm_received_at=own.sent_at)
    return Taken(
        counterparty=own.vendor,
        reported_by=row.counterparty,
        session=row.session,
        trade_date=row.trade_date,
        symbol=symbol,
        decision=row.decision,
        order=order,
        own_id=own.ids.order_key,
    )


def _whose(trade: StoredTrade) -> tuple[object, ...]:
    order = trade.order
    leg = (order.symbol, order.side) if order.level is Level.LEG else ()
    return (order.order_key, order.level, *leg)


def _stored(row: RecordedFill, amended: list[Amendment]) -> StoredTrade:
    fill, last = row.fill, max(amended, key=lambda one: one.offset, default=None)
    return StoredTrade(
        execution_id=fill.execution_id,
        trade_date=fill.trade_date,
        key=row.dedup_key,
        exec_id=fill.exec_id,
        content_hash=row.content_hash,
        session=fill.session,
        order=fill.order,
        quantity=fill.quantity if last is None else last.quantity or Quantity(0),
        price=(last and last.price) or fill.price,
        venue=(last and last.venue) or fill.venue,
        executed_at=fill.executed_at,
        reported=(fill.quantity, fill.price),
    )


def _identity(row: object) -> tuple[object, ...]:
    """Return what makes a row the same row: its idempotency key where it has one, else its place."""
    if isinstance(row, Reassessment):
        return (row.finding_id, row.offset)
    fact = getattr(row, "fill", None) or getattr(row, "changed", None) or row
    key = getattr(row, "finding_id", None) or getattr(row, "dedup_key", None)
    whose = (getattr(fact, "counterparty", ""), getattr(fact, "trade_date", ""))
    return (*whose, key) if key is not None else (getattr(fact, "offset", None), msgspec.json.encode(row))
