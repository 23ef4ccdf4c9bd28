"""What is due follows from the truth and the documented limits; no rule is asked."""

from __future__ import annotations

import pytest

from rules.cards import catalogue
from rules.facts import MILLISECOND, SECOND
from service.quality import due, expected
from service.quality.expected import EXPECTED, EXPLAINED, NATURE, Expected
from service.quality.run import limits_in_force
from service.simulator.faults import FaultName
from service.simulator.strengths import STRENGTHS, lasting, steps
from tests.factories_quality import a_strike, an_episode


@pytest.mark.parametrize("one", EXPECTED, ids=lambda one: f"{one.rule}-{one.fault}")
def test_every_expectation_is_of_a_rule_of_the_catalogue_and_can_be_asked(one: Expected) -> None:
    """A renamed rule or parameter must not silently measure nothing."""
    limits = limits_in_force("")[one.rule]
    strike = a_strike(0, "E1", amount=1, executed=True)

    owed = one.due(strike if isinstance(one, expected.EachStrike) else an_episode(strike), limits)  # type: ignore[arg-type]

    assert owed in (True, False)
    assert isinstance(one, expected.EachStrike) or one.window is None or one.window in limits


def test_what_is_explained_is_of_the_catalogue_too() -> None:
    """Rules that a fault brings about on the side exist."""
    named = {rule for rules in (*EXPLAINED.values(), *NATURE.values()) for rule in rules}

    assert named <= set(catalogue())
    assert {one.rule for one in EXPECTED} <= set(catalogue())


def test_every_fault_has_strengths_and_a_length() -> None:
    """Weak, middle and strong; what is either there or not has one."""
    assert set(STRENGTHS) == set(FaultName)
    assert steps(FaultName.SLOW_VENUE) == (0.5, 1.5, 3.0)
    assert steps(FaultName.UNDECODABLE_MESSAGE) == (1.0,)
    assert lasting(FaultName.SILENT_FEED, 90.0) == 90.0
    assert lasting(FaultName.SLOW_VENUE, 3.0) == 90.0


def test_a_strike_below_the_limit_is_owed_nothing() -> None:
    """Half a second is no slow fill where a second is allowed, and a whole one is not more than a second."""
    is_due = due.executed_above("at_most")
    limits = {"at_most": SECOND}

    owed = [is_due(a_strike(amount=ms * MILLISECOND, executed=True), limits) for ms in (500, 1000, 1001)]

    assert owed == [False, False, True]
    assert not is_due(a_strike(amount=2 * SECOND), limits)
    assert not is_due(a_strike(executed=True), limits)


def test_a_part_below_what_is_required_is_owed_a_finding() -> None:
    """A limit from below."""
    is_due = due.below("at_least")

    assert [is_due(a_strike(amount=part), {"at_least": 900_000}) for part in (899_999, 900_000)] == [True, False]
    assert not is_due(a_strike(), {"at_least": 1})


def test_a_fault_is_stronger_than_a_limit_not_as_strong() -> None:
    """Five seconds are not more than five."""
    episode = an_episode(strength=5.0)

    assert not due.stronger("after", SECOND)(episode, {"after": 5 * SECOND})
    assert due.stronger("after", SECOND)(episode, {"after": 4 * SECOND})
    assert not due.stronger("after", SECOND)(an_episode(strength=None), {"after": 1})


def test_a_fill_rate_is_owed_when_it_lies_below_and_enough_orders_lie_in_one_window() -> None:
    """Three orders within ten seconds are no five."""
    limits = {"ioc_at_least": 500_000, "window": 10 * SECOND, "minimum": 3}
    strikes = [a_strike(at) for at in (0.0, 4.0, 9.0, 30.0)]

    assert due.too_few_filled(an_episode(*strikes, strength=0.4), limits)
    assert not due.too_few_filled(an_episode(*strikes, strength=0.5), limits)
    assert not due.too_few_filled(an_episode(*strikes, strength=0.4), limits | {"minimum": 4})
    assert due.most_within(an_episode(), SECOND) == 0


def test_late_copies_are_owed_from_their_minimum_on() -> None:
    """Copies within the limit do not count."""
    limits = {"publish_at_most": 100 * MILLISECOND, "minimum": 2}
    late, in_time = a_strike(amount=SECOND), a_strike(amount=MILLISECOND)

    assert due.enough_late(an_episode(late, in_time, late), limits)
    assert not due.enough_late(an_episode(late, in_time), limits)


def test_a_clock_is_suspect_when_it_shows() -> None:
    """A skew smaller than the wait makes nothing negative."""
    assert due.any_negative(an_episode(a_strike(amount=5), a_strike(amount=-1)), {})
    assert not due.any_negative(an_episode(a_strike(amount=0), a_strike()), {})


def test_a_worse_price_is_owed_beyond_the_larger_of_two_tolerances_and_inside_the_quote() -> None:
    """What is outside the quote at execution belongs to another rule."""
    limits = {"tolerance": 10, "tolerance_of_spread": 500_000}

    def owed(amount: int, **named: int) -> bool:
        return due.worse(a_strike(amount=amount, executed=True, **named), limits)

    assert [owed(10), owed(11), owed(15, spread=30), owed(16, spread=30)] == [False, True, False, True]
    assert not owed(16, beyond=1)
    assert not due.worse(a_strike(amount=99), limits)


def test_a_window_needs_its_strikes_within_one_span() -> None:
    """Strength alone is not enough, nor are strikes alone."""
    limits = {"minimum": 2, "at_most": SECOND, "window": 10 * SECOND}
    two, one = an_episode(a_strike(1), a_strike(2), strength=2.0), an_episode(a_strike(1), strength=2.0)

    often = due.often("minimum", "at_most", SECOND)

    assert (often(two, limits), often(one, limits)) == (True, False)
    assert not often(an_episode(a_strike(1), a_strike(2), strength=1.0), limits)


def test_a_tenth_of_a_spread_beyond_the_touch_is_a_fifth_too_much() -> None:
    """120 % of the quoted spread, which is not more than 120 %; and one execution is no window."""
    limits = {"minimum": 2, "at_most": 1_200_000, "window": 10 * SECOND}
    strikes = [a_strike(1), a_strike(2)]

    owed = [due.paid_too_much(an_episode(*strikes, strength=far), limits) for far in (0.1, 0.11)]

    assert owed == [False, True]
    assert not due.paid_too_much(an_episode(a_strike(1), strength=0.5), limits)


def test_a_share_is_owed_above_its_cap_or_far_enough_from_the_policy() -> None:
    """By what the truth tells at the end."""
    episode = an_episode(a_strike(amount=300_000), a_strike())

    assert due.mostly("cap")(episode, {"cap": 299_999})
    assert not due.mostly("cap")(episode, {"cap": 300_000})
    assert not due.mostly("cap", "policy")(episode, {"cap": 200_000, "policy": 100_000})
    assert due.mostly("cap", "policy")(episode, {"cap": 199_999, "policy": 100_000})


def test_quotes_lag_for_longer_than_is_waited_for_them() -> None:
    """Two seconds of waiting hide two seconds of lag."""
    limits = {"quotes.bound": 2 * SECOND, "at_most": SECOND // 10}

    assert due.longer_than_waited(an_episode(strength=2.2), limits)
    assert not due.longer_than_waited(an_episode(strength=2.1), limits)
    assert not due.longer_than_waited(an_episode(strength=None), limits)
