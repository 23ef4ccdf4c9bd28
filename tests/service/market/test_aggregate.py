"""Averages are ratios of sums: the hand oracles, and that neither order nor grouping of what is added matters."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import Fill, Nanos, Price, Quantity, Quote, QuoteState, Side
from rules.placement import Placement
from rules.population import Population, population
from rules.windows import wilson
from service.market.aggregate import CONFIDENCE, Executions, Orders, executions_by, in_dollars, orders_by
from service.market.measures import measure
from service.market.tape import state_of
from tests.factories import NOON, a_fill, a_quote, an_order, an_outcome, price, shares

QUOTE = a_quote("99.90", "100.10")


def measured(side: str = "buy", at: str = "100.10", number: str = "100", **named: Any) -> Fill:
    """Return a fill measured on 99.90 / 100.10 at receipt and at execution, filled after `waited` nanoseconds."""
    receipt, execution = named.get("receipt", QUOTE), named.get("execution", QUOTE)
    waited = named.get("waited")
    measures = measure(
        side=Side(side),
        price=price(at),
        quantity=shares(number),
        receipt=receipt,
        execution=execution,
        executed_at=None if waited is None else Nanos(NOON + waited),
        working_at=NOON,
    )
    order = an_order(side=side, receipt=receipt)
    named = {"venue": named.get("venue", "XNYS")}
    return a_fill(order=order, side=side, price=at, quantity=number, at_execution=execution, measures=measures, **named)


def summed(*fills: Fill) -> Executions:
    """Return the sums of the fills."""
    sums = Executions()
    for fill in fills:
        sums.add(fill)
    return sums


@pytest.mark.parametrize(
    "fills",
    [
        (measured("buy", "99.80", "40"), measured("buy", "100.20", "20")),
        (measured("sell", "100.20", "40"), measured("sell_short", "99.80", "20")),
    ],
)
def test_the_hand_oracle_and_its_mirror(fills: tuple[Fill, Fill]) -> None:
    """40 improved by 0.30 and 20 outside by 0.10: PI +1/6 dollar a share, ES −2/15, QS 0.20, E/Q −2/3, exactly."""
    sums = summed(*fills)

    assert (sums.improved.shares, sums.at_quote.shares, sums.disimproved.shares) == (shares("40"), 0, shares("20"))
    assert (sums.improved.average_amount, sums.disimproved.average_amount) == (price("0.30"), price("0.10"))
    assert sums.average_improvement == Fraction(price("1"), 6)
    assert sums.average_effective_spread == Fraction(-2 * price("1"), 15)
    assert sums.average_quoted_spread == price("0.20")
    assert sums.effective_over_quoted == Fraction(-2, 3)
    assert sums.spread_capture == Fraction(5, 6)


def test_a_ratio_of_averages_is_no_average_of_ratios() -> None:
    """100 shares at the far touch of a wide market, 100 at the midpoint of a narrow one: E/Q is 0.20 / 0.22, not ½."""
    wide = measured(at="100.10")
    narrow = measured(at="100.00", receipt=a_quote("99.99", "100.01"))

    assert summed(wide, narrow).effective_over_quoted == Fraction(20, 22)


def test_net_improvement_is_over_the_midpoint_of_every_measured_share() -> None:
    """+12 − 2 dollars on 60 shares at 100.00."""
    sums = summed(measured(at="99.80", number="40"), measured(at="100.20", number="20"))

    assert in_dollars(sums.net_improvement) == price("10")
    assert sums.net_improvement_ratio == Fraction(10, 6000)


def test_a_locked_market_has_a_part_in_the_averages_and_no_ratio_of_its_own() -> None:
    """Nothing is divided by a floored spread."""
    locked = measured(at="100.00", receipt=a_quote("100.00", "100.00", "locked"))

    assert (summed(locked).effective_over_quoted, summed(locked).average_quoted_spread) == (None, 0)
    assert summed(locked, measured()).average_quoted_spread == price("0.10")


def test_what_was_not_measured_is_counted_and_moves_no_average() -> None:
    """Its shares stand beside those that were measured, never among them."""
    unknown = measured(receipt=Quote(state=QuoteState.ABSENT), execution=Quote(state=QuoteState.ABSENT))

    sums = summed(unknown, measured(at="100.05"))

    assert (sums.count, sums.not_evaluated) == (2, 1)
    assert (sums.shares, sums.measured_shares, sums.sized_shares) == (shares("200"), shares("100"), shares("100"))
    assert sums.average_improvement == price("0.05")
    assert summed(unknown).average_effective_spread is None


def test_speed_is_weighted_by_shares_whose_time_is_known() -> None:
    """300 shares in 1 s and 100 in 5 s take 2 s; a suspect clock has no time and no weight."""
    sums = summed(
        measured(number="300", waited=10**9), measured(number="100", waited=5 * 10**9), measured(number="900")
    )

    assert sums.execution_speed == 2 * 10**9
    assert sums.at_quote.average_time == 2 * 10**9
    assert summed(measured()).execution_speed is None


@pytest.mark.parametrize(
    ("at", "place", "amount"),
    [
        ("100.30", Placement.OUTSIDE, "0.20"),
        ("100.10", Placement.FAR_TOUCH, "0"),
        ("100.05", Placement.INSIDE, "0.05"),
        ("100.00", Placement.MIDPOINT, "0.10"),
        ("99.90", Placement.NEAR_TOUCH, "0.20"),
        ("99.80", Placement.BEYOND_NEAR_TOUCH, "0.30"),
    ],
)
def test_each_placement_has_its_shares_and_its_distance_from_the_far_touch(
    at: str, place: Placement, amount: str
) -> None:
    """Of 700 shares at each price 200 are beyond the 500 displayed."""
    sums = summed(measured(at=at, number="700"))

    assert {each: sums.placed(each).shares for each in Placement if sums.placed(each).shares} == {place: shares("700")}
    assert sums.placed(place).average_amount == price(amount)
    assert (sums.beyond_displayed, sums.sized_shares) == (shares("200"), shares("700"))


def test_harm_is_the_sum_of_what_each_execution_says() -> None:
    """In 1e-9 dollars, as the measures are."""
    assert summed(measured(at="100.20", number="20"), measured()).dollar_harm == price("2")


def test_fees_are_averaged_over_the_shares_whose_fee_is_known() -> None:
    """30 cents on 100 shares and a rebate of 10 on 100: a tenth of a cent a share, off an improvement of 5 cents."""
    paid, received = (
        msgspec.structs.replace(measured(at="100.05"), fee=fee) for fee in (price("0.30"), -price("0.10"))
    )

    sums = summed(paid, received, measured(at="100.05"))

    assert (sums.fee, sums.fee_shares) == (price("0.20"), shares("200"))
    assert sums.average_fee == price("0.001")
    assert sums.average_net_improvement == price("0.049")
    assert summed(measured()).average_net_improvement is None


def test_fill_rates_are_by_order_and_by_share_with_their_interval() -> None:
    """Three of four orders had a fill, 250 of 400 shares; what the customer canceled stands apart."""
    sums = Orders()
    for executed in ("100", "100", "50", "0"):
        sums.add(an_outcome(executed=executed, end="expired"))
    sums.add(an_outcome(executed="30", end="canceled_by_customer"))

    assert (sums.fill_rate, sums.share_fill_rate) == (Fraction(3, 4), Fraction(250, 400))
    assert sums.fill_rate_interval == wilson(3, 4, CONFIDENCE)
    assert (sums.canceled_by_customer, sums.canceled_ordered_shares) == (1, shares("100"))
    assert sums.canceled_executed_shares == shares("30")


def test_no_orders_have_no_rate() -> None:
    """Silence is not 100 per cent."""
    assert (Orders().fill_rate, Orders().share_fill_rate, Orders().fill_rate_interval) == (None, None, None)


def test_unlike_orders_have_sums_of_their_own() -> None:
    """IOC and resting orders apart."""
    outcomes = [
        an_outcome(order_type="limit", time_in_force="ioc", executed="0"),
        an_outcome(order_type="limit", marketable=False),
    ]

    rates = {kind: sums.fill_rate for kind, sums in orders_by(outcomes, lambda one: population(one.order)).items()}

    assert rates == {Population.IOC: 0, Population.RESTING: 1}


quotes = st.tuples(st.integers(90, 110), st.integers(-1, 8)).map(
    lambda pair: Quote(
        state=state_of(Price(pair[0]), Price(sum(pair))),
        bid=Price(pair[0]),
        offer=Price(sum(pair)),
        offer_size=Quantity(50),
    )
)


@st.composite
def fills(draw: st.DrawFn) -> Fill:
    """Return a fill that was measured on quotes of any kind."""
    side, at, quantity = (
        draw(st.sampled_from(Side)),
        Price(draw(st.integers(85, 115))),
        Quantity(draw(st.integers(1, 99))),
    )
    receipt, execution = draw(quotes), draw(quotes)
    measures = measure(
        side=side,
        price=at,
        quantity=quantity,
        receipt=receipt,
        execution=execution,
        executed_at=draw(st.none() | st.integers(0, 9).map(lambda waited: Nanos(NOON + waited))),
        working_at=NOON,
    )
    fill = a_fill(order=an_order(side=side, receipt=receipt), side=side, at_execution=execution, measures=measures)
    return msgspec.structs.replace(fill, price=at, quantity=quantity, venue=draw(st.sampled_from("AB")))


@given(st.lists(fills(), max_size=8), st.randoms(use_true_random=False), st.integers(0, 8))
def test_neither_order_nor_grouping_changes_a_sum(given_fills: list[Fill], chance: Any, cut: int) -> None:
    """Shuffled, cut in two and merged, or merged from groups by venue: the same sums, so the same averages."""
    whole = summed(*given_fills)
    shuffled = list(given_fills)
    chance.shuffle(shuffled)

    halves = summed(*shuffled[:cut])
    halves.merge(summed(*shuffled[cut:]))
    grouped = Executions()
    for sums in executions_by(shuffled, lambda fill: fill.venue).values():
        grouped.merge(sums)

    assert halves == whole == grouped


@given(st.lists(fills(), max_size=8))
def test_the_averages_agree_with_each_other(given_fills: list[Fill]) -> None:
    """E/Q = 1 − 2·capture, AvgES = AvgQS − 2·AvgPI, and the three kinds hold every measured share once."""
    sums = summed(*given_fills)

    kinds = (sums.improved, sums.at_quote, sums.disimproved)
    assert sum(kind.shares for kind in kinds) == sums.measured_shares
    assert sums.effective == sums.quoted - 2 * sums.net_improvement
    if sums.effective_over_quoted is not None and sums.spread_capture is not None:
        assert sums.effective_over_quoted == 1 - 2 * sums.spread_capture


@given(st.lists(fills(), max_size=8))
def test_an_average_is_the_sum_over_executions_by_their_shares(given_fills: list[Fill]) -> None:
    """Against the formula of the domain page, written out."""
    known = [(one.quantity, one.measures.effective_spread) for one in given_fills]
    terms = [(quantity, spread) for quantity, spread in known if spread is not None]

    found = summed(*given_fills).average_effective_spread

    weight = sum(quantity for quantity, _ in terms)
    assert found == (Fraction(sum(quantity * spread for quantity, spread in terms), weight) if weight else None)
