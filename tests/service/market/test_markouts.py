"""The numbers of a mark, by the hand oracle of domain.md §3 and by what must hold between them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import SECOND, Level, Nanos, Price, QuoteState, Side
from rules.quote import midpoint_doubled
from service.market.markouts import AHEAD, After, after, why_no_marks
from service.market.measures import effective_spread
from service.market.tape import absent
from service.unmatched import NO_OPTIONS
from tests.factories import NOON, a_quote, price

BUY, SELL = Side.BUY.sign, Side.SELL.sign
doubled = st.integers(1, 10**13)
prices = st.integers(1, 10**13).map(Price)


def test_the_realized_spread_oracle() -> None:
    """Buying 40 @ 100.00 before 100.20 and 20 @ 100.30 before 100.10 gives the domain page's numbers."""
    first = after(BUY, price("100.00"), None, None, 2 * price("100.20"))
    second = after(BUY, price("100.30"), None, None, 2 * price("100.10"))

    assert (first.realized_spread, second.realized_spread) == (-price("0.40"), price("0.40"))
    average = (40 * first.realized_spread + 20 * second.realized_spread) / 60  # type: ignore[operator]
    assert average == pytest.approx(-133_333_333.33)


@pytest.mark.parametrize("state", QuoteState)
def test_only_a_quote_that_can_be_used_has_a_midpoint(state: QuoteState) -> None:
    """Doubled, so that one between two nanodollars is exact; a side that is missing has none."""
    found = midpoint_doubled(a_quote("10.01", "10.02", state))

    assert found == (20_030_000_000 if state.usable else None)
    assert midpoint_doubled(a_quote(bid=None)) is None
    assert midpoint_doubled(a_quote(offer=None)) is None


@given(st.sampled_from([BUY, SELL]), prices, doubled, doubled, doubled)
def test_effective_spread_is_realized_spread_and_impact_exactly(
    sign: int, paid: Price, receipt: int, execution: int, mark: int
) -> None:
    """And the impact is what the market moved before the execution and after it."""
    numbers = after(sign, paid, receipt, execution, mark)

    assert numbers.realized_spread is not None
    assert numbers.price_impact is not None
    assert numbers.delay_cost is not None
    assert numbers.post_trade_impact is not None
    assert numbers.realized_spread + numbers.price_impact == sign * (2 * paid - receipt)
    assert numbers.delay_cost + numbers.post_trade_impact == numbers.price_impact


def test_the_effective_spread_is_the_measure_of_that_name() -> None:
    """The same receipt quote, the same price."""
    receipt, mark = a_quote("9.99", "10.02"), a_quote("10.00", "10.05")
    numbers = after(BUY, price("10.02"), midpoint_doubled(receipt), None, midpoint_doubled(mark))

    found = effective_spread(Side.BUY, price("10.02"), receipt)

    assert found == price("0.03")
    assert (numbers.realized_spread, numbers.price_impact) == (-price("0.01"), price("0.04"))


@given(prices, doubled, doubled, doubled)
def test_mirrored_sides_have_mirrored_numbers(paid: Price, receipt: int, execution: int, mark: int) -> None:
    """What is good for the buyer is bad for the seller, to the last digit."""
    bought, sold = (after(sign, paid, receipt, execution, mark) for sign in (BUY, SELL))

    names = ("realized_spread", "price_impact", "delay_cost", "post_trade_impact")
    assert [getattr(bought, name) for name in names] == [-getattr(sold, name) for name in names]


def test_what_needs_a_quote_that_is_missing_is_not_there() -> None:
    """Without the mark nothing is; without a reference quote the realized spread still is."""
    paid, mid = price("10.00"), 2 * price("10.00")

    assert after(BUY, paid, mid, mid, None) == After()
    assert after(BUY, paid, None, mid, mid) == After(realized_spread=0, post_trade_impact=0)
    assert after(BUY, paid, mid, None, mid) == After(realized_spread=0, price_impact=0)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({}, None),
        ({"auction": True}, "auction"),
        ({"level": Level.PACKAGE}, "multileg package"),
        ({"execution": absent("no quote source")}, "execution absent: no quote source"),
        ({"execution": absent("unknown symbol")}, "execution absent: unknown symbol"),
        ({"execution": absent("test symbol")}, "execution absent: test symbol"),
        ({"execution": absent(NO_OPTIONS)}, f"execution absent: {NO_OPTIONS}"),
        ({"execution": absent("restart")}, None),
        ({"execution": a_quote(state="crossed")}, None),
        ({"execution": a_quote(state="closed"), "regular_hours": False}, "outside regular hours"),
        ({"regular_hours": False}, None),
        ({"executed_at": Nanos(NOON + AHEAD)}, None),
        ({"executed_at": Nanos(NOON + AHEAD + 1)}, "executed ahead of receipt"),
        ({"executed_at": Nanos(NOON - 86_400 * SECOND)}, None),
    ],
)
def test_an_execution_gets_marks_or_one_reason(changed: dict[str, Any], reason: str | None) -> None:
    """Five absences would say no more; a quote that may still come is waited for."""
    plain = {"auction": False, "level": Level.CHILD, "regular_hours": True, "execution": a_quote()}

    assert why_no_marks(**(plain | {"executed_at": NOON, "clock": NOON} | changed)) == reason
