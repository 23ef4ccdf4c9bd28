"""The extremes of some quotes: the sides that counted, in a market that was open."""

from __future__ import annotations

from service.market.extremes import NO_EXTREMES, Extremes, extremes_of
from service.market.update import MarketState
from tests.factories_market import an_update, price


def test_a_side_that_does_not_count_is_no_extreme() -> None:
    """Neither one that a price band makes not executable, nor any of a market that is halted or closed."""
    updates = [
        an_update(bid="10", offer="11"),
        an_update(bid="9", offer="12", market=MarketState.BID_NOT_EXECUTABLE),
        an_update(bid="1", offer="99", market=MarketState.HALTED),
        an_update(bid="1", offer="99", market=MarketState.CLOSED),
        an_update(bid=None, offer=None),
    ]

    assert extremes_of(updates) == Extremes(price("10"), price("12"))
    assert extremes_of([]) == NO_EXTREMES
