"""Quotes, updates and requests for the tests of the market room: each names only what matters to its test."""

from __future__ import annotations

from decimal import Decimal

from rules.facts import PRICE_SCALE, QUANTITY_SCALE, SECOND, Nanos, Price, Quantity, Quote
from service.market.tape import MarketState, QuoteUpdate, state_of
from service.ports import MarkWanted, QuoteRequest

NOON = Nanos(1_381_161_600 * SECOND)
"""12:00:00 in New York on Monday, 7 October 2013."""


def price(text: str) -> Price:
    """Return dollars as nanodollars."""
    return Price(int(Decimal(text) * PRICE_SCALE))


def shares(number: int | str) -> Quantity:
    """Return shares in units of 1e-6."""
    return Quantity(int(Decimal(number) * QUANTITY_SCALE))


def seconds(number: float) -> Nanos:
    """Return the instant so many seconds after noon."""
    return Nanos(NOON + int(Decimal(str(number)) * SECOND))


def a_quote(bid: str | None = "99.90", offer: str | None = "100.10", at: Nanos = NOON) -> Quote:
    """Return an NBBO with the state that its prices imply."""
    bid_price = None if bid is None else price(bid)
    offer_price = None if offer is None else price(offer)
    return Quote(state=state_of(bid_price, offer_price), bid=bid_price, offer=offer_price, at=at)


def an_update(
    at: Nanos = NOON,
    *,
    symbol: str = "IBM",
    bid: str | None = "99.90",
    offer: str | None = "100.10",
    market: MarketState = MarketState.NORMAL,
) -> QuoteUpdate:
    """Return a change of the NBBO, 100 shares on each side that is there."""
    return QuoteUpdate(
        symbol,
        at,
        None if bid is None else price(bid),
        None if bid is None else shares(100),
        None if offer is None else price(offer),
        None if offer is None else shares(100),
        market,
    )


def a_request(
    *,
    symbol: str = "IBM",
    receipt_at: Nanos | None = None,
    execution_at: Nanos | None = NOON,
    received_at: Nanos | None = NOON,
    offset: int = 1,
    marks: tuple[MarkWanted, ...] = (),
) -> QuoteRequest:
    """Return a request for the quotes at noon, received at once."""
    return QuoteRequest(
        offset=offset,
        symbol=symbol,
        receipt_at=receipt_at,
        execution_at=execution_at,
        received_at=received_at,
        marks=marks,
    )
