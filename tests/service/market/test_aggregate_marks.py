"""Sums of marks: each average over its own shares, whatever the order and the grouping, and how they hang together."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from rules.facts import Price, Quantity
from service.market.aggregate_marks import Marks
from service.market.markouts import After, after
from tests.factories import price, shares


class Marked(NamedTuple):
    """One mark with the shares of its execution; `doubled` are the midpoints at receipt, execution and mark."""

    sign: int
    quantity: Quantity
    paid: Price
    doubled: tuple[int | None, int | None, int | None]

    @property
    def numbers(self) -> After:
        """Return the numbers of the mark."""
        return after(self.sign, self.paid, *self.doubled)


def summed(*marks: Marked) -> Marks:
    """Return the sums of the marks."""
    sums = Marks()
    for mark in marks:
        numbers = mark.numbers
        sums.add(
            mark.quantity,
            realized=numbers.realized_spread,
            impact=numbers.price_impact,
            delay=numbers.delay_cost,
            post_trade=numbers.post_trade_impact,
            past_close=mark.quantity % 2 == 0,
        )
    return sums


def bought(number: str, at: str, middle: str | None) -> Marked:
    """Return a buy and the midpoint at its mark; nothing is known of its quotes."""
    return Marked(1, shares(number), price(at), (None, None, None if middle is None else 2 * price(middle)))


def test_the_realized_spread_oracle() -> None:
    """40 at −0.40 and 20 at +0.40 are −0.133333 a share; without a receipt there is no impact to average."""
    sums = summed(bought("40", "100.00", "100.20"), bought("20", "100.30", "100.10"))

    assert sums.realized.average == Fraction(-2 * price("0.20"), 3)
    assert sums.impact.average is None


def test_a_mark_without_a_quote_is_counted_and_moves_no_average() -> None:
    """Its shares are in the group and in no average."""
    sums = summed(bought("40", "100.00", "100.20"), bought("999", "100.00", None))

    assert (sums.count, sums.not_evaluated) == (2, 1)
    assert (sums.shares, sums.realized.shares) == (shares("1039"), shares("40"))
    assert sums.realized.average == -price("0.40")


numbers = st.integers(1, 10**6)


def marked(doubled: st.SearchStrategy[int | None]) -> st.SearchStrategy[Marked]:
    """Return marks of any side, size and price on midpoints such as these."""
    sides, sizes = st.sampled_from([1, -1]), st.integers(1, 99).map(Quantity)
    return st.builds(Marked, sides, sizes, numbers.map(Price), st.tuples(doubled, doubled, doubled))


marks = marked(st.none() | numbers)


@given(st.lists(marks, max_size=8), st.randoms(use_true_random=False), st.integers(0, 8))
def test_neither_order_nor_grouping_changes_a_sum(given_marks: list[Marked], chance: Random, cut: int) -> None:
    """Shuffled, cut in two and merged: the same sums, so the same averages."""
    shuffled = list(given_marks)
    chance.shuffle(shuffled)

    halves = summed(*shuffled[:cut])
    halves.merge(summed(*shuffled[cut:]))

    assert halves == summed(*given_marks)


@given(st.lists(marked(numbers), min_size=1, max_size=8))
def test_average_effective_spread_is_that_of_realized_spread_and_impact(given_marks: list[Marked]) -> None:
    """Over the same shares, exactly; and the impact's parts add up to it."""
    sums = summed(*given_marks)

    effective = sum(mark.quantity * mark.sign * (2 * mark.paid - (mark.doubled[0] or 0)) for mark in given_marks)
    realized, impact = sums.realized.average, sums.impact.average
    delay, post_trade = sums.delay.average, sums.post_trade.average
    assert realized is not None
    assert impact is not None
    assert delay is not None
    assert post_trade is not None
    assert realized + impact == Fraction(effective, sums.shares)
    assert delay + post_trade == impact


@given(st.lists(marks, max_size=8))
def test_mirrored_marks_have_mirrored_sums(given_marks: list[Marked]) -> None:
    """What the buyers gained, sellers at the same prices lost."""
    whole, turned = summed(*given_marks), summed(*(mark._replace(sign=-mark.sign) for mark in given_marks))

    for part in ("realized", "impact", "delay", "post_trade"):
        one, other = getattr(whole, part), getattr(turned, part)
        assert (one.shares, one.amount) == (other.shares, -other.amount)
