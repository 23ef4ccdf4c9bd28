"""What a rule may look at: facts, frozen, in integers. Nothing here decides anything or touches the world.

Units: prices are integers in 1e-9 dollars, quantities integers in 1e-6 shares, times integer UTC nanoseconds. What the
facts are made of has rooms of its own (amounts, quote, order, feed_kinds) and is imported from here.
"""

from __future__ import annotations

import msgspec

from rules.amounts import MILLISECOND as MILLISECOND
from rules.amounts import PRICE_SCALE as PRICE_SCALE
from rules.amounts import QUANTITY_SCALE as QUANTITY_SCALE
from rules.amounts import SECOND as SECOND
from rules.amounts import Nanos as Nanos
from rules.amounts import Price as Price
from rules.amounts import Quantity as Quantity
from rules.answer import Answer as Answer
from rules.arrival import slippage
from rules.exempt import ExemptReason as ExemptReason
from rules.fact import Fact as Fact
from rules.fade import Fade as Fade
from rules.feed_kinds import FeedEventKind as FeedEventKind
from rules.markout import Executed as Executed
from rules.markout import Markout as Markout
from rules.order import Level as Level
from rules.order import Order as Order
from rules.order import OrderEnd as OrderEnd
from rules.order import OrderEventKind as OrderEventKind
from rules.order import OrderType as OrderType
from rules.order import Side as Side
from rules.order import TimeInForce as TimeInForce
from rules.placement import Placement as Placement
from rules.placement import beyond_displayed, placement
from rules.quote import Quote as Quote
from rules.quote import QuotesApart as QuotesApart
from rules.quote import QuoteState as QuoteState
from rules.session_of_day import SessionOfDay as SessionOfDay


class Measures(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The numbers of one execution, per share in 1e-9 dollars; None where they cannot be had, with the reason.

    `dollar_harm` is for the whole execution, in 1e-9 dollars: shares × disimprovement against the receipt quote, else
    shares × outside amount; 0 when there is none, None when neither could be computed. `possible_flicker`: outside, but
    the far side was as bad or worse within the second before; None where that is not known.
    """

    price_improvement: int | None = None
    effective_spread: int | None = None
    quoted_spread: int | None = None
    outside_amount: int | None = None
    time_to_fill: Nanos | None = None
    dollar_harm: int | None = None
    not_evaluated_reason: str | None = None
    possible_flicker: bool | None = None


class Fill(Fact, frozen=True, gc=False, kw_only=True):
    """One live execution with its order and both reference quotes: what price, latency and venue rules look at.

    `venue` is a MIC or local code after the dialect's mapping, "venue_unknown" when undetermined; `venue_raw` the text
    it came from; `book` is the lit book that a dark segment joins by the dialect's table, else the venue itself.
    `fee` is what the whole execution cost in 1e-9 dollars, below zero for a rebate, None where the copy does not tell.
    `clock_suspect` names the stamps that cannot be believed. `resent` marks 43=Y, 97=Y and what came during a recovery,
    or from a file; the latter is `backfilled`. `declared_delay` is by how much the counterparty says it holds its copy
    back. `worst_touch` is the far side's worst price within the second before an execution outside it: the highest
    offer for a buy, the lowest bid for a sell. `amends` is the execution id whose quantity or price this one corrects.
    `quote_source` is the source that its quotes were taken from, `quotes_apart` what a second source said at the same
    instant, `quotes_behind` how far that source's mark lay before the execution when they were taken; None when it was
    dead, or there was none. `session_of_day` is that of the execution, None where it was not kept.
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
    fee: Price | None = None
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
    worst_touch: Price | None = None
    quote_source: str | None = None
    quotes_apart: QuotesApart | None = None
    session_of_day: SessionOfDay | None = None
    quotes_behind: Nanos | None = None

    @property
    def trade_id(self) -> str:
        """Return the id of the trade that it is, the same for a correction of it."""
        return self.amends or self.execution_id

    @property
    def at_receipt(self) -> Quote:
        """Return the NBBO at the order's receipt."""
        return self.order.receipt

    @property
    def placement(self) -> Placement | None:
        """Return where its price lies against the NBBO at execution."""
        return placement(self.side, self.price, self.at_execution)

    @property
    def beyond_displayed(self) -> Quantity | None:
        """Return its shares beyond those displayed at the far side at execution, None where that size is unknown."""
        return beyond_displayed(self.side, self.quantity, self.at_execution)


class OrderChanged(Fact, frozen=True, gc=False, kw_only=True):
    """One order event, after the ledger applied it; `session_of_day` is that of `at`, None where it was not kept.

    `venue` is the one that its reports named last, "venue_unknown" where none did. `answer` is there when it is the
    first acknowledgement or refusal of the order, or the end of a cancel that was pending.
    """

    kind: OrderEventKind
    order: Order
    at: Nanos
    reason: str | None = None
    session_of_day: SessionOfDay | None = None
    venue: str = "venue_unknown"
    answer: Answer | None = None


class OrderOutcome(Fact, frozen=True, gc=False, kw_only=True):
    """One order at its end: the denominators of every fill rate.

    `synthesised` is True when no final message came and the close ended it. `venues` are those that filled it, with
    their `venue_shares`; `venue` is the one venue it is counted under (of its fills, else of its events, else
    "venue_unknown"). `notional` is the sum of price × quantity of what was executed, in 1e-15 dollars; None where it
    was not kept. For how long it was pending, working and held is by the vendor's clock, None where that is not known.
    `session_of_day` is that of its end (an order that the close ended: closing), None where it was not kept.
    `restated` marks an end that was counted before and is said again as it is now: no rule looks at it.
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
    notional: int | None = None
    venue_shares: tuple[Quantity, ...] = ()
    pending_time: Nanos | None = None
    working_time: Nanos | None = None
    held_time: Nanos | None = None
    session_of_day: SessionOfDay | None = None
    restated: bool = False

    @property
    def arrival_slippage(self) -> int | None:
        """Return what it cost against the midpoint at its receipt, doubled, in 1e-15 dollars; None: not known."""
        if self.notional is None:
            return None
        return slippage(self.order.side, self.executed, self.notional, self.order.receipt)


class FeedEvent(Fact, frozen=True, gc=False, kw_only=True):
    """Something that the watch must say about its own sight; `subject` is what it is about (a session, a range, an id).

    `detail` holds the values in words or digits, ready to be evidence; `related` the offsets of the raw messages.
    """

    kind: FeedEventKind
    subject: str
    at: Nanos
    detail: dict[str, str | int | None] = msgspec.field(default_factory=dict)
    related: tuple[int, ...] = ()


class Tick(Fact, frozen=True, gc=False, kw_only=True):
    """Time has passed a deadline that the core announced."""

    at: Nanos


AnyFact = Fill | OrderChanged | OrderOutcome | Markout | Fade | FeedEvent | Tick
