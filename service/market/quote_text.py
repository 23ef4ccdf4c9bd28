"""One quote out of text or JSON values: a QuoteUpdate, or a BadQuote that says what is wrong. Pure, never raises.

Prices are decimal text in dollars or integer nanodollars, sizes decimal text or integers in shares. A price of zero
is a side that is not there, as the plans write it.
"""

from __future__ import annotations

from functools import lru_cache

import msgspec

from rules.facts import PRICE_SCALE, QUANTITY_SCALE, Nanos, Price, Quantity
from service.market.tape import MarketState, QuoteUpdate

LARGEST = 2**63 - 1
PRICE_DIGITS = len(str(PRICE_SCALE)) - 1
SIZE_DIGITS = len(str(QUANTITY_SCALE)) - 1
MARKET_STATES = {state.name.lower(): state for state in MarketState}

Amount = str | int | None


class BadQuote(msgspec.Struct, frozen=True, gc=False):
    """A quote that could not be taken, with the reason in words."""

    reason: str


def quote_of(
    symbol: str, at: int, bid: Amount, bid_size: Amount, offer: Amount, offer_size: Amount, state: str | None
) -> QuoteUpdate | BadQuote:
    """Return the quote that the values say, or what is wrong with the first that is wrong."""
    if not symbol:
        return BadQuote("the symbol is empty")
    if not 0 < at <= LARGEST:
        return BadQuote(f"time_ns {at} is no time in UTC nanoseconds")
    market = MARKET_STATES.get(state or "normal")
    if market is None:
        return BadQuote(f"state {state!r} is none of {', '.join(MARKET_STATES)}")
    bid_price, offer_price = price_of(bid), price_of(offer)
    bid_shares, offer_shares = size_of(bid_size), size_of(offer_size)
    if BAD in (bid_price, offer_price):
        return BadQuote(f"{_named('bid', bid, bid_price, offer)} is no price in dollars with at most 9 decimals")
    if BAD in (bid_shares, offer_shares):
        words = _named("bid_size", bid_size, bid_shares, offer_size)
        return BadQuote(f"{words} is no number of shares with at most 6 decimals")
    return QuoteUpdate(
        symbol,
        Nanos(at),
        Price(bid_price) if bid_price else None,
        None if bid_shares is None or not bid_price else Quantity(bid_shares),
        Price(offer_price) if offer_price else None,
        None if offer_shares is None or not offer_price else Quantity(offer_shares),
        market,
    )


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


@lru_cache(maxsize=65_536)
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


def _named(name: str, value: Amount, parsed: int | None, other: Amount) -> str:
    """Name the side that is bad: this one, else its opposite."""
    if parsed == BAD:
        return f"{name} {value!r}"
    return f"{name.replace('bid', 'offer')} {other!r}"
