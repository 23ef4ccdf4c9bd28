"""Between a source of others and the tape: each quote is looked at, what is none is counted. Pure: a clock comes in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from rules.facts import SECOND, Nanos
from service.market.quote_json import QuoteMessage, read_message
from service.market.quote_text import LARGEST, BadQuote
from service.market.tape import MarketState, QuoteUpdate

AHEAD_TOLERANCE = 10 * SECOND
"""A plan time further ahead of our clock than this is nonsense: it would move the mark and end all waiting."""


class Live(Protocol):
    """The live quotes that a source feeds."""

    def take(self, message: QuoteMessage, now: Nanos) -> None:
        """Put what one message said on the tape."""
        ...

    def lost(self, messages: int = 0) -> None:
        """Note a loss."""
        ...


class CheckedSink:
    """The sink of a source that we have not written (port QuoteSink)."""

    def __init__(self, live: Live, clock: Callable[[], int]) -> None:
        self._live = live
        self._clock = clock

    def quotes(self, quotes: Iterable[QuoteUpdate], *, mark: Nanos | None = None, sequence: int | None = None) -> None:
        """Put the quotes that are good on the tape, and count the others."""
        now = Nanos(self._clock())
        not_after = now + AHEAD_TOLERANCE
        good: list[QuoteUpdate] = []
        bad: list[BadQuote] = []
        for quote in quotes:
            wrong = fault(quote, not_after)
            if wrong is None:
                good.append(quote)
            else:
                bad.append(BadQuote(wrong))
        if mark is not None and not _within(mark, 1, not_after):
            bad.append(BadQuote(f"the mark {mark!r} is no time, or lies ahead of our clock"))
            mark = None
        number = sequence if type(sequence) is int else None
        self._live.take(QuoteMessage(quotes=tuple(good), mark=mark, sequence=number, bad=tuple(bad)), now)

    def payload(self, body: bytes) -> None:
        """Read the JSON and put what is good on the tape."""
        now = Nanos(self._clock())
        self._live.take(read_message(body, Nanos(now + AHEAD_TOLERANCE)), now)

    def lost(self, messages: int = 0) -> None:
        """Note a loss."""
        self._live.lost(messages)


def fault(quote: Any, not_after: int) -> str | None:
    """Return what is wrong with a quote, None when it can be taken."""
    if type(quote) is not QuoteUpdate:
        return f"{type(quote).__name__} is no QuoteUpdate"
    symbol: Any = quote.symbol
    market: Any = quote.market
    if not isinstance(symbol, str) or not symbol:
        return "the symbol is empty, or no text"
    if not _within(quote.at, 1, not_after):
        return f"{quote.symbol}: the time {quote.at!r} is no time, or lies ahead of our clock"
    if not isinstance(market, MarketState):
        return f"{symbol}: the state {market!r} is no MarketState"
    for name, amount, least in (
        ("bid", quote.bid, 1),
        ("bid_size", quote.bid_size, 0),
        ("offer", quote.offer, 1),
        ("offer_size", quote.offer_size, 0),
    ):
        if amount is not None and not _within(amount, least, LARGEST):
            return f"{quote.symbol}: {name} {amount!r} is no integer of 64 bits from {least}"
    return None


def _within(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and least <= value <= most
