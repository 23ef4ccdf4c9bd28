"""The lower envelope of received − sent tells how far two clocks are apart, and nothing that passes moves it."""

from __future__ import annotations

import random

import pytest

from rules.facts import MILLISECOND, SECOND, Nanos
from service.feed.clock_offset import BLOCK_MESSAGES, BLOCKS, ClockOffset, Estimate
from tests.factories import length
from tests.factories_orders import seconds

TOLERANCE = length("100 ms")


class Line:
    """A session whose messages take a few milliseconds, from a clock that is off."""

    def __init__(self, offset: str | int = 0, *, coarse: bool = False) -> None:
        self.clock = ClockOffset()
        self.offset = int(length(offset)) if isinstance(offset, str) else offset
        self.at = 0.0
        self.said: list[tuple[bool, Estimate]] = []
        self._coarse = coarse
        self._chance = random.Random(5)

    def hear(self, messages: int, *, every: float = 5.0, delay: int = 0) -> None:
        """Hear so many messages, so many seconds apart, each delayed by so much more than usual."""
        for _ in range(messages):
            self.at += every + self._chance.random() / 10
            received = seconds(self.at)
            sent = received - self.offset - delay - 2 * MILLISECOND - self._chance.randint(0, 9 * MILLISECOND)
            self.take(received, sent - sent % SECOND if self._coarse else sent)

    def take(self, received: Nanos, sent: int) -> None:
        """Hear one message with these two stamps."""
        if self.clock.hear(received, Nanos(sent)):
            estimate = self.clock.judge(TOLERANCE)
            if estimate is not None:
                self.said.append((self.clock.said, estimate))

    @property
    def estimate(self) -> Estimate:
        """Return the estimate that there is."""
        found = self.clock.estimate()
        assert found is not None
        return found


FULL = BLOCKS * BLOCK_MESSAGES


def test_clocks_that_agree_are_estimated_by_the_shortest_way() -> None:
    """The usual case: a few milliseconds, and nothing to say."""
    line = Line()

    line.hear(FULL)

    assert line.said == []
    assert 2 * MILLISECOND <= line.estimate.middle <= 8 * MILLISECOND
    assert (line.estimate.low, line.estimate.blocks) == (line.estimate.high, BLOCKS)
    assert 0 <= line.estimate.spread <= 9 * MILLISECOND


@pytest.mark.parametrize("offset", ["200 ms", "5 s"])
@pytest.mark.parametrize("sign", [1, -1])
def test_clocks_that_are_apart_are_said_once_with_the_distance(offset: str, sign: int) -> None:
    """Either way."""
    line = Line(sign * length(offset))

    line.hear(3 * FULL)

    ((out, estimate),) = line.said
    assert out
    assert abs(estimate.middle - sign * length(offset)) < 15 * MILLISECOND


def test_nothing_is_said_before_all_blocks_are_there() -> None:
    """A gauge may show it; a finding has to last."""
    line = Line("1 s")

    line.hear(FULL - 1)

    assert line.said == []
    assert line.estimate.blocks == BLOCKS - 1


def test_there_is_no_estimate_before_the_first_block() -> None:
    """Seven messages are none yet, and hundreds at once are not either."""
    line = Line()
    line.hear(BLOCK_MESSAGES - 1)
    burst = Line()
    burst.hear(500, every=0.0)

    assert line.clock.estimate() is None
    assert burst.clock.estimate() is None
    assert ClockOffset().judge(TOLERANCE) is None


def test_a_stall_and_a_wild_stamp_move_nothing() -> None:
    """Two minutes of late messages and one from next week are no clock."""
    line = Line()
    line.hear(FULL)
    line.hear(24, delay=length("3 s"))
    line.take(seconds(line.at), seconds(line.at + 604_800))
    line.hear(FULL)

    assert line.said == []
    assert abs(line.estimate.middle) < 10 * MILLISECOND


def test_a_clock_that_comes_back_is_said_to_be_steady_when_it_is_well_within() -> None:
    """At nine tenths of the tolerance it is still off; at nothing it is not."""
    line = Line("200 ms")
    line.hear(FULL)
    line.offset = length("85 ms")
    line.hear(2 * FULL)
    still = [out for out, _ in line.said]
    line.offset = 0
    line.hear(2 * FULL)

    assert still == [True]
    assert [out for out, _ in line.said] == [True, False]


def test_whole_seconds_prove_only_what_lies_beyond_a_second() -> None:
    """A stamp cut to seconds is up to a second too early: between 0 and 1 s apart nothing is certain."""
    fine, off = Line("500 ms", coarse=True), Line("3 s", coarse=True)
    fine.hear(2 * FULL)
    off.hear(2 * FULL)

    assert fine.said == []
    assert fine.estimate.high - fine.estimate.low == SECOND
    assert [out for out, _ in off.said] == [True]


def test_no_tolerance_switches_the_judgement_off() -> None:
    """The estimate is there all the same."""
    line = Line("5 s")
    line.hear(FULL)

    assert line.clock.judge(Nanos(0)) is None
    assert line.estimate.middle > 4 * SECOND
