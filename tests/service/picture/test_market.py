"""Which quote was in force when: spans of the picture's time, what stands of them, and for how long."""

from __future__ import annotations

import pytest

from rules.facts import SECOND
from service.market.update import MarketState
from service.picture.market import Stand, in_force, runs, spans, stand, troubles
from tests.factories_picture import seconds, told


@pytest.mark.parametrize(
    ("bid", "offer", "market", "stands"),
    [
        ("42.11", "42.13", MarketState.NORMAL, Stand.NORMAL),
        ("42.13", "42.13", MarketState.NORMAL, Stand.LOCKED),
        ("42.14", "42.13", MarketState.NORMAL, Stand.CROSSED),
        (None, "42.13", MarketState.NORMAL, Stand.ONE_SIDED),
        ("42.11", None, MarketState.NORMAL, Stand.ONE_SIDED),
        (None, None, MarketState.NORMAL, Stand.EMPTY),
        ("42.11", "42.13", MarketState.HALTED, Stand.HALTED),
        (None, None, MarketState.CLOSED, Stand.CLOSED),
        ("42.11", "42.13", MarketState.BID_NOT_EXECUTABLE, Stand.BANDED),
    ],
)
def test_a_quote_stands_as_the_market_says_and_then_as_its_prices_do(
    bid: str | None, offer: str | None, market: MarketState, stands: Stand
) -> None:
    """A halt goes before a crossed price."""
    assert stand(told(0, bid, offer, market)) is stands


def test_each_quote_is_in_force_until_the_next_within_the_picture() -> None:
    """The first is led in by the picture's begin, also when quotes come out of order."""
    found = spans([told(1, "2", "3"), told(-9, "1", "2"), told(7, "3", "4")], seconds(-5), seconds(5))

    assert [(span.begin, span.end) for span in found] == [(seconds(-5), seconds(1)), (seconds(1), seconds(5))]


def test_before_the_first_quote_there_is_none() -> None:
    """And where none is kept there is none at all."""
    late = spans([told(2, "1", "2")], seconds(-5), seconds(5))
    empty = spans([], seconds(-5), seconds(5))
    after = spans([told(9, "1", "2")], seconds(-5), seconds(5))

    assert [(span.stand, span.end) for span in late] == [(Stand.EMPTY, seconds(2)), (Stand.NORMAL, seconds(5))]
    assert [(span.stand, span.end) for span in empty] == [(Stand.EMPTY, seconds(5))]
    assert empty == after


def test_what_was_not_normal_is_said_with_how_long_it_lasted() -> None:
    """Neighbours of one stand are one run; the words add up all of them."""
    quotes = [told(-5, "1", "1"), told(-4, "2", "2"), told(-3, "1", "2"), told(-2, "3", "2"), told(-1.5, "1", "2")]
    found = spans(quotes, seconds(-5), seconds(5))

    assert [(run.stand, run.end - run.begin) for run in runs(found)][:2] == [
        (Stand.LOCKED, 2 * SECOND),
        (Stand.NORMAL, SECOND),
    ]
    assert troubles(found) == "locked for 2 s, crossed for 500 ms"
    assert troubles([]) == ""


def test_of_two_quotes_that_meet_the_later_is_in_force() -> None:
    """An execution at the instant of a quote is judged by it."""
    found = spans([told(-5, "1", "2"), told(0, "2", "3")], seconds(-5), seconds(5))

    at_noon, before, outside = (in_force(found, seconds(at)) for at in (0, -1, 9))

    assert at_noon is found[1]
    assert before is found[0]
    assert outside is None
