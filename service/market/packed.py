"""Quotes of one symbol in parallel arrays: a quarter of the room that they take as values. Pure."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import msgspec

from rules.facts import Nanos, Price, Quantity
from service.market.update import MarketState, QuoteUpdate

MISSING = -(2**63)
"""Stands for what is not there, in arrays of 64-bit integers."""
_MARKET_STATES = tuple(MarketState)


class Packed:
    """Quotes in parallel arrays; what a source never gives takes no room."""

    __slots__ = ("at", "bid", "bid_size", "market", "number", "offer", "offer_size", "received_at")

    def __init__(self) -> None:
        self.at, self.bid, self.bid_size = array("q"), array("q"), array("q")
        self.offer, self.offer_size, self.market = array("q"), array("q"), array("b")
        self.received_at, self.number = array("q"), array("q")

    def extend(self, quotes: list[QuoteUpdate]) -> None:
        """Put quotes at the end, column by column."""
        before = len(self.at)
        rows = map(msgspec.structs.astuple, quotes)
        _, at, bid, bid_size, offer, offer_size, market, received_at, number = zip(*rows, strict=True)
        self.at.extend(array("q", at))
        self.bid.extend(_filled(bid))
        self.bid_size.extend(_filled(bid_size))
        self.offer.extend(_filled(offer))
        self.offer_size.extend(_filled(offer_size))
        self.market.extend(array("b", market))
        _extend_given(self.received_at, received_at, before)
        _extend_given(self.number, number, before)

    def append_columns(
        self, at: bytes, bid: bytes, bid_size: bytes, offer: bytes, offer_size: bytes, market: bytes
    ) -> None:
        """Put quotes at the end of which each column is there as it is kept; they have neither receipt nor number."""
        before = len(self.at)
        self.at.frombytes(at)
        self.bid.frombytes(bid)
        self.bid_size.frombytes(bid_size)
        self.offer.frombytes(offer)
        self.offer_size.frombytes(offer_size)
        self.market.frombytes(market)
        for column in (self.received_at, self.number):
            if column:
                column.extend([MISSING] * (len(self.at) - before))

    def insert(self, index: int, quote: QuoteUpdate) -> None:
        """Put a quote in before the one at an index."""
        before, one = len(self.at), Packed()
        one.extend([quote])
        for name in self.__slots__:
            column, value = getattr(self, name), getattr(one, name)
            if value and not column:
                column.extend([MISSING] * before)
            if value or column:
                column.insert(index, value[0] if value else MISSING)

    def cut(self, number: int, index: int = 0) -> None:
        """Let so many quotes go, from an index on."""
        for name in self.__slots__:
            del getattr(self, name)[index : index + number]

    def quote(self, symbol: str, index: int) -> QuoteUpdate:
        """Return the quote at an index."""
        bid, bid_size = self.bid[index], self.bid_size[index]
        offer, offer_size = self.offer[index], self.offer_size[index]
        return QuoteUpdate(
            symbol,
            Nanos(self.at[index]),
            None if bid == MISSING else Price(bid),
            None if bid_size == MISSING else Quantity(bid_size),
            None if offer == MISSING else Price(offer),
            None if offer_size == MISSING else Quantity(offer_size),
            _MARKET_STATES[self.market[index]],
            Nanos(self.received_at[index]) if self.received_at and self.received_at[index] != MISSING else None,
            self.number[index] if self.number and self.number[index] != MISSING else None,
        )


def _filled(column: Sequence[int | None]) -> array[int]:
    try:
        return array("q", column)  # type: ignore[arg-type] # mostly nothing is missing: asking each would cost more
    except TypeError:
        return array("q", [MISSING if value is None else value for value in column])


def _extend_given(column: array[int], values: Sequence[int | None], before: int) -> None:
    """Extend a column that stays empty until something is given for it."""
    if column or values.count(None) < len(values):
        column.extend([MISSING] * (before - len(column)))
        column.extend(_filled(values))
