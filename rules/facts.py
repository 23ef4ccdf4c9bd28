"""What a rule may look at: facts, frozen, in integers. Nothing here decides anything or touches the world.

Units: prices are integers in 1e-9 dollars, quantities integers in 1e-6 shares, times integer UTC nanoseconds.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NewType

import msgspec

from rules.feed_kinds import FeedEventKind as FeedEventKind  # noqa: PLC0414 - facts are imported from here

Nanos = NewType("Nanos", int)
"""UTC nanoseconds since the epoch, or a length of time in nanoseconds."""
Price = NewType("Price", int)
"""1e-9 dollars a share (nanodollars)."""
Quantity = NewType("Quantity", int)
"""1e-6 shares."""

PRICE_SCALE = 1_000_000_000
QUANTITY_SCALE = 1_000_000
SECOND = 1_000_000_000
MILLISECOND = 1_000_000


class Fact(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What every fact carries: where it stands in the journal and whose it is.

    `offset` is the journal offset of the record that made it; `received_at` is our clock (None for what came from a
    file, and for a log without receive stamps: `clock` then holds the message's own SendingTime). `clock` drives the
    timers and never runs backwards. `trade_date` is the date in New York, as YYYY-MM-DD. `uncertain` marks what was
    made while numbers of its counterparty's sessions were missing: what it says may change when they come.
    """

    offset: int
    counterparty: str
    session: str
    trade_date: str
    received_at: Nanos | None
    clock: Nanos
    uncertain: bool = False


class Side(StrEnum):
    """Side (54), as far as the measures care."""

    BUY = "buy"
    SELL = "sell"
    SELL_SHORT = "sell_short"
    SELL_SHORT_EXEMPT = "sell_short_exempt"

    @property
    def sign(self) -> int:
        """Return +1 for a buy and −1 for every kind of sell (domain.md §2)."""
        return 1 if self is Side.BUY else -1


class Level(StrEnum):
    """What an execution or order is a part of; every rule names the one it counts."""

    PARENT = "parent"
    CHILD = "child"
    PACKAGE = "package"
    LEG = "leg"


class OrderType(StrEnum):
    """OrdType (40) in words."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    PEGGED = "pegged"
    OTHER = "other"
    UNKNOWN = "unknown"


class TimeInForce(StrEnum):
    """TimeInForce (59) in words; absent in FIX means DAY."""

    DAY = "day"
    GTC = "gtc"
    OPENING = "opening"
    IOC = "ioc"
    FOK = "fok"
    GTX = "gtx"
    GTD = "gtd"
    CLOSING = "closing"
    OTHER = "other"


class QuoteState(StrEnum):
    """Whether a quote can be used; only `normal` and `locked` carry measures (domain.md §3)."""

    NORMAL = "normal"
    LOCKED = "locked"
    CROSSED = "crossed"
    ONE_SIDED = "one_sided"
    ABSENT = "absent"
    STALE = "stale"
    CLOSED = "closed"
    HALTED = "halted"

    @property
    def usable(self) -> bool:
        """Return whether price measures may be computed on it."""
        return self in (QuoteState.NORMAL, QuoteState.LOCKED)


class ExemptReason(StrEnum):
    """Why an execution may lawfully be outside the quote (domain.md §3)."""

    SWEEP = "sweep"
    BENCHMARK = "benchmark"
    AVERAGE_PRICE = "average_price"
    CONTINGENT = "contingent"
    STOPPED = "stopped"
    AUCTION = "auction"
    NON_REGULAR_SETTLEMENT = "non_regular_settlement"
    MULTILEG_LEG = "multileg_leg"


class Quote(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The NBBO as it was found for one instant, with its own time and whether it can be used.

    A side that is missing is None; `at` is None only when the state is `absent`. `note` says more about an absence:
    "no receipt time", "restart", "no quote source", "unknown symbol", "before the first quote".
    """

    state: QuoteState
    bid: Price | None = None
    bid_size: Quantity | None = None
    offer: Price | None = None
    offer_size: Quantity | None = None
    at: Nanos | None = None
    note: str | None = None


