"""Quotes of a file in columns, as they stand in it: what is checked, put in order and packed without a value of each.

Pure. Amounts are what `Packed` holds; a symbol is the place of its name, as written, among `names`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from rules.facts import Nanos, Price, Quantity
from service.market.column_values import Codes, Whole
from service.market.packed import MISSING
from service.market.quote_text import BAD, BadQuote
from service.market.update import MarketState, QuoteUpdate

Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]
Again = Callable[[list[int]], list[QuoteUpdate | BadQuote]]
"""Reads some rows of a part of a file one by one, by their places in it, and says what they are."""
_MARKET_STATES = tuple(MarketState)


class QuoteColumns(msgspec.Struct, frozen=True, eq=False):
    """Quotes in columns, and the line or row of the file where each stands."""

    line: Whole
    names: list[str]
    symbol: NDArray[np.int32]
    at: Whole
    bid: Whole
    bid_size: Whole
    offer: Whole
    offer_size: Whole
    market: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.at)

    def take(self, which: Rows | Mask | slice) -> QuoteColumns:
        """Return some of the quotes."""
        return QuoteColumns(
            self.line[which],
            self.names,
            self.symbol[which],
            self.at[which],
            self.bid[which],
            self.bid_size[which],
            self.offer[which],
            self.offer_size[which],
            self.market[which],
        )

    def updates(self) -> Iterator[QuoteUpdate]:
        """Give each quote as a value."""
        for place in range(len(self)):
            yield self.update(place)

    def update(self, place: int) -> QuoteUpdate:
        """Return the quote at a place."""
        bid, bid_size = self.bid.item(place), self.bid_size.item(place)
        offer, offer_size = self.offer.item(place), self.offer_size.item(place)
        return QuoteUpdate(
            self.names[self.symbol.item(place)],
            Nanos(self.at.item(place)),
            None if bid == MISSING else Price(bid),
            None if bid_size == MISSING else Quantity(bid_size),
            None if offer == MISSING else Price(offer),
            None if offer_size == MISSING else Quantity(offer_size),
            _MARKET_STATES[self.market.item(place)],
        )

    def packed(self) -> tuple[bytes, ...]:
        """Return the columns of `Packed` without the newest quote."""
        columns = (self.at, self.bid, self.bid_size, self.offer, self.offer_size, self.market)
        return tuple([column[:-1].tobytes() for column in columns])

    def in_time_order(self) -> bool:
        """Return whether no time goes back."""
        return bool((self.at[1:] >= self.at[:-1]).all())

    def met(self) -> list[int]:
        """Return the places of the names that there are quotes of, in the order in which they come."""
        first = np.full(len(self.names), -1)
        first[self.symbol[::-1]] = np.arange(len(self) - 1, -1, -1)
        order = np.argsort(first, kind="stable")
        found: list[int] = order[first[order] >= 0].tolist()
        return found

    def repeats(self, groups: NDArray[np.signedinteger]) -> Mask:
        """Return which quotes say what the one before them said of the same group and time."""
        same = groups[1:] == groups[:-1]
        for column in (self.at, self.symbol, self.bid, self.bid_size, self.offer, self.offer_size, self.market):
            same &= column[1:] == column[:-1]
        return np.concatenate((np.zeros(1, np.bool_), same))


def of_names(names: list[str]) -> tuple[list[str], NDArray[np.int32]]:
    """Return the different names, and for each name its place among them."""
    codes = Codes()
    places = np.fromiter(map(codes.__getitem__, names), np.int32, len(names))
    return list(codes), places


def spread(columns: QuoteColumns, which: Mask, line: Whole) -> QuoteColumns:
    """Return columns for all these lines in which the quotes stand where `which` says; the others are doubtful."""
    fields = {name: getattr(columns, name) for name in columns.__struct_fields__ if name not in {"line", "names"}}
    wide = {name: np.full(len(line), BAD, column.dtype) for name, column in fields.items()}
    for name, column in fields.items():
        wide[name][which] = column
    return QuoteColumns(line=line, names=columns.names, **wide)


def checked(columns: QuoteColumns, again: Again) -> tuple[QuoteColumns, list[tuple[int, str]]]:
    """Return the good quotes, and line and reason of the others; what is doubtful is read again one by one."""
    doubtful = np.flatnonzero(_doubtful(columns))
    columns = _without_sizes_of_nothing(columns)
    if not len(doubtful):
        return columns, []
    good = np.ones(len(columns), np.bool_)
    bad: list[tuple[int, str]] = []
    codes = Codes(zip(columns.names, range(len(columns.names)), strict=True))
    for place, quote in zip(doubtful.tolist(), again(doubtful.tolist()), strict=True):
        if isinstance(quote, BadQuote):
            good[place] = False
            bad.append((int(columns.line[place]), quote.reason))
        else:
            _put(columns, place, quote, codes)
    return msgspec.structs.replace(columns, names=list(codes)).take(good), bad


def _doubtful(columns: QuoteColumns) -> Mask:
    nameless = columns.names.index("") if "" in columns.names else BAD
    doubtful: Mask = (columns.at <= 0) | (columns.market == BAD) | (columns.symbol == nameless)
    for amounts in (columns.bid, columns.bid_size, columns.offer, columns.offer_size):
        doubtful |= amounts == BAD
    return doubtful


def _without_sizes_of_nothing(columns: QuoteColumns) -> QuoteColumns:
    return msgspec.structs.replace(
        columns,
        bid_size=np.where(columns.bid == MISSING, MISSING, columns.bid_size),
        offer_size=np.where(columns.offer == MISSING, MISSING, columns.offer_size),
    )


def _put(columns: QuoteColumns, place: int, quote: QuoteUpdate, codes: Codes) -> None:
    columns.symbol[place] = codes[quote.symbol]
    columns.at[place] = quote.at
    columns.market[place] = quote.market
    for column, amount in (
        (columns.bid, quote.bid),
        (columns.bid_size, quote.bid_size),
        (columns.offer, quote.offer),
        (columns.offer_size, quote.offer_size),
    ):
        column[place] = MISSING if amount is None else amount
