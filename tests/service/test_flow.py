"""A flow has stopped when nothing came for much longer than its last half hour makes likely; bursts do not fool it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest

from rules.facts import SECOND, Nanos
from service.feed.flow import AT_ONCE, FLOW_FLOOR, FLOW_MINIMUM, LOOK_BACK, Flow, FlowLimits
from service.feed.silence import DAY, always
from tests.factories import length
from tests.factories_orders import seconds

LIMITS = FlowLimits(10, FLOW_FLOOR, FLOW_MINIMUM)
OPENS, CLOSES = seconds(0), seconds(6.5 * 3600)
Gaps = Callable[[random.Random], Iterator[float]]


def one_day(at: Nanos) -> Nanos | None:
    """Be open for one day, and never again."""
    return None if at >= CLOSES else max(at, OPENS)


def two_days(at: Nanos) -> Nanos | None:
    """Be open twice, a day apart."""
    if at >= CLOSES:
        return Nanos(max(at, OPENS + DAY))
    return max(at, OPENS)


def a_steady_flow(gap: float = 20, until: float = 3600, start: float = 0) -> Flow:
    """Return a flow that brought a message every so many seconds, up to that second."""
    flow = Flow()
    at = start
    while at <= until:
        flow.hear(seconds(at), LIMITS, two_days)
        at += gap
    return flow


def at_random(mean: float) -> Gaps:
    """Return gaps between messages that come at random."""

    def gaps(chance: random.Random) -> Iterator[float]:
        while True:
            yield chance.expovariate(1 / mean)

    return gaps


def in_bursts(calm: float, busy: float, size: int) -> Gaps:
    """Return gaps like a router's: orders at random, busy at both ends of the day, each with a burst of reports."""

    def gaps(chance: random.Random) -> Iterator[float]:
        passed = 0.0
        while True:
            mean = busy + (calm - busy) * (1 - abs(2 * min(passed / 23_400, 1) - 1))
            for gap in (chance.expovariate(1 / mean), *(2 * chance.random() for _ in range(chance.randint(0, size)))):
                passed += gap
                yield gap

    return gaps


def stops_in_a_day(gaps: Gaps, seed: int) -> tuple[int, bool]:
    """Return how often a stop was said in one day of that flow, and whether one could have been."""
    flow, at, said, able = Flow(), OPENS, 0, False
    for gap in gaps(random.Random(seed)):
        at = Nanos(at + int(gap * SECOND))
        if at >= CLOSES:
            break
        due = flow.due(LIMITS, one_day)
        able = able or due is not None
        if due is not None and due <= at:
            said += 1
            flow.say(due, at)
        flow.hear(at, LIMITS, one_day)
        flow.resume()
    return said, able


@pytest.mark.parametrize(
    "gaps",
    [at_random(15), at_random(45), in_bursts(60, 5, 12), in_bursts(120, 10, 12), in_bursts(30, 30, 20)],
    ids=["busy", "slow", "router", "slow router", "bursts"],
)
def test_a_normal_day_says_nothing(gaps: Gaps) -> None:
    """At random or in bursts, level or with a busy open and close: no false alarm in twenty days of each."""
    days = [stops_in_a_day(gaps, seed) for seed in range(20)]

    assert [said for said, _ in days] == [0] * 20
    assert sum(able for _, able in days) >= 15


@pytest.mark.parametrize("gaps", [at_random(15), in_bursts(60, 5, 12), in_bursts(120, 10, 12)])
def test_an_hours_stop_is_due_within_the_hour(gaps: Gaps) -> None:
    """Whatever the flow was like before, and never sooner than the floor."""
    flow, at = Flow(), OPENS
    for gap in gaps(random.Random(7)):
        if at > seconds(3 * 3600):
            break
        at = Nanos(at + int(gap * SECOND))
        flow.hear(at, LIMITS, one_day)

    due = flow.due(LIMITS, one_day)

    assert due is not None
    assert FLOW_FLOOR <= due - at <= length("1 h")


def test_a_stop_out_of_hours_is_none() -> None:
    """What was quiet at the close counts anew from the next opening, or never."""
    flow = a_steady_flow(until=6.5 * 3600 - 1)

    assert flow.due(LIMITS, one_day) is None
    assert flow.due(LIMITS, two_days) == OPENS + DAY + FLOW_FLOOR


def test_a_stop_that_only_just_began_at_the_close_is_none() -> None:
    """Its hours were over before it was due."""
    flow = a_steady_flow(until=6.5 * 3600 - 100)

    assert flow.due(LIMITS, two_days) == OPENS + DAY + FLOW_FLOOR


def test_hours_that_are_over_for_good_make_no_stop() -> None:
    """The calendar knows no further session."""
    flow = a_steady_flow()
    flow.since = CLOSES

    assert flow.due(LIMITS, one_day) is None


