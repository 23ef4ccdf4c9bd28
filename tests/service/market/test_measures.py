"""The measures of one execution, by the hand oracle of domain.md §3 and by their symmetries."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import Measures, Nanos, Price, Quantity, Quote, QuoteState, Side
from service.market.measures import effective_spread, measure, quoted_spread
from service.market.tape import absent, state_of
from tests.factories_market import NOON, a_quote, price, seconds, shares


def measured(side: Side = Side.BUY, at: str = "100.10", number: int = 100, **changed: Any) -> Measures:
    """Measure an execution against 99.90 / 100.10 at receipt and at execution, unless the test says otherwise."""
    return measure(
        side=side,
        price=price(at),
        quantity=shares(number),
        **{"receipt": a_quote(), "execution": a_quote(), **changed},
    )


def test_the_hand_oracle_for_buys() -> None:
    """Buying 40 @ 99.80 and 20 @ 100.20 on 99.90 / 100.10 gives the domain page's numbers."""
    improved = measured(at="99.80", number=40)
    outside = measured(at="100.20", number=20)

    average_improvement = (40 * improved.price_improvement + 20 * outside.price_improvement) / 60  # type: ignore[operator]
    average_spread = (40 * improved.effective_spread + 20 * outside.effective_spread) / 60  # type: ignore[operator]

    assert (improved.price_improvement, outside.price_improvement) == (price("0.30"), price("-0.10"))
    assert average_improvement == pytest.approx(166_666_666.67)
    assert average_spread == pytest.approx(-133_333_333.33)
    assert improved.quoted_spread == outside.quoted_spread == price("0.20")
    assert average_spread / price("0.20") == pytest.approx(-0.6666667)


def test_the_mirrored_sell_gives_the_same_numbers() -> None:
    """Selling 40 @ 100.20 and 20 @ 99.80 is the hand oracle in the mirror."""
    improved, outside = measured(Side.SELL, "100.20", 40), measured(Side.SELL_SHORT, "99.80", 20)

    assert improved == measured(at="99.80", number=40)
    assert outside == measured(at="100.20", number=20)


def test_the_outside_amount_is_measured_at_the_execution() -> None:
    """A buy at the receipt's offer is outside when the offer has come down since."""
    found = measured(at="100.10", execution=a_quote("99.90", "100.05"))

    assert found.price_improvement == 0
    assert found.outside_amount == price("0.05")
    assert found.dollar_harm == price("5.00")


def test_harm_is_the_disimprovement_when_there_is_one() -> None:
    """The receipt quote decides the harm, even where the outside amount is larger."""
    found = measured(at="100.20", number=10, execution=a_quote("99.00", "99.10"))

    assert found.outside_amount == price("1.10")
    assert found.dollar_harm == price("1.00")


def test_harm_of_a_part_of_a_share_is_rounded_up() -> None:
    """A millionth of a share a nanodollar outside has still been harmed."""
    found = measure(
        side=Side.BUY,
        price=Price(price("100.10") + 1),
        quantity=Quantity(1),
        receipt=a_quote(),
        execution=a_quote(),
    )

    assert found.dollar_harm == 1


def test_no_harm_is_zero_and_not_nothing() -> None:
    """An improved execution has a harm of zero."""
    assert measured(at="100.00").dollar_harm == 0


def test_a_locked_market_has_a_quoted_spread_of_zero() -> None:
    """Locked quotes are usable and their spread is 0, never floored."""
    found = measured(at="100.00", receipt=a_quote("100.00", "100.00"), execution=a_quote("100.00", "100.00"))

    assert (found.quoted_spread, found.effective_spread, found.outside_amount) == (0, 0, 0)
    assert found.not_evaluated_reason is None


