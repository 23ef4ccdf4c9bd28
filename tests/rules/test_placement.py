"""Where a price lies against a quote, told exactly, and how many shares were beyond those displayed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import Price, Quantity, Quote, QuoteState, Side
from rules.placement import Placement, beyond_displayed, placement
from tests.factories import a_fill, a_quote, price, shares


@pytest.mark.parametrize(
    ("bought_at", "sold_at", "expected"),
    [
        ("10.04", "9.96", Placement.OUTSIDE),
        ("10.030000001", "9.969999999", Placement.OUTSIDE),
        ("10.03", "9.97", Placement.FAR_TOUCH),
        ("10.0299", "9.9701", Placement.INSIDE),
        ("10.000000001", "9.999999999", Placement.INSIDE),
        ("10.00", "10.00", Placement.MIDPOINT),
        ("9.98", "10.02", Placement.INSIDE),
        ("9.97", "10.03", Placement.NEAR_TOUCH),
        ("9.96", "10.04", Placement.BEYOND_NEAR_TOUCH),
    ],
)
def test_a_price_has_one_place_on_either_side(bought_at: str, sold_at: str, expected: Placement) -> None:
    """On 9.97 / 10.03 every buy has a sell in the mirror, to the nanodollar."""
    quote = a_quote("9.97", "10.03")

    assert placement(Side.BUY, price(bought_at), quote) is expected
    assert placement(Side.SELL, price(sold_at), quote) is expected
    assert placement(Side.SELL_SHORT, price(sold_at), quote) is expected


def test_an_odd_spread_has_a_midpoint_that_no_price_hits() -> None:
    """The midpoint is compared doubled: half a nanodollar away is not at it."""
    quote = Quote(state=QuoteState.NORMAL, bid=Price(10), offer=Price(13))

    assert {placement(Side.BUY, Price(at), quote) for at in (11, 12)} == {Placement.INSIDE}


def test_in_a_locked_market_the_one_price_is_the_far_touch() -> None:
    """What an order pays at once is what it paid."""
    assert placement(Side.BUY, price("10"), a_quote("10", "10", "locked")) is Placement.FAR_TOUCH


@pytest.mark.parametrize("state", [state for state in QuoteState if not state.usable])
def test_against_a_quote_that_cannot_be_used_nothing_has_a_place(state: QuoteState) -> None:
    """Nor is anything beyond its sizes."""
    assert placement(Side.BUY, price("10"), a_quote(state=state)) is None
    assert beyond_displayed(Side.BUY, shares("900"), a_quote(state=state)) is None


@given(st.integers(1, 50), st.integers(1, 50), st.integers(0, 10))
def test_a_mirrored_world_has_mirrored_places(at: int, bid: int, spread: int) -> None:
    """Prices negated and sides swapped, the place is the same."""
    quote = Quote(state=QuoteState.NORMAL, bid=Price(bid), offer=Price(bid + spread))
    mirror = Quote(state=QuoteState.NORMAL, bid=Price(-bid - spread), offer=Price(-bid))

    assert placement(Side.BUY, Price(at), quote) is placement(Side.SELL, Price(-at), mirror)


@pytest.mark.parametrize(
    ("side", "quantity", "expected"),
    [(Side.BUY, "300", "0"), (Side.BUY, "300.5", "0.5"), (Side.SELL, "300", "200"), (Side.SELL, "100", "0")],
)
def test_shares_beyond_those_displayed_are_counted_on_the_far_side(side: Side, quantity: str, expected: str) -> None:
    """100 are bid for and 300 offered; parts of a share count."""
    quote = Quote(
        state=QuoteState.NORMAL,
        bid=price("9.99"),
        bid_size=shares("100"),
        offer=price("10.01"),
        offer_size=shares("300"),
    )

    assert beyond_displayed(side, shares(quantity), quote) == shares(expected)


def test_where_the_size_is_unknown_the_excess_is_unknown() -> None:
    """Nothing displayed is not the same as nothing known."""
    quote = Quote(state=QuoteState.NORMAL, bid=price("9.99"), offer=price("10.01"))

    assert beyond_displayed(Side.BUY, shares("100"), quote) is None


def test_a_fill_knows_its_place_and_its_excess() -> None:
    """Against the quote at execution: 500 are displayed on either side of 9.99 / 10.01."""
    fill = a_fill(price="10.00", quantity="700")

    assert fill.placement is Placement.MIDPOINT
    assert fill.beyond_displayed == Quantity(shares("200"))
