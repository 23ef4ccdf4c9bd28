"""What one event did to the ledger, as values: everything that can happen has its own frozen struct here."""

from __future__ import annotations

import msgspec

from rules.facts import Answer, Nanos, Order, OrderEnd, OrderEventKind, OrderOutcome, Price, Quantity
from service.fix.events import Bust, Correction, Execution, OrderEvent, OwnOrder


class Where(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Where in the journal an event stands and what the clocks said: the part of every fact that is not FIX.

    `uncertain`: numbers of the counterparty's sessions are missing. `recovering`: missed reports are coming by another
    way than a resend. `backfilled`: the message came from a file. `declared_delay`: of the counterparty's copy.
    """

    offset: int
    counterparty: str
    session: str
    received_at: Nanos | None
    clock: Nanos
    uncertain: bool = False
    recovering: bool = False
    backfilled: bool = False
    declared_delay: Nanos = Nanos(0)


class Standing(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """How an order stood at one moment, computed from its live executions only (never from 14, 151, 6 or 39).

    `leaves` is None where the ordered quantity is not known, and 0 when more was executed than ordered.
    """

    cumulative: Quantity
    leaves: Quantity | None
    end: OrderEnd | None


class Duplicate(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The same key with the same content came before: nothing changed; `note` says what could not be compared."""

    key: str
    note: str | None = None


class Conflict(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The same key came before with other content: nothing changed, and somebody must look."""

    key: str
    event: Execution | OrderEvent | Bust | Correction | OwnOrder
    first_hash: bytes


class Traded(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """An execution was added to its order; `key` is what it is idempotent under, also where the dialect gave none."""

    execution_id: str
    key: str
    event: Execution
    order: Order
    before: Standing
    after: Standing


class Changed(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """An order event was applied; for a hidden one (`Execution.order_event`) `key` is None: the trade has it.

    `venue` is the one named last, None where none was; `answer` what it answers, None for nothing that waited.
    """

    key: str | None
    event: OrderEvent | Execution
    order: Order
    before: Standing
    after: Standing
    venue: str | None = None
    answer: Answer | None = None


class Unplaced(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A cancel or replace was refused of an order that is not known: nothing changed."""

    key: str


class Amended(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A bust or correction met its execution; what it named may be a link of a chain, `execution_id` is the trade.

    `where` is that of the bust or correction itself, which may have waited for its original. `live`, `quantity`,
    `price` and `venue` are the execution's now (a bust stays a bust when a correction of the same link comes later);
    `was_quantity` and `was_price` what counted before, 0 shares when it was not live. `executed_at` is the original's.
    """

    execution_id: str
    key: str
    where: Where
    order: Order
    before: Standing
    after: Standing
    live: bool
    quantity: Quantity
    price: Price
    venue: str
    was_quantity: Quantity
    was_price: Price
    executed_at: Nanos | None


class Busted(Amended, frozen=True, gc=False, kw_only=True):
    """A bust was applied to the execution that it hit."""

    event: Bust


class Corrected(Amended, frozen=True, gc=False, kw_only=True):
    """A correction was applied to the execution that it hit."""

    event: Correction


class Orphaned(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A bust or correction names an execution that is not known: it is held until that one arrives."""

    key: str
    event: Bust | Correction


class OrphanOverdue(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A held bust or correction has waited too long (it stays held); `where` is its own, `due` when the time was up."""

    key: str
    event: Bust | Correction
    where: Where
    due: Nanos


class Overfilled(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """More shares are live than were ordered; `execution_id` is the one that went over."""

    execution_id: str
    order: Order
    ordered: Quantity
    cumulative: Quantity


class Ended(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The order's life ended, once: this outcome belongs in the denominators."""

    outcome: OrderOutcome


class Restated(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A late fill, bust or correction changed an order that had ended: to be stored, not to be counted again."""

    outcome: OrderOutcome


class Placed(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """An own order, replace or cancel was noted; `order` is the vendor's order that it is about, None if unknown."""

    key: str
    own: OwnOrder
    order: Order | None


class OrderSaid(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """Something that the watch must say about one order of a vendor's copy; `own_id` is its ClOrdID at the firm."""

    order: Order
    own_id: str | None
    counterparty: str
    session: str
    trade_date: str
    at: Nanos
    executed: Quantity
    related: tuple[int, ...] = ()


class Answered(OrderSaid, frozen=True, gc=False, kw_only=True):
    """The vendor's copy spoke of an own order for the first time; `late` when its silence had been told.

    `asked` is what it answers at last when that was a request which was known to be pending.
    """

    late: bool
    asked: OrderEventKind | None = None


class Unanswered(OrderSaid, frozen=True, gc=False, kw_only=True):
    """The vendor's copy has said nothing of an own order, or not answered what was `asked`, within the time allowed."""

    asked: OrderEventKind | None = None


class Unreported(OrderSaid, frozen=True, gc=False, kw_only=True):
    """Its day is over and the vendor's copy never said what became of an own order; `why` in words."""

    why: str


class Unknown(OrderSaid, frozen=True, gc=False, kw_only=True):
    """The vendor's copy holds an order that the firm's own records do not."""


class Disagreed(OrderSaid, frozen=True, gc=False, kw_only=True):
    """The vendor claims another cumulative quantity than its executions add up to."""

    claimed: Quantity


class Agreed(OrderSaid, frozen=True, gc=False, kw_only=True):
    """Claim and executions agree again."""

    claimed: Quantity


Step = (
    Duplicate
    | Conflict
    | Traded
    | Changed
    | Unplaced
    | Busted
    | Corrected
    | Orphaned
    | OrphanOverdue
    | Overfilled
    | Ended
    | Restated
    | Placed
    | Answered
    | Unanswered
    | Unreported
    | Unknown
    | Disagreed
    | Agreed
)