def test_the_midpoint_is_never_rounded() -> None:
    """A spread of an odd number of nanodollars keeps its effective spread exact."""
    quote = Quote(state=QuoteState.NORMAL, bid=Price(1), offer=Price(2), at=NOON)

    assert effective_spread(Side.BUY, Price(2), quote) == 1


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"execution": a_quote("100.20", "100.10")}, "execution crossed"),
        ({"execution": a_quote(None, "100.10")}, "execution one_sided"),
        ({"execution": absent("unknown symbol")}, "execution absent: unknown symbol"),
        ({"execution": Quote(state=QuoteState.ABSENT)}, "execution absent"),
        ({"execution": Quote(state=QuoteState.STALE, at=NOON, note="the quote source is dead")}, "execution stale"),
        ({"receipt": absent("no receipt time")}, "receipt absent: no receipt time"),
        ({"receipt": a_quote("100.20", "100.10"), "auction": True}, "auction"),
        ({}, None),
    ],
)
def test_the_first_reason_for_a_missing_measure_is_named(changed: dict[str, Any], reason: str | None) -> None:
    """The execution's quote comes first, then the auction, then the receipt's quote."""
    assert measured(**changed).not_evaluated_reason == reason


def test_a_crossed_market_evaluates_nothing() -> None:
    """In a crossed market every price would be outside, so none is."""
    crossed = a_quote("100.20", "100.10")

    found = measured(at="105.00", receipt=crossed, execution=crossed)

    assert found == Measures(not_evaluated_reason="execution crossed")


def test_without_a_receipt_only_the_outside_amount_is_known() -> None:
    """The receipt reference is never replaced by the quote at execution."""
    found = measured(at="100.20", number=10, receipt=absent("no receipt time"))

    assert (found.price_improvement, found.effective_spread, found.quoted_spread) == (None, None, None)
    assert found.outside_amount == price("0.10")
    assert found.dollar_harm == price("1.00")


def test_an_auction_print_has_no_spread_measures_and_no_latency() -> None:
    """It keeps the outside amount, which is reported with its exemption."""
    found = measured(at="100.20", auction=True, executed_at=seconds(1), working_at=NOON)

    assert (found.price_improvement, found.effective_spread, found.quoted_spread) == (None, None, None)
    assert found.time_to_fill is None
    assert found.outside_amount == price("0.10")


@pytest.mark.parametrize(
    ("executed_at", "working_at", "expected"),
    [
        (seconds(2), NOON, 2_000_000_000),
        (NOON, NOON, 0),
        (NOON, seconds(1), None),
        (None, NOON, None),
        (NOON, None, None),
    ],
)
def test_time_to_fill_needs_both_ends_in_order(
    executed_at: Nanos | None, working_at: Nanos | None, expected: int | None
) -> None:
    """A negative interval is no number."""
    assert measured(executed_at=executed_at, working_at=working_at).time_to_fill == expected


prices = st.integers(1, 10**15).map(Price)
quotes = st.builds(
    lambda bid, offer: Quote(state=state_of(bid, offer), bid=bid, offer=offer, at=NOON),
    st.none() | prices,
    st.none() | prices,
)


@given(
    at=prices,
    receipt=quotes,
    execution=quotes,
    quantity=st.integers(1, 10**12).map(Quantity),
    auction=st.booleans(),
)
def test_mirrored_sides_give_mirrored_numbers(
    *, at: Price, receipt: Quote, execution: Quote, quantity: Quantity, auction: bool
) -> None:
    """Turning the world upside down (prices negated, sides swapped) changes no measure."""
    bought = measure(side=Side.BUY, price=at, quantity=quantity, receipt=receipt, execution=execution, auction=auction)

    sold = measure(
        side=Side.SELL,
        price=Price(-at),
        quantity=quantity,
        receipt=mirrored(receipt),
        execution=mirrored(execution),
        auction=auction,
    )

    assert sold == bought


def mirrored(quote: Quote) -> Quote:
    """Return the quote with its sides swapped and its prices negated."""
    return Quote(
        state=quote.state,
        bid=None if quote.offer is None else Price(-quote.offer),
        offer=None if quote.bid is None else Price(-quote.bid),
        at=quote.at,
    )


@given(prices, quotes)
def test_effective_spread_is_the_quoted_one_less_twice_the_improvement(at: Price, receipt: Quote) -> None:
    """ES = QS − 2·PI, exactly, whenever the quote is usable."""
    found = measure(side=Side.SELL, price=at, quantity=shares(1), receipt=receipt, execution=receipt)

    if receipt.state.usable:
        assert found.effective_spread == found.quoted_spread - 2 * found.price_improvement  # type: ignore[operator]
    else:
        assert found.effective_spread is quoted_spread(receipt) is found.price_improvement is None
