"""The quotes of the second before an execution outside the quote: was the far side as bad as that a moment ago? Pure.

Asked only where a price lies outside its quote, which is rare; what was in force when the second began counts too.
"""

from __future__ import annotations

from rules.facts import SECOND, Nanos, Price, Quote, QuoteState
from service.market.extremes import Extremes
from service.market.tape import Tape

FLICKER = Nanos(SECOND)
_NOT_OPEN = (QuoteState.HALTED, QuoteState.CLOSED)


def lies_outside(price: Price | None, quote: Quote | None) -> bool:
    """Return whether the price is above the offer or below the bid of a quote that can be used."""
    if price is None or quote is None or not quote.state.usable or quote.bid is None or quote.offer is None:
        return False
    return price > quote.offer or price < quote.bid


def second_before(tape: Tape, symbol: str, at: Nanos, began_with: Quote) -> Extremes:
    """Return the extremes of the quotes in force within the second up to `at`, of which `began_with` was the first."""
    during = tape.extremes(symbol, Nanos(at - FLICKER), at)
    if began_with.state in _NOT_OPEN:
        return during
    bids = [bid for bid in (began_with.bid, during.lowest_bid) if bid is not None]
    offers = [offer for offer in (began_with.offer, during.highest_offer) if offer is not None]
    return Extremes(min(bids, default=None), max(offers, default=None))
