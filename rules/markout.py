"""Where the market stood a while after an execution (domain.md §3), with what a rule wants to know of the execution."""

from __future__ import annotations

import msgspec

from rules.amounts import Nanos, Price, Quantity
from rules.exempt import ExemptReason
from rules.fact import Fact
from rules.order import Level, OrderType, Side
from rules.population import Population
from rules.quote import Quote
from rules.session_of_day import SessionOfDay


class Executed(msgspec.Struct, frozen=True, gc=False, kw_only=True, array_like=True):
    """The execution that marks are of: one value for all of them, so that a mark costs no more than its numbers.

    `quantity` and `venue` are those that count at the time of the mark: a correction may have come in between.
    """

    at: Nanos
    level: Level
    symbol: str
    side: Side
    quantity: Quantity
    venue: str
    order_type: OrderType
    population: Population
    directed: bool
    exempt_reason: ExemptReason | None
    account: str | None
    desk: str | None
    client: str | None
    session_of_day: SessionOfDay | None = None


class Markout(Fact, frozen=True, gc=False, kw_only=True):
    """Where the market stood a `horizon` after an execution, and what that says of its price (domain.md §3).

    `at` is execution + horizon; after the close it is the last instant of regular hours, and `past_close` says so.
    The numbers are per share in 1e-9 dollars and of doubled midpoints, so they are exact: effective spread =
    `realized_spread` + `price_impact`, and `price_impact` = `delay_cost` + `post_trade_impact`. None where a quote
    cannot be used: `not_evaluated_reason` names the first. `price` is the one it was measured with, `source_mark` how
    far the quote source had come and `released` why it was not waited for any longer (as of a Decision). `executed` is
    the execution itself.
    """

    execution_id: str
    execution_offset: int
    horizon: Nanos
    at: Nanos
    past_close: bool
    price: Price
    quote: Quote
    realized_spread: int | None = None
    price_impact: int | None = None
    delay_cost: int | None = None
    post_trade_impact: int | None = None
    not_evaluated_reason: str | None = None
    executed: Executed
    source_mark: Nanos
    released: str
