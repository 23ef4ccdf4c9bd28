"""Chance from a seed: the only source of it in the simulator. Refuses the clock and the operating system's entropy."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Draws in one order, the same for the same seed (built on `random()` alone, whose sequence Python guarantees)."""

    def __init__(self, seed: int, purpose: str) -> None:
        self.roll = Random(f"{seed}/{purpose}").random  # noqa: S311 - repeatable on purpose, guards nothing

    def chance(self, probability: float) -> bool:
        """Say yes with that probability."""
        return self.roll() < probability

    def between(self, low: int, high: int) -> int:
        """Draw a whole number, both ends included."""
        return low + int(self.roll() * (high - low + 1))

    def pick(self, choices: Sequence[T]) -> T:
        """Draw one of the choices, all alike."""
        return choices[int(self.roll() * len(choices))]

    def index(self, cumulative: Sequence[float]) -> int:
        """Draw an index by cumulative weights."""
        return bisect_right(cumulative, self.roll() * cumulative[-1])

    def pause(self, mean: float) -> int:
        """Draw the wait for the next of events that come independently (exponential)."""
        return 1 + int(-math.log(1.0 - self.roll()) * mean)

    def around(self, median: int, sigma: float) -> int:
        """Draw a positive length around a median, long tail to the right (log-normal, cut at 3.5 sigma)."""
        normal = (self.roll() + self.roll() + self.roll() + self.roll() - 2.0) * math.sqrt(3.0)
        return int(median * math.exp(sigma * normal))