class Measures(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The numbers of one execution, per share in 1e-9 dollars; None where they cannot be had, with the reason.

    `dollar_harm` is for the whole execution, in 1e-9 dollars: shares × disimprovement against the receipt quote, else
    shares × outside amount; 0 when there is none, None when neither could be computed.
    """

    price_improvement: int | None = None
    effective_spread: int | None = None
    quoted_spread: int | None = None
    outside_amount: int | None = None
    time_to_fill: Nanos | None = None
    dollar_harm: int | None = None
    not_evaluated_reason: str | None = None


class Order(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One order as the ledger knew it at one moment (a replace chain is one order, `order_key` its first identity).

    `received_at` is the receipt at the router or venue by the vendor's own clock; `working_at` is when it became
    executable (latest of receipt, open or resumption, trigger). `marketable` is None where it cannot be known.
    `firm_received_at` is the receipt at the firm, from its own order record; where it is known, `receipt` is the quote
    at that instant (domain.md §2), else the quote at `received_at`.
    """

    order_key: str
    order_id: str | None = None
    cl_ord_id: str | None = None
    parent_id: str | None = None
    level: Level = Level.CHILD
    account: str | None = None
    desk: str | None = None
    client: str | None = None
    symbol: str = ""
    side: Side | None = None
    order_type: OrderType = OrderType.UNKNOWN
    time_in_force: TimeInForce = TimeInForce.DAY
    limit_price: Price | None = None
    stop_price: Price | None = None
    quantity: Quantity | None = None
    held: bool | None = None
    directed: bool = False
    capacity: str | None = None
    received_at: Nanos | None = None
    working_at: Nanos | None = None
    marketable: bool | None = None
    receipt: Quote = Quote(state=QuoteState.ABSENT, note="no receipt time")
    firm_received_at: Nanos | None = None


class Fill(Fact, frozen=True, gc=False, kw_only=True):
    """One live execution with its order and both reference quotes: what price, latency and venue rules look at.

    `venue` is a MIC or local code after the dialect's mapping, "venue_unknown" when undetermined; `venue_raw` the text
    it came from; `book` is the lit book that a dark segment joins by the dialect's table, else the venue itself.
    `clock_suspect` names the stamps that cannot be believed. `resent` marks 43=Y, 97=Y and what came during a recovery,
    or from a file; the latter is `backfilled`. `declared_delay` is by how much the counterparty says it holds its copy
    back. `amends` is the execution id whose quantity or price this one corrects.
    """

    execution_id: str
    exec_id: str
    order: Order
    level: Level
    symbol: str
    side: Side
    quantity: Quantity
    price: Price
    venue: str
    book: str
    venue_raw: str | None
    liquidity: str | None = None
    fees: str | None = None
    auction: bool = False
    exempt_reason: ExemptReason | None = None
    executed_at: Nanos
    executed_at_digits: int = 3
    sent_at: Nanos | None = None
    cumulative: Quantity
    at_execution: Quote
    measures: Measures
    regular_hours: bool = True
    resent: bool = False
    backfilled: bool = False
    declared_delay: Nanos = Nanos(0)
    clock_suspect: str | None = None
    amends: str | None = None

    @property
    def at_receipt(self) -> Quote:
        """Return the NBBO at the order's receipt."""
        return self.order.receipt


class OrderEventKind(StrEnum):
    """What happened to an order that was not an execution (ExecType 150 in words)."""

    PENDING_NEW = "pending_new"
    NEW = "new"
    PENDING_REPLACE = "pending_replace"
    REPLACED = "replaced"
    PENDING_CANCEL = "pending_cancel"
    CANCELED = "canceled"
    DONE_FOR_DAY = "done_for_day"
    EXPIRED = "expired"
    REJECTED = "rejected"
    RESTATED = "restated"
    TRIGGERED = "triggered"
    STOPPED = "stopped"
    SUSPENDED = "suspended"
    CALCULATED = "calculated"
    CLEARING_HOLD = "clearing_hold"


class OrderChanged(Fact, frozen=True, gc=False, kw_only=True):
    """One order event, after the ledger applied it."""

    kind: OrderEventKind
    order: Order
    at: Nanos
    reason: str | None = None


class OrderEnd(StrEnum):
    """How an order's life ended."""

    FILLED = "filled"
    CANCELED_BY_CUSTOMER = "canceled_by_customer"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    DONE_FOR_DAY = "done_for_day"
    CLOSE = "close"


class OrderOutcome(Fact, frozen=True, gc=False, kw_only=True):
    """One order at its end: the denominators of every fill rate.

    `synthesised` is True when no final message came and the close ended it. `venues` are those that filled it;
    `venue` is the one venue it is counted under (of its fills, else of its events, else "venue_unknown").
    """

    order: Order
    end: OrderEnd
    at: Nanos
    ordered: Quantity
    executed: Quantity
    average_price: Price | None = None
    venue: str = "venue_unknown"
    venues: tuple[str, ...] = ()
    synthesised: bool = False


class FeedEvent(Fact, frozen=True, gc=False, kw_only=True):
    """Something that the watch must say about its own sight; `subject` is what it is about (a session, a range, an id).

    `detail` holds the values in words or digits, ready to be evidence; `related` the offsets of the raw messages.
    """

    kind: FeedEventKind
    subject: str
    at: Nanos
    detail: dict[str, str | int | None] = {}
    related: tuple[int, ...] = ()


class Tick(Fact, frozen=True, gc=False, kw_only=True):
    """Time has passed a deadline that the core announced."""

    at: Nanos


AnyFact = Fill | OrderChanged | OrderOutcome | FeedEvent | Tick
