"""Averages of the marks of many executions, as ratios of sums (domain.md §3): realized spread, price impact. Pure.

Sums as in aggregate.py: exact, in any order and any grouping. Each average is over the shares for which its own number
could be had, and says how many these are.
"""

from __future__ import annotations

from fractions import Fraction

import msgspec

from rules.facts import Quantity
from service.market.aggregate import Sums, ratio


class Weighted(Sums, kw_only=True):
    """Shares, and shares × an amount a share that may be above or below zero."""

    shares: int = 0
    amount: int = 0

    def add(self, quantity: Quantity, amount: int | None) -> None:
        """Add the shares of one execution, unless its amount is not known."""
        if amount is not None:
            self.shares += quantity
            self.amount += quantity * amount

    @property
    def average(self) -> Fraction | None:
        """Return Σq·x / Σq in 1e-9 dollars a share."""
        return ratio(self.amount, self.shares)


class Marks(Sums, kw_only=True):
    """The sums of the marks of one horizon; amounts are in 1e-15 dollars: 1e-6 shares × 1e-9 dollars a share."""

    count: int = 0
    not_evaluated: int = 0
    past_close: int = 0
    shares: int = 0
    realized: Weighted = msgspec.field(default_factory=Weighted)
    impact: Weighted = msgspec.field(default_factory=Weighted)
    delay: Weighted = msgspec.field(default_factory=Weighted)
    post_trade: Weighted = msgspec.field(default_factory=Weighted)

    def add(
        self,
        quantity: Quantity,
        *,
        realized: int | None,
        impact: int | None,
        delay: int | None,
        post_trade: int | None,
        past_close: bool,
    ) -> None:
        """Add one mark; without a realized spread it counts as not evaluated."""
        self.count += 1
        self.not_evaluated += realized is None
        self.past_close += past_close
        self.shares += quantity
        self.realized.add(quantity, realized)
        self.impact.add(quantity, impact)
        self.delay.add(quantity, delay)
        self.post_trade.add(quantity, post_trade)
