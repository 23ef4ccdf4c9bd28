"""A quote of the source as it counts: its state by the two prices and by what the source says of the market. Pure."""

from __future__ import annotations

from rules.facts import Price, Quote, QuoteState
from service.market.update import MarketState, QuoteUpdate

# members of an enum are looked up by a function call in 3.11: these stand in the hot path
_NORMAL, _LOCKED = QuoteState.NORMAL, QuoteState.LOCKED
_ABSENT, _ONE_SIDED = QuoteState.ABSENT, QuoteState.ONE_SIDED

NORMAL, HALTED, CLOSED = MarketState.NORMAL, MarketState.HALTED, MarketState.CLOSED
_BANDED = {
    MarketState.BID_NOT_EXECUTABLE: (False, True, "the bid is not executable (price band)"),
    MarketState.OFFER_NOT_EXECUTABLE: (True, False, "the offer is not executable (price band)"),
    MarketState.NEITHER_EXECUTABLE: (False, False, "neither side is executable (price band)"),
}
"""Whether the bid counts, whether the offer counts, and what is said of it."""
_WITHDRAWN = "no bid and no offer"


def absent(note: str) -> Quote:
    """Return a quote that is not there, with the reason in words."""
    return Quote(state=_ABSENT, note=note)


def state_of(bid: Price | None, offer: Price | None, market: MarketState = NORMAL) -> QuoteState:
    """Derive the state from what the source says of the market and from the prices that count (domain.md §3)."""
    if market is HALTED:
        return QuoteState.HALTED
    if market is CLOSED:
        return QuoteState.CLOSED
    if bid is None or offer is None:
        return _ABSENT if bid is offer else _ONE_SIDED
    if bid == offer:
        return _LOCKED
    return QuoteState.CROSSED if bid > offer else _NORMAL


def quoted(update: QuoteUpdate) -> Quote:
    """Return the quote as it counts; a side that a price band makes not executable counts as missing, and says so."""
    if update.market > CLOSED:
        return _banded(update, *_BANDED[update.market])
    state = state_of(update.bid, update.offer, update.market)
    return Quote(
        state=state,
        bid=update.bid,
        bid_size=update.bid_size,
        offer=update.offer,
        offer_size=update.offer_size,
        at=update.at,
        note=_WITHDRAWN if state is _ABSENT else None,
    )


def _banded(update: QuoteUpdate, with_bid: bool, with_offer: bool, note: str) -> Quote:  # noqa: FBT001 - a row of the table
    bid = update.bid if with_bid else None
    offer = update.offer if with_offer else None
    return Quote(
        state=state_of(bid, offer),
        bid=bid,
        bid_size=update.bid_size if with_bid else None,
        offer=offer,
        offer_size=update.offer_size if with_offer else None,
        at=update.at,
        note=note,
    )
