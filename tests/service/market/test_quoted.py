"""A quote as it counts: the sides that a price band makes not executable are missing, and it says so."""

from __future__ import annotations

import pytest

from rules.facts import QuoteState
from service.market.quoted import quoted
from service.market.update import MarketState
from tests.factories_market import an_update, price, shares


@pytest.mark.parametrize(
    ("market", "state", "bid", "offer", "words"),
    [
        (MarketState.BID_NOT_EXECUTABLE, QuoteState.ONE_SIDED, None, price("100.10"), "the bid is not"),
        (MarketState.OFFER_NOT_EXECUTABLE, QuoteState.ONE_SIDED, price("99.90"), None, "the offer is not"),
        (MarketState.NEITHER_EXECUTABLE, QuoteState.ABSENT, None, None, "neither side is"),
    ],
)
def test_a_side_that_is_not_executable_counts_as_missing(
    market: MarketState, state: QuoteState, bid: int | None, offer: int | None, words: str
) -> None:
    """Nobody could trade there, so nothing may be compared with it; its size counts as little."""
    found = quoted(an_update(market=market))

    assert (found.state, found.bid, found.offer) == (state, bid, offer)
    assert (found.bid_size, found.offer_size) == (bid and shares(100), offer and shares(100))
    assert found.note == f"{words} executable (price band)"


def test_a_banded_quote_without_the_other_side_is_absent() -> None:
    """The offer is missing and the bid does not count: nothing is left."""
    found = quoted(an_update(offer=None, market=MarketState.BID_NOT_EXECUTABLE))

    assert (found.state, found.at) == (QuoteState.ABSENT, an_update().at)
