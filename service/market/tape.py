"""The tape: the best bid and offer of each symbol as it changed, kept bounded and asked "as of" an instant.

Symbols are kept in the form that `canonical` gives them, whatever the source writes; by default as written.

Pure. It refuses to know our clock, the trading day or whether its source lives: `enrich.py` puts those to it.

Memory: a quote takes 41 bytes (and the arrays grow ahead by a sixteenth). `capacity` is shared out evenly among the
symbols that were seen, their number rounded up to a power of two, and a symbol keeps between one and two shares: a tape
never holds more than 2 × capacity quotes (default: 164 MB), and less than 2 KB besides for each symbol. A share never
falls below `SMALLEST_SHARE`: the symbol that would make it do so is refused and counted. `capacity=None` keeps all.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from enum import IntEnum

import msgspec

from rules.facts import Nanos, Price, Quantity, Quote, QuoteState

DEFAULT_CAPACITY = 2_000_000
SMALLEST_SHARE = 16
GAPS_KEPT = 64
MISSING = -(2**63)
"""Stands for a side or size that is not there, in arrays of 64-bit integers."""


class MarketState(IntEnum):
    """What the source says of the symbol's market; locked, crossed and one-sided are derived from the prices."""

    NORMAL = 0
    HALTED = 1
    CLOSED = 2


_MARKET_STATES = tuple(MarketState)


class QuoteUpdate(msgspec.Struct, frozen=True, gc=False):
    """One change of one symbol's NBBO, `at` by the plan's clock; a side that is missing is None."""

    symbol: str
    at: Nanos
    bid: Price | None = None
    bid_size: Quantity | None = None
    offer: Price | None = None
    offer_size: Quantity | None = None
    market: MarketState = MarketState.NORMAL


class Extremes(msgspec.Struct, frozen=True, gc=False):
    """The lowest bid and the highest offer of some quotes, None where there was none on that side."""

    lowest_bid: Price | None = None
    highest_offer: Price | None = None


NO_EXTREMES = Extremes()


