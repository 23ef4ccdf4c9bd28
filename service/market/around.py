"""The quotes around one instant, kept as evidence: what the source said, and whether that is all it said. Pure."""

from __future__ import annotations

import msgspec

from rules.facts import Nanos, Price, Quantity
from service.market.tape import Tape
from service.market.update import MarketState, QuoteUpdate

MOST = 1_000
"""Quotes that are kept around one instant: of more, those nearest to it."""


class Told(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One quote as the source told it."""

    at: Nanos
    bid: Price | None
    bid_size: Quantity | None
    offer: Price | None
    offer_size: Quantity | None
    market: MarketState = MarketState.NORMAL


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """The quotes of [begin, end], led by the one in force at `begin`; `reason` says why they are not `complete`."""

    begin: Nanos
    end: Nanos
    complete: bool
    reason: str = ""
    quotes: tuple[Told, ...] = ()


def around(tape: Tape, symbol: str, at: Nanos, span: Nanos) -> Around:
    """Return what the tape knows of the time from `span` before the instant to `span` after it."""
    begin, end = Nanos(at - span), Nanos(at + span)
    told = [_told(quote) for quote in tape.around(symbol, at, span, span)]
    reason = tape.doubt(symbol, begin, end) or ""
    if len(told) > MOST:
        reason = f"only {MOST} of {len(told)} quotes are kept"
        last = sum(quote.at <= at for quote in told)  # the one in force at the instant is the last of these
        first = max(0, min(last - MOST // 2, len(told) - MOST))
        told = told[first : first + MOST]
    return Around(begin=begin, end=end, complete=not reason, reason=reason, quotes=tuple(told))


def _told(quote: QuoteUpdate) -> Told:
    return Told(quote.at, quote.bid, quote.bid_size, quote.offer, quote.offer_size, quote.market)
