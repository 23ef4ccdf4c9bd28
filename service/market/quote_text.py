"""One quote out of text or JSON values: a QuoteUpdate, or a BadQuote that says what is wrong. Pure, never raises.

Prices are decimal text in dollars or integer nanodollars, sizes decimal text or integers in shares. A price of zero
is a side that is not there, as the plans write it.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from rules.facts import PRICE_SCALE, QUANTITY_SCALE
from service.market.update import MarketState, QuoteUpdate

LARGEST = 2**63 - 1
PRICE_DIGITS = len(str(PRICE_SCALE)) - 1
SIZE_DIGITS = len(str(QUANTITY_SCALE)) - 1
MARKET_WORDS: dict[str | None, MarketState] = {state.name.lower(): state for state in MarketState}
MARKET_STATES: dict[str | None, MarketState] = {None: MarketState.NORMAL, "": MarketState.NORMAL} | MARKET_WORDS
REMEMBERED = 65_536
"""Amounts that are kept with what they mean: the same few come again and again, and reading is dear."""

Amount = str | int | None


class BadQuote(msgspec.Struct, frozen=True, gc=False):
    """A quote that could not be taken, with the reason in words."""

    reason: str


def quote_of(
    symbol: str,
    at: int,
    bid: Amount,
    bid_size: Amount,
    offer: Amount,
    offer_size: Amount,
    state: str | None,
    received_at: int | None = None,
    number: int | None = None,
) -> QuoteUpdate | BadQuote:
    """Return the quote that the values say, or what is wrong with the first that is wrong."""
    market = MARKET_STATES.get(state)
    bid_price, offer_price = PRICES[bid], PRICES[offer]
    bid_shares, offer_shares = SIZES[bid_size], SIZES[offer_size]
    if (
        market is None
        or not symbol
        or not 0 < at <= LARGEST
        or BAD in (bid_price, offer_price, bid_shares, offer_shares)
        or (received_at is not None and not 0 < received_at <= LARGEST)
        or (number is not None and not 0 <= number <= LARGEST)
    ):
        return BadQuote(_wrong(symbol, at, bid, bid_size, offer, offer_size, state, received_at, number))
    return QuoteUpdate(
        symbol,
        at,  # type: ignore[arg-type] # NewTypes cost a call each, and this is the busiest line of the watch
        bid_price or None,  # type: ignore[arg-type]
        bid_shares if bid_price else None,  # type: ignore[arg-type]
        offer_price or None,  # type: ignore[arg-type]
        offer_shares if offer_price else None,  # type: ignore[arg-type]
        market,
        received_at,  # type: ignore[arg-type]
        number,
    )


def _wrong(
    symbol: str,
    at: int,
    bid: Amount,
    bid_size: Amount,
    offer: Amount,
    offer_size: Amount,
    state: str | None,
    received_at: int | None,
    number: int | None,
) -> str:
    """Say what is wrong with the first value that is wrong."""
    problems = (
        (not symbol, "the symbol is empty"),
        (not 0 < at <= LARGEST, f"time_ns {at} is no time in UTC nanoseconds"),
        (state not in MARKET_STATES, f"state {state!r} is none of {', '.join(filter(None, MARKET_WORDS))}"),
        (
            BAD in (PRICES[bid], PRICES[offer]),
            f"{_named('bid', bid, PRICES[bid], offer)} is no price in dollars with at most 9 decimals",
        ),
        (
            BAD in (SIZES[bid_size], SIZES[offer_size]),
            f"{_named('bid_size', bid_size, SIZES[bid_size], offer_size)} is no number of shares in 6 decimals at most",
        ),
        (
            received_at is not None and not 0 < received_at <= LARGEST,
            f"received_ns {received_at} is no time in UTC nanoseconds",
        ),
        (True, f"number {number} is no whole number of at most 63 bits"),
    )
    return next(words for wrong, words in problems if wrong)


BAD = -1
"""What `price_of` and `size_of` return for what is no amount; a quote has no negative ones."""


def price_of(value: Amount) -> int | None:
    """Return nanodollars; None when there is nothing, BAD when it is no price."""
    if isinstance(value, int):
        return value if 0 <= value <= LARGEST else BAD
    return scaled(value, PRICE_DIGITS) if value else None


def size_of(value: Amount) -> int | None:
    """Return 1e-6 shares; None when there is nothing, BAD when it is no size."""
    if isinstance(value, int):
        return value * QUANTITY_SCALE if 0 <= value <= LARGEST // QUANTITY_SCALE else BAD
    return scaled(value, SIZE_DIGITS) if value else None


def scaled(text: str, digits: int) -> int:
    """Return a decimal number that is not negative in units of 10 to the power of −`digits`; BAD when it is none."""
    whole, _, fraction = text.strip().partition(".")
    fraction = fraction.rstrip("0")
    figures = whole + fraction
    if not figures:
        return 0 if "0" in text else BAD
    if len(fraction) > digits or not figures.isascii() or not figures.isdigit() or len(whole) > digits + 10:
        return BAD
    value = int(whole + fraction.ljust(digits, "0"))
    return value if value <= LARGEST else BAD


class Meanings(dict[Amount, int | None]):
    """Amount → what `read` makes of it, each read once; forgotten all together when they are too many."""

    def __init__(self, read: Callable[[Amount], int | None]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, value: Amount) -> int | None:
        """Read an amount that is new."""
        if len(self) >= REMEMBERED:
            self.clear()
        found = self[value] = self._read(value)
        return found


PRICES = Meanings(price_of)
SIZES = Meanings(size_of)


def _named(name: str, value: Amount, parsed: int | None, other: Amount) -> str:
    """Name the side that is bad: this one, else its opposite."""
    if parsed == BAD:
        return f"{name} {value!r}"
    return f"{name.replace('bid', 'offer')} {other!r}"