def test_the_wait_follows_the_usual_gap() -> None:
    """Ten times the gap in which a random instant fell: of a level flow, its own gap."""
    slow = a_steady_flow(gap=60, until=7200)

    assert slow.usual == length("60 s")
    assert slow.wait(LIMITS) is None  # sixty-second gaps bring fewer than fifty messages in that time
    assert slow.wait(FlowLimits(10, FLOW_FLOOR, 10)) == length("600 s")
    assert a_steady_flow(gap=20).wait(LIMITS) == FLOW_FLOOR


def test_nothing_is_said_before_it_was_watched_for_as_long_as_it_would_wait() -> None:
    """A burst at the start and then nothing is a start, not a stop."""
    flow = Flow()
    for number in range(100):
        flow.hear(seconds(number / 10), LIMITS, one_day)
    flow.hear(seconds(20), LIMITS, one_day)

    assert flow.messages > LIMITS.minimum
    assert flow.due(LIMITS, one_day) is None


def test_a_flow_without_a_pause_is_written_down_all_the_same() -> None:
    """The busiest session of all has no gap of a second; when it stops, that is a stop."""
    flow = Flow()
    for number in range(4_000):
        flow.hear(seconds(number / 5), LIMITS, one_day)

    assert flow.messages >= 4_000 - AT_ONCE
    assert flow.due(LIMITS, one_day) == seconds(3_999 / 5) + FLOW_FLOOR


def test_the_factor_switches_it_off_and_too_few_messages_say_nothing() -> None:
    """Zero, or more than came."""
    flow = a_steady_flow()

    assert flow.due(LIMITS, one_day) is not None
    assert flow.due(FlowLimits(0, FLOW_FLOOR, 1), one_day) is None
    assert flow.due(FlowLimits(10, FLOW_FLOOR, 100_000), one_day) is None
    assert Flow().due(LIMITS, one_day) is None
    assert Flow().usual == 0


def test_a_stop_is_raised_again_a_day_later_and_ends_once() -> None:
    """As for silence; the message that ends it is told when it was raised."""
    flow = a_steady_flow()
    due = flow.due(LIMITS, always)
    assert due is not None
    flow.say(due, due)
    again = flow.due(LIMITS, always)

    assert again == due + DAY + FLOW_FLOOR
    assert flow.hear(Nanos(due + SECOND), LIMITS, always)
    assert (flow.resume(), flow.resume()) == (due, None)


def test_a_clock_that_leaps_by_years_is_not_told_of_day_by_day() -> None:
    """A log without receive stamps may."""
    flow = a_steady_flow()
    flow.say(seconds(3_900), Nanos(seconds(3_900) + 1000 * DAY))

    assert flow.raised == seconds(3_900) + 1000 * DAY - LOOK_BACK


def test_a_stop_does_not_hide_the_next_one() -> None:
    """The gap that was said counts as its limit only, so the wait afterwards is not ten times an outage."""
    flow = a_steady_flow()
    flow.hear(seconds(2 * 3600), LIMITS, one_day)

    wait = flow.wait(LIMITS)

    assert wait is not None
    assert wait <= length("30 min")


def test_the_night_is_no_gap_and_yesterday_s_flow_is_expected_at_the_open() -> None:
    """A copy that is dead from the opening bell on is a stop."""
    flow = a_steady_flow(until=6.5 * 3600 - 1)
    usual = flow.usual
    for minutes in (-60, -30):  # before the open: no hours, not measured
        flow.hear(Nanos(OPENS + DAY + minutes * 60 * SECOND), LIMITS, two_days)

    assert flow.usual == usual
    assert flow.due(LIMITS, two_days) == OPENS + DAY + FLOW_FLOOR

    flow.hear(Nanos(OPENS + DAY + 10 * SECOND), LIMITS, two_days)

    assert flow.usual < 2 * usual


def test_a_night_without_a_message_is_no_gap_either() -> None:
    """From the last of one day to the first of the next nothing is measured."""
    flow = a_steady_flow(until=6.5 * 3600 - 1)
    usual = flow.usual

    flow.hear(Nanos(OPENS + DAY + 30 * SECOND), LIMITS, two_days)
    flow.hear(Nanos(OPENS + DAY + 50 * SECOND), LIMITS, two_days)

    assert flow.usual <= usual + length("1 s")


def test_a_session_that_comes_up_is_waited_for_anew() -> None:
    """While it was down it could bring nothing; a session that never brought anything is still not waited for."""
    flow, new = a_steady_flow(), Flow()
    flow.wait_anew(seconds(9000))
    new.wait_anew(seconds(9000))

    assert flow.due(LIMITS, one_day) == seconds(9000) + FLOW_FLOOR
    assert new.since is None
