"""What one inbound FIX message can be, after the dialect has been applied: exactly one of these, always."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from rules.facts import (
    ExemptReason,
    Level,
    Nanos,
    OrderEventKind,
    OrderType,
    Price,
    Quantity,
    Side,
    TimeInForce,
)


class Header(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What the stages need of the standard header, whatever the message is.

    `scope` is set where the dialect counts by segment, `number` where it counts another tag than MsgSeqNum (34) so.
    """

    msg_type: str
    sequence: int | None = None
    sent_at: Nanos | None = None
    poss_dup: bool = False
    poss_resend: bool = False
    scope: str | None = None
    number: int | None = None

    @property
    def only_apart(self) -> bool:
        """Return whether MsgSeqNum (34) itself is counted by segment, and not for the whole session."""
        return self.scope is not None and self.number is None


class Ids(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """How the message names its order, by the dialect; any may be absent.

    `order_key` is what the ledger keys on (37, else 11, by dialect); `previous_key` what a replace names (41);
    `own_id` the ClOrdID of the firm's own order, which is another tag than `cl_ord_id` in some copies.
    """

    order_key: str
    order_id: str | None = None
    cl_ord_id: str | None = None
    previous_key: str | None = None
    parent_id: str | None = None
    own_id: str | None = None


class OrderTerms(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What the message says of the order's terms; None where it is silent."""

    level: Level = Level.CHILD
    account: str | None = None
    desk: str | None = None
    client: str | None = None
    symbol: str | None = None
    side: Side | None = None
    order_type: OrderType | None = None
    time_in_force: TimeInForce | None = None
    limit_price: Price | None = None
    stop_price: Price | None = None
    quantity: Quantity | None = None
    held: bool | None = None
    directed: bool = False
    capacity: str | None = None
    route: str | None = None
    exempt: ExemptReason | None = None


class Stamps(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The vendor's stamps on one message, in UTC ns; `…_digits` is how precisely the stamp was written.

    `time_in`, `time_out`, `executed` come from 768/769/770 by the dialect's types. `suspect` names a stamp that cannot
    be believed, in words.
    """

    transacted_at: Nanos | None = None
    transacted_digits: int = 0
    time_in: Nanos | None = None
    time_out: Nanos | None = None
    executed: Nanos | None = None
    executed_digits: int = 0
    suspect: str | None = None


class AboutOrder(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What every message about an order says; `content_hash` leaves out header, trailer and volatile tags."""

    header: Header
    ids: Ids
    terms: OrderTerms
    stamps: Stamps
    trade_date: str
    content_hash: bytes
    text: str | None = None


class Reported(AboutOrder, frozen=True, gc=False, kw_only=True):
    """What every execution report that could be decoded carries.

    `dedup_key` is (trade date, ExecID and the dialect's extra parts) as text, None where it must not be keyed on.
    """

    exec_id: str | None
    dedup_key: str | None
    claimed_cumulative: Quantity | None = None
    claimed_leaves: Quantity | None = None
    by_customer: bool = False


class Execution(Reported, frozen=True, gc=False, kw_only=True):
    """A trade: shares changed hands at a price.

    `order_event` is set when an order event (150 = 3, 4, 5, B, C) hid this fill: both are applied. `fees` is the fee as
    text, `fee` what the whole execution cost in 1e-9 dollars (below zero: a rebate), None where it cannot be told.
    """

    quantity: Quantity
    price: Price
    venue: str
    book: str
    venue_raw: str | None = None
    liquidity: str | None = None
    auction: bool = False
    fees: str | None = None
    fee: Price | None = None
    order_event: OrderEventKind | None = None


class OrderEvent(Reported, frozen=True, gc=False, kw_only=True):
    """The order changed state without a fill."""

    kind: OrderEventKind
    venue: str | None = None


class Bust(Reported, frozen=True, gc=False, kw_only=True):
    """The execution that 19 (ExecRefID) names never happened."""

    refers_to: str


class Correction(Reported, frozen=True, gc=False, kw_only=True):
    """The execution that 19 (ExecRefID) names was for this quantity at this price."""

    refers_to: str
    quantity: Quantity
    price: Price
    venue: str
    book: str
    venue_raw: str | None = None
    liquidity: str | None = None
    auction: bool = False


class OwnOrderKind(StrEnum):
    """What the firm sent: an order (35=D), a replace (G) or a cancel (F) of one."""

    NEW = "new"
    REPLACE = "replace"
    CANCEL = "cancel"


class OwnOrder(AboutOrder, frozen=True, gc=False, kw_only=True):
    """An order of the firm, or its request about one, as its own OMS sent it to the counterparty `vendor`.

    `ids.order_key` is its ClOrdID, `ids.previous_key` the order that a replace or cancel names (41). `dedup_key` is
    trade date, MsgType, ClOrdID and that name.
    """

    kind: OwnOrderKind
    vendor: str
    dedup_key: str

    @property
    def sent_at(self) -> Nanos | None:
        """Return when the firm had it: TransactTime (60) of its own record, else SendingTime (52)."""
        return self.stamps.transacted_at or self.header.sent_at


class Status(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A report of state only, or another application message that changes nothing; never keyed on."""

    header: Header
    reason: str


class Admin(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A session-level message (35 = 0, 1, 2, 3, 4, 5, A): it moves the sequence, nothing else.

    `new_sequence` is 36 of a SequenceReset (35=4), `gap_fill` its 123.
    """

    header: Header
    new_sequence: int | None = None
    gap_fill: bool = False
    text: str | None = None


class Undecodable(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A message that could not be understood, with the reason in words, naming the tag."""

    header: Header
    reason: str
    tag: int | None = None


Decoded = Execution | OrderEvent | Bust | Correction | OwnOrder | Status | Admin | Undecodable


class Outcome(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What became of one inbound message: the row of `export messages` and the term of the sum in design.md §2.1."""

    offset: int
    outcome: str
    sequence: int | None = None
    reason: str | None = None


OUTCOMES = (
    "execution",
    "order_event",
    "bust",
    "correction",
    "own_order",
    "status",
    "duplicate",
    "undecodable",
    "admin",
)
