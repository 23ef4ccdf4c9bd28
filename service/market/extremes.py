"""The lowest bid and the highest offer among some quotes. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from rules.facts import Price, QuoteState
from service.market.quoted import quoted
from service.market.update import QuoteUpdate

_NOT_OPEN = (QuoteState.HALTED, QuoteState.CLOSED)


class Extremes(msgspec.Struct, frozen=True, gc=False):
    """The lowest bid and the highest offer of some quotes, None where there was none on that side."""

    lowest_bid: Price | None = None
    highest_offer: Price | None = None


NO_EXTREMES = Extremes()


def extremes_of(updates: Iterable[QuoteUpdate]) -> Extremes:
    """Return the extremes of the sides that counted in a market that was open."""
    quotes = [quote for quote in map(quoted, updates) if quote.state not in _NOT_OPEN]
    return Extremes(
        min((quote.bid for quote in quotes if quote.bid is not None), default=None),
        max((quote.offer for quote in quotes if quote.offer is not None), default=None),
    )