class TapeCounts(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What the tape was given: taken, of these late (older than the symbol's newest), and what it had to refuse."""

    taken: int
    late: int
    too_late: int
    refused_symbol: int


class Tape:
    """Quotes of many symbols in time order; `mark` is the latest plan time seen on any of them or on a heartbeat."""

    def __init__(
        self, capacity: int | None = DEFAULT_CAPACITY, canonical: Callable[[str], str] = lambda symbol: symbol
    ) -> None:
        self.mark = Nanos(0)
        self.began: Nanos | None = None
        self._series: dict[str, _Series] = {}
        self._written: dict[str, _Series] = {}
        self._canonical = canonical
        self._capacity = capacity
        self._share = capacity
        self._most_symbols = None if capacity is None else _power_of_two_within(capacity // SMALLEST_SHARE)
        self._gaps: list[int] = []
        self._taken = self._late = self._too_late = self._refused_symbol = 0

    def __len__(self) -> int:
        return sum(len(series.at) for series in self._series.values())

    @property
    def counts(self) -> TapeCounts:
        """Return what was taken and refused so far."""
        return TapeCounts(
            taken=self._taken,
            late=self._late,
            too_late=self._too_late,
            refused_symbol=self._refused_symbol,
        )

    def advance(self, at: Nanos) -> None:
        """Move the mark: the source says that it has passed `at` (a heartbeat, the time of a batch)."""
        self.mark = max(self.mark, at)
        self.begin(at)

    def begin(self, at: Nanos) -> None:
        """Say that nothing before `at` was to be had; the first word says it too, when nobody did before."""
        if self.began is None:
            self.began = at

    def gap(self) -> None:
        """Note that the source lost something after its mark: a quote in force then is stale until the next one."""
        if self.mark and self.mark not in self._gaps[-1:]:
            self._gaps = [*self._gaps[1 - GAPS_KEPT :], self.mark]

    def update(self, quote: QuoteUpdate) -> None:
        """Take one quote; one that is late goes to its place in time, after those of the same time."""
        self.advance(quote.at)
        series = self._written.get(quote.symbol) or self._met(quote.symbol)
        if series is None:
            self._refused_symbol += 1
            return
        if self._share is not None and len(series.at) >= 2 * self._share:
            series.trim(self._share)
        if not series.at or quote.at >= series.at[-1]:
            self._taken += 1
            series.append(quote)
            series.sure_of = len(self._gaps) and self._gaps[-1]
        elif series.evicted and quote.at < series.at[0]:
            self._too_late += 1
        else:
            self._taken += 1
            self._late += 1
            series.insert(bisect_right(series.at, quote.at), quote)

    def update_many(self, quotes: Iterable[QuoteUpdate]) -> None:
        """Take a batch of quotes, in the order given."""
        for quote in quotes:
            self.update(quote)

    def as_of(self, symbol: str, at: Nanos) -> Quote:
        """Return the last quote whose time is at or before `at`; of equal times the one that came last."""
        # a counterparty's table may name the symbol as the source writes it, or as it would be written elsewhere
        series = self._series.get(symbol) or self._written.get(symbol) or self._series.get(self._canonical(symbol))
        if series is None:
            return absent("unknown symbol")
        index = bisect_right(series.at, at) - 1
        if index < 0:
            return absent("older than the tape" if series.evicted else "before the first quote")
        return self._after_gaps(series, series.quote(index), at, newest=index == len(series.at) - 1)

    def extremes(self, symbol: str, since: Nanos, at: Nanos) -> Extremes:
        """Return the extremes of the quotes that came after `since` and up to `at` in a market that was open."""
        series = self._series.get(symbol) or self._written.get(symbol) or self._series.get(self._canonical(symbol))
        if series is None:
            return NO_EXTREMES
        return series.extremes(bisect_right(series.at, since), bisect_right(series.at, at))

    def _after_gaps(self, series: _Series, quote: Quote, at: Nanos, *, newest: bool) -> Quote:
        gap = bisect_left(self._gaps, quote.at or 0)
        if gap == len(self._gaps) or self._gaps[gap] > at or quote.state is QuoteState.ABSENT:
            return quote
        if newest and series.sure_of >= self._gaps[gap]:
            return quote  # it was said again after the gap
        return msgspec.structs.replace(quote, state=QuoteState.STALE, note="gap in the quote source")

    def _met(self, written: str) -> _Series | None:
        """Return the series of a symbol that is written like this for the first time."""
        symbol = self._canonical(written)
        series = self._series.get(symbol) or self._new_series(symbol)
        if series is not None:
            self._written[written] = series
        return series

    def _new_series(self, symbol: str) -> _Series | None:
        known = len(self._series)
        if self._most_symbols is not None and known >= self._most_symbols:
            return None
        series = self._series[symbol] = _Series()
        if self._capacity is not None and known & (known - 1) == 0:
            # one more symbol than a power of two: the shares are halved
            self._share = self._capacity // (2 * known or 1)
            for each in self._series.values():
                each.trim(self._share)
        return series


def absent(note: str) -> Quote:
    """Return a quote that is not there, with the reason in words."""
    return Quote(state=QuoteState.ABSENT, note=note)


def state_of(bid: Price | None, offer: Price | None, market: MarketState = MarketState.NORMAL) -> QuoteState:
    """Derive the state from what the source says of the market and from the two prices (domain.md §3)."""
    if market is not MarketState.NORMAL:
        return QuoteState.HALTED if market is MarketState.HALTED else QuoteState.CLOSED
    if bid is None and offer is None:
        return QuoteState.ABSENT
    if bid is None or offer is None:
        return QuoteState.ONE_SIDED
    if bid == offer:
        return QuoteState.LOCKED
    return QuoteState.CROSSED if bid > offer else QuoteState.NORMAL


def _power_of_two_within(limit: int) -> int:
    return 1 << (max(1, limit).bit_length() - 1)


class _Series:
    """One symbol's quotes: parallel arrays in time order, the oldest cut off in one go when twice the share is full."""

    __slots__ = ("at", "bid", "bid_size", "evicted", "market", "offer", "offer_size", "sure_of")

    def __init__(self) -> None:
        self.at = array("q")
        self.bid = array("q")
        self.bid_size = array("q")
        self.offer = array("q")
        self.offer_size = array("q")
        self.market = array("b")
        self.evicted = False
        self.sure_of = 0

    def append(self, quote: QuoteUpdate) -> None:
        self.at.append(quote.at)
        self.bid.append(MISSING if quote.bid is None else quote.bid)
        self.bid_size.append(MISSING if quote.bid_size is None else quote.bid_size)
        self.offer.append(MISSING if quote.offer is None else quote.offer)
        self.offer_size.append(MISSING if quote.offer_size is None else quote.offer_size)
        self.market.append(quote.market)

    def insert(self, index: int, quote: QuoteUpdate) -> None:
        self.at.insert(index, quote.at)
        self.bid.insert(index, MISSING if quote.bid is None else quote.bid)
        self.bid_size.insert(index, MISSING if quote.bid_size is None else quote.bid_size)
        self.offer.insert(index, MISSING if quote.offer is None else quote.offer)
        self.offer_size.insert(index, MISSING if quote.offer_size is None else quote.offer_size)
        self.market.insert(index, quote.market)

    def trim(self, share: int) -> None:
        """Keep the newest `share` quotes; whatever was in force before them is then unknown."""
        surplus = len(self.at) - share
        if surplus <= 0:
            return
        self.evicted = True
        for column in (self.at, self.bid, self.bid_size, self.offer, self.offer_size, self.market):
            del column[:surplus]

    def extremes(self, first: int, after: int) -> Extremes:
        normal = [index for index in range(first, after) if self.market[index] == MarketState.NORMAL]
        bids, offers = [self.bid[index] for index in normal], [self.offer[index] for index in normal]
        return Extremes(
            min((Price(bid) for bid in bids if bid != MISSING), default=None),
            max((Price(offer) for offer in offers if offer != MISSING), default=None),
        )

    def quote(self, index: int) -> Quote:
        bid = None if self.bid[index] == MISSING else Price(self.bid[index])
        offer = None if self.offer[index] == MISSING else Price(self.offer[index])
        bid_size, offer_size = self.bid_size[index], self.offer_size[index]
        state = state_of(bid, offer, _MARKET_STATES[self.market[index]])
        return Quote(
            state=state,
            bid=bid,
            bid_size=None if bid_size == MISSING else Quantity(bid_size),
            offer=offer,
            offer_size=None if offer_size == MISSING else Quantity(offer_size),
            at=Nanos(self.at[index]),
            note="no bid and no offer" if state is QuoteState.ABSENT else None,
        )
