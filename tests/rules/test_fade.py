"""How far the market moved away between two children of a parent: by hand, and mirrored for the other side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import Price, Quantity, Quote, QuoteState, Side
from rules.fade import Moved, moved
from tests.factories import a_quote, price, shares
from tests.factories_store import a_fade

FIRST = a_quote("10.00", "10.02", bid_size="500", offer_size="300")


def signed(text: str, unit: Callable[[str], int]) -> int:
    """Return a number of that unit, which may be below zero."""
    return -unit(text[1:]) if text.startswith("-") else unit(text)


@pytest.mark.parametrize(
    ("side", "later", "touch", "size"),
    [
        ("buy", a_quote("10.00", "10.02", bid_size="500", offer_size="300"), "0", "0"),
        ("buy", a_quote("10.00", "10.05", bid_size="500", offer_size="100"), "0.03", "200"),
        ("buy", a_quote("9.99", "10.01", bid_size="500", offer_size="400"), "-0.01", "-100"),
        ("sell", a_quote("9.98", "10.02", bid_size="200", offer_size="300"), "0.02", "300"),
        ("sell_short", a_quote("10.01", "10.02", bid_size="900", offer_size="300"), "-0.01", "-400"),
        ("sell_short_exempt", a_quote("10.02", "10.02", bid_size="500", state="locked"), "-0.02", "0"),
        ("buy", a_quote("10.00", "10.0201", offer_size="0.5"), "0.0001", "299.5"),
    ],
)
def test_away_from_the_order_is_above_zero(side: str, later: Quote, touch: str, size: str) -> None:
    """A buy meets the offer, every kind of sell the bid; locked markets and fractions of a share count."""
    found = moved(Side(side), ("first child", FIRST), ("later child", later))

    assert found == Moved(Price(signed(touch, price)), Quantity(signed(size, shares)))


def test_a_size_that_is_not_told_leaves_the_touch() -> None:
    """The price moved all the same."""
    found = moved(Side.BUY, ("first child", FIRST), ("later child", a_quote("10.00", "10.03", offer_size=None)))

    assert found == Moved(price("0.01"), None)


@pytest.mark.parametrize(
    ("named", "why", "before"),
    [
        ({"first": a_quote(state="crossed")}, "first child crossed", "first child crossed"),
        ({"later": a_quote(bid=None, state="one_sided")}, "later child one_sided", None),
        (
            {"baseline": Quote(state=QuoteState.ABSENT, note="before the first quote")},
            None,
            "baseline absent: before the first quote",
        ),
        ({"baseline": a_quote(state="closed")}, None, "baseline closed"),
    ],
)
def test_where_a_quote_cannot_be_used_the_first_such_is_named(
    named: dict[str, Any], why: str | None, before: str | None
) -> None:
    """The move and its baseline each say it for themselves."""
    fade = a_fade(**named)

    assert (fade.moved.why, fade.moved_before.why) == (why, before)
    assert [one.touch is None for one in (fade.moved, fade.moved_before)] == [why is not None, before is not None]


def test_the_baseline_runs_up_to_the_first_child() -> None:
    """The offer rose a cent before and three after; the size shrank by 50 and by 200."""
    fade = a_fade(
        baseline=a_quote("10.00", "10.01", offer_size="350"),
        first=FIRST,
        later=a_quote("10.00", "10.05", offer_size="100"),
    )

    assert fade.moved == Moved(price("0.03"), shares("200"))
    assert fade.moved_before == Moved(price("0.01"), shares("50"))


PRICES = st.integers(1, 10**12)
SIZES = st.integers(0, 10**12)


@given(PRICES, PRICES, SIZES, SIZES)
def test_the_mirrored_market_moves_a_sell_as_it_moves_a_buy(one: int, other: int, few: int, many: int) -> None:
    """Offers become bids below zero."""

    def bought(at: int, size: int) -> Quote:
        return Quote(state=QuoteState.NORMAL, bid=Price(0), offer=Price(at), offer_size=Quantity(size))

    def sold(at: int, size: int) -> Quote:
        return Quote(state=QuoteState.NORMAL, bid=Price(-at), offer=Price(0), bid_size=Quantity(size))

    buy = moved(Side.BUY, ("a", bought(one, few)), ("b", bought(other, many)))
    sell = moved(Side.SELL, ("a", sold(one, few)), ("b", sold(other, many)))

    assert buy == sell == Moved(Price(other - one), Quantity(few - many))
