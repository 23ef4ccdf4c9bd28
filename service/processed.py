"""All that one batch of journal records came to: what the store records in one transaction, and nothing else."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from rules.engine import Skip
from rules.facts import (
    FeedEvent,
    Fill,
    Markout,
    Measures,
    Nanos,
    OrderChanged,
    OrderOutcome,
    Price,
    Quantity,
    Quote,
    QuotesApart,
)
from rules.fade import Fade
from rules.finding import Finding
from rules.order_end import EndMark
from rules.reassessment import Reassessment
from service.fix.events import Outcome, OwnOrder
from service.orders.steps import Placed, Where
from service.register_changes import RegisterChange


class Decision(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """The quotes that were taken for one record, how far the source's tape had come, and why it was released.

    `reason`: "mark" (the source had passed the time), "bound" (waited long enough), "not_live" (no live source),
    "end" (a quote file ended before the time), "no_source", "recorded" (taken from an earlier decision).
    A side that the record did not ask for is None. `lowest_bid` and `highest_offer` are the extremes of the second
    before the execution (the quote in force at its start included), looked up where the price lies outside the quote.
    `marks` answer those of the request, in its order; they are kept with their own rows: the decision that is stored
    with a fact has none.
    `source` names the quote source, `apart` says what the next one by priority had at the same instant.
    """

    at_receipt: Quote | None = None
    at_execution: Quote | None = None
    mark: Nanos = Nanos(0)
    reason: str = "no_source"
    lowest_bid: Price | None = None
    highest_offer: Price | None = None
    source: str | None = None
    apart: QuotesApart | None = None
    marks: tuple[Quote, ...] = ()

    @property
    def own(self) -> Decision:
        """Return what was decided for the record itself."""
        return msgspec.structs.replace(self, marks=()) if self.marks else self


def with_marks(decisions: dict[int, Decision], taken: dict[int, Decision]) -> dict[int, Decision]:
    """Return the decisions of both, of the second the marks: what was decided for the record itself goes before."""
    whole = dict(decisions)
    for offset, of_marks in taken.items():
        own = decisions.get(offset)
        whole[offset] = of_marks if own is None else msgspec.structs.replace(own, marks=of_marks.marks)
    return whole


class RecordedFill(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """An execution as it is stored: the fact, its idempotency key and the decision it was released with."""

    fill: Fill
    dedup_key: str
    content_hash: bytes
    decision: Decision


class RecordedOrderEvent(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """An order event as it is stored; `decision` is there when the receipt quote was taken with it."""

    changed: OrderChanged
    dedup_key: str | None
    content_hash: bytes
    exec_id: str | None
    decision: Decision | None = None


class RecordedOwnOrder(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """An order of the firm, or its request about one, as it is stored, with the decision on the quote at its receipt.

    `order_key` names the vendor's order that it is about, as it was known then.
    """

    offset: int
    counterparty: str
    session: str
    trade_date: str
    received_at: Nanos | None
    clock: Nanos
    backfilled: bool
    dedup_key: str
    content_hash: bytes
    own: OwnOrder
    order_key: str | None
    decision: Decision

    @classmethod
    def of(cls, step: Placed, where: Where, decision: Decision) -> RecordedOwnOrder:
        """Return the row that the step is."""
        return cls(
            offset=where.offset,
            counterparty=where.counterparty,
            session=where.session,
            trade_date=step.own.trade_date,
            received_at=where.received_at,
            clock=where.clock,
            backfilled=where.backfilled,
            dedup_key=step.key,
            content_hash=step.own.content_hash,
            own=step.own,
            order_key=None if step.order is None else step.order.order_key,
            decision=decision,
        )


class Amendment(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What a bust or a correction did to an execution: a row of its own that names what it changes (invariant 9).

    `offset` is the record with which it was applied, a later one when it had to wait for its original. `kind` is what
    it leaves: "correction", or "bust" (also for a correction of what stays busted); quantity, price, venue and measures
    are the corrected ones. `decision` is there for a correction: a second run must judge it by the same quotes.
    `corrected` is the fact that the rules looked at, None for a bust.
    """

    offset: int
    counterparty: str
    session: str
    trade_date: str
    execution_id: str
    kind: str
    exec_id: str | None
    dedup_key: str | None
    content_hash: bytes
    at: Nanos
    quantity: Quantity | None = None
    price: Price | None = None
    venue: str | None = None
    measures: Measures | None = None
    decision: Decision | None = None
    corrected: Fill | None = None


class RequotedKind(StrEnum):
    """What a row about late quotes states anew: the decision itself, an execution, or an order's end."""

    DECISION = "decision"
    EXECUTION = "execution"
    ORDER_END = "order_end"


class Requoted(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What late quotes made of a decision or of a fact judged by it: a row of its own, the fact stays as it was made.

    `offset` is the requote record's, `decided_offset` that of the record whose decision it changes. `receipt`,
    `execution`, `worst_touch`, `marketable` and `measures` are those that count from here on; `decision` is there for a
    decision.
    """

    kind: RequotedKind
    offset: int
    counterparty: str
    session: str
    trade_date: str
    decided_offset: int
    order_key: str | None
    execution_id: str | None = None
    at: Nanos
    reason: str
    receipt: Quote | None = None
    execution: Quote | None = None
    marketable: bool | None = None
    measures: Measures | None = None
    worst_touch: Price | None = None
    decision: Decision | None = None


class Processed(msgspec.Struct, kw_only=True):
    """What the records after the last processed offset, up to and including `upto`, came to, in journal order.

    `skipped` holds one entry for each rule that did not evaluate a fact; the store keeps how many there were of each.
    """

    upto: int
    outcomes: list[Outcome] = []
    fills: list[RecordedFill] = []
    order_events: list[RecordedOrderEvent] = []
    own_orders: list[RecordedOwnOrder] = []
    amendments: list[Amendment] = []
    order_outcomes: list[OrderOutcome] = []
    markouts: list[Markout] = []
    end_marks: list[EndMark] = []
    fades: list[Fade] = []
    feed_events: list[FeedEvent] = []
    findings: list[Finding] = []
    reassessments: list[Reassessment] = []
    skipped: list[Skip] = []
    requotes: list[Requoted] = []
    register_changes: list[RegisterChange] = []
