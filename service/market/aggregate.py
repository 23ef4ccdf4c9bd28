"""Averages over many executions or orders, as ratios of sums (domain.md §3): never a mean of ratios. Pure.

Sums are integers without a limit, so they can be added one by one, in any order, and merged from any grouping: what
comes out is the same. A ratio is an exact fraction, None where nothing was measured; no denominator is ever floored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Self, TypeVar

import msgspec

from rules.facts import QUANTITY_SCALE, Fill, Measures, OrderEnd, OrderOutcome, Price, Quantity, Quote, Side
from rules.placement import Placement, beyond_displayed, placement
from rules.windows import wilson

CONFIDENCE = 990_000
"""Of the interval around a fill rate, in ppm; two-sided."""
K = TypeVar("K")


class Measured(msgspec.Struct, frozen=True):
    """As much of an execution as its sums are made of, under the names that a Fill has for them."""

    side: Side
    quantity: Quantity
    price: Price
    fee: Price | None
    at_receipt: Quote
    at_execution: Quote
    measures: Measures

    @property
    def placement(self) -> Placement | None:
        """Return where its price lies against the NBBO at execution."""
        return placement(self.side, self.price, self.at_execution)

    @property
    def beyond_displayed(self) -> Quantity | None:
        """Return its shares beyond those displayed at the far side at execution."""
        return beyond_displayed(self.side, self.quantity, self.at_execution)


class Sums(msgspec.Struct):
    """Integers that are added, and sums of them, to any depth."""

    def merge(self, other: Self) -> None:
        """Add what the other was given to this."""
        for name in self.__struct_fields__:
            mine, others = getattr(self, name), getattr(other, name)
            if isinstance(mine, Sums):
                mine.merge(others)
            else:
                setattr(self, name, mine + others)


class Kind(Sums, kw_only=True):
    """The shares of one kind of execution, with amount (shares × amount a share) and, where it is known, their time."""

    shares: int = 0
    amount: int = 0
    timed_shares: int = 0
    time: int = 0

    def add(self, quantity: Quantity, amount: int, time: int | None) -> None:
        """Add the shares of one execution."""
        self.shares += quantity
        self.amount += quantity * amount
        if time is not None:
            self.timed_shares += quantity
            self.time += quantity * time

    @property
    def average_amount(self) -> Fraction | None:
        """Return the share-weighted amount, in 1e-9 dollars a share."""
        return ratio(self.amount, self.shares)

    @property
    def average_time(self) -> Fraction | None:
        """Return the share-weighted time to fill, in nanoseconds, of those shares whose time is known."""
        return ratio(self.time, self.timed_shares)


class Executions(Sums, kw_only=True):
    """The sums of executions; amounts are in 1e-15 dollars: 1e-6 shares × 1e-9 dollars a share.

    `improved`, `at_quote` and `disimproved` are disjoint and by the quote at receipt, `outside` and the placements by
    the one at execution. `measured_shares` have a receipt quote that can be used, `not_evaluated` executions lack a
    measure. `beyond_displayed` are shares beyond the size displayed, out of `sized_shares`. `fee` (in 1e-9 dollars, as
    `dollar_harm` is) is what the `fee_shares` cost, whose fee is known.
    """

    count: int = 0
    shares: int = 0
    not_evaluated: int = 0
    measured_shares: int = 0
    effective: int = 0
    quoted: int = 0
    doubled_midpoint: int = 0
    improved: Kind = msgspec.field(default_factory=Kind)
    at_quote: Kind = msgspec.field(default_factory=Kind)
    disimproved: Kind = msgspec.field(default_factory=Kind)
    timed: Kind = msgspec.field(default_factory=Kind)
    outside: Kind = msgspec.field(default_factory=Kind)
    far_touch: Kind = msgspec.field(default_factory=Kind)
    inside: Kind = msgspec.field(default_factory=Kind)
    midpoint: Kind = msgspec.field(default_factory=Kind)
    near_touch: Kind = msgspec.field(default_factory=Kind)
    beyond_near_touch: Kind = msgspec.field(default_factory=Kind)
    sized_shares: int = 0
    beyond_displayed: int = 0
    dollar_harm: int = 0
    fee: int = 0
    fee_shares: int = 0

    def add(self, fill: Fill | Measured) -> None:
        """Add one execution; whoever adds chooses one level, so that each share counts once."""
        measures, quantity = fill.measures, fill.quantity
        self.count += 1
        self.shares += quantity
        self.not_evaluated += measures.not_evaluated_reason is not None
        self.dollar_harm += measures.dollar_harm or 0
        if measures.time_to_fill is not None:
            self.timed.add(quantity, 0, measures.time_to_fill)
        if fill.fee is not None:
            self.fee += fill.fee
            self.fee_shares += quantity
        self._add_spreads(fill)
        self._add_place(fill)

    def _add_spreads(self, fill: Fill | Measured) -> None:
        measures, quantity, receipt = fill.measures, fill.quantity, fill.at_receipt
        gained, effective, quoted = measures.price_improvement, measures.effective_spread, measures.quoted_spread
        if gained is None or effective is None or quoted is None or receipt.bid is None or receipt.offer is None:
            return
        self.measured_shares += quantity
        self.effective += quantity * effective
        self.quoted += quantity * quoted
        self.doubled_midpoint += quantity * (receipt.bid + receipt.offer)
        kind = self.improved if gained > 0 else self.disimproved if gained < 0 else self.at_quote
        kind.add(quantity, abs(gained), measures.time_to_fill)

    def _add_place(self, fill: Fill | Measured) -> None:
        place, beyond, quantity = fill.placement, fill.beyond_displayed, fill.quantity
        if place is not None:
            better = from_far_touch(fill.side.sign, fill.price, fill.at_execution)
            self.placed(place).add(quantity, abs(better), fill.measures.time_to_fill)
        if beyond is not None:
            self.sized_shares += quantity
            self.beyond_displayed += beyond

    def placed(self, place: Placement) -> Kind:
        """Return the sums of one placement; its amount is the distance from the far touch at execution."""
        kind = getattr(self, place.value)
        assert isinstance(kind, Kind)
        return kind

    @property
    def average_effective_spread(self) -> Fraction | None:
        """Return AvgES = Σq·ES / Σq, in 1e-9 dollars a share."""
        return ratio(self.effective, self.measured_shares)

    @property
    def average_quoted_spread(self) -> Fraction | None:
        """Return AvgQS = Σq·QS / Σq, in 1e-9 dollars a share."""
        return ratio(self.quoted, self.measured_shares)

    @property
    def effective_over_quoted(self) -> Fraction | None:
        """Return E/Q = AvgES / AvgQS, None where all markets were locked."""
        return ratio(self.effective, self.quoted)

    @property
    def net_improvement(self) -> int:
        """Return the amount improved less the amount disimproved, in 1e-15 dollars."""
        return self.improved.amount - self.disimproved.amount

    @property
    def average_improvement(self) -> Fraction | None:
        """Return Σq·PI / Σq, signed, in 1e-9 dollars a share."""
        return ratio(self.net_improvement, self.measured_shares)

    @property
    def net_improvement_ratio(self) -> Fraction | None:
        """Return (Σ improved − Σ disimproved) / Σ q·M: times 100, the net per cent of price improvement."""
        return ratio(2 * self.net_improvement, self.doubled_midpoint)

    @property
    def spread_capture(self) -> Fraction | None:
        """Return Σq·PI / Σq·QS: 0 at the far touch, ½ at the midpoint, 1 at the near touch; E/Q = 1 − 2·capture."""
        return ratio(self.net_improvement, self.quoted)

    @property
    def average_fee(self) -> Fraction | None:
        """Return Σ fee / Σq in 1e-9 dollars a share, of the shares whose fee is known; below zero: rebates."""
        return ratio(self.fee * QUANTITY_SCALE, self.fee_shares)

    @property
    def average_net_improvement(self) -> Fraction | None:
        """Return the improvement a share less the fee a share, each over the shares for which it is known."""
        gross, fee = self.average_improvement, self.average_fee
        return None if gross is None or fee is None else gross - fee

    @property
    def execution_speed(self) -> Fraction | None:
        """Return Σq·(execution − executability) / Σq in nanoseconds, of the shares whose time is known."""
        return self.timed.average_time


class Orders(Sums, kw_only=True):
    """The sums of orders at their end; what the customer canceled is no failure of the router and stands apart."""

    count: int = 0
    filled: int = 0
    ordered_shares: int = 0
    executed_shares: int = 0
    canceled_by_customer: int = 0
    canceled_ordered_shares: int = 0
    canceled_executed_shares: int = 0

    def add(self, outcome: OrderOutcome) -> None:
        """Add one order; unlike populations (rules.population) belong into sums of their own."""
        if outcome.end is OrderEnd.CANCELED_BY_CUSTOMER:
            self.canceled_by_customer += 1
            self.canceled_ordered_shares += outcome.ordered
            self.canceled_executed_shares += outcome.executed
            return
        self.count += 1
        self.filled += outcome.executed > 0
        self.ordered_shares += outcome.ordered
        self.executed_shares += outcome.executed

    @property
    def fill_rate(self) -> Fraction | None:
        """Return orders with any fill / orders."""
        return ratio(self.filled, self.count)

    @property
    def fill_rate_interval(self) -> tuple[int, int] | None:
        """Return Wilson's interval of the fill rate by order, in ppm, rounded outwards."""
        return wilson(self.filled, self.count, CONFIDENCE) if self.count else None

    @property
    def share_fill_rate(self) -> Fraction | None:
        """Return executed / ordered shares."""
        return ratio(self.executed_shares, self.ordered_shares)


def executions_by(fills: Iterable[Fill], key: Callable[[Fill], K]) -> dict[K, Executions]:
    """Return the sums of the fills of each key, in the order in which the keys were met."""
    sums: dict[K, Executions] = {}
    for fill in fills:
        sums.setdefault(key(fill), Executions()).add(fill)
    return sums


def orders_by(outcomes: Iterable[OrderOutcome], key: Callable[[OrderOutcome], K]) -> dict[K, Orders]:
    """Return the sums of the orders of each key, in the order in which the keys were met."""
    sums: dict[K, Orders] = {}
    for outcome in outcomes:
        sums.setdefault(key(outcome), Orders()).add(outcome)
    return sums


def ratio(part: int, whole: int) -> Fraction | None:
    """Return part / whole exactly, None when there is no whole."""
    return Fraction(part, whole) if whole else None


def in_dollars(amount: int) -> Fraction:
    """Return an amount of the sums in 1e-9 dollars."""
    return Fraction(amount, QUANTITY_SCALE)


def from_far_touch(sign: int, price: Price, quote: Quote) -> int:
    """Return how much better than the far side of a usable quote the price is, below zero when it is worse."""
    far = quote.offer if sign > 0 else quote.bid
    assert far is not None
    return sign * (far - price)
