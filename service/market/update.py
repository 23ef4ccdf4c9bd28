"""One change of one symbol's NBBO, as a source says it. Pure."""

from __future__ import annotations

from enum import IntEnum

import msgspec

from rules.facts import Nanos, Price, Quantity


class MarketState(IntEnum):
    """What the source says of the symbol's market; locked, crossed and one-sided are derived from the prices.

    Under a price band (limit up, limit down) a side can be quoted and yet not be executable.
    """

    NORMAL = 0
    HALTED = 1
    CLOSED = 2
    BID_NOT_EXECUTABLE = 3
    OFFER_NOT_EXECUTABLE = 4
    NEITHER_EXECUTABLE = 5


class QuoteUpdate(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One change of one symbol's NBBO, `at` by the plan's clock; a side that is missing is None.

    `received_at` is when the source itself had it, `number` the plan's own number of it, where the source says so.
    """

    symbol: str
    at: Nanos
    bid: Price | None = None
    bid_size: Quantity | None = None
    offer: Price | None = None
    offer_size: Quantity | None = None
    market: MarketState = MarketState.NORMAL
    received_at: Nanos | None = None
    number: int | None = None

    def says_the_same(self, other: QuoteUpdate) -> bool:
        """Return whether both stand for the same market, whatever their times."""
        return (self.bid, self.bid_size, self.offer, self.offer_size, self.market) == (
            other.bid,
            other.bid_size,
            other.offer,
            other.offer_size,
            other.market,
        )
