"""The simulated venues: how fast each answers, how often it fills, how often and by how much it improves the price."""

from __future__ import annotations

from itertools import accumulate

import msgspec

from rules.facts import MILLISECOND
from service.simulator.dice import Dice
from service.simulator.market import QuoteMoved

MICROSECOND = 1_000
SUB_PENNY = 100_000
"""Improvement comes in steps of 0.0001 dollars."""


class Venue(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One place where the router sends children.

    `share` weighs the routing; `latency` (ns, median) and `jitter` (sigma) shape the answer; `fills` is the chance that
    an immediate order finds anything, `whole` that it then finds all; `improves` is the chance of a better price, which
    is up to `improvement` of the spread better; `rests` says whether the router posts there.
    """

    mic: str
    share: float
    latency: int
    jitter: float = 0.5
    fills: float = 0.93
    whole: float = 0.8
    improves: float = 0.1
    improvement: float = 0.3
    rests: bool = True


VENUES = (
    Venue(mic="XNAS", share=0.20, latency=450 * MICROSECOND),
    Venue(mic="XNYS", share=0.15, latency=600 * MICROSECOND),
    Venue(mic="ARCX", share=0.13, latency=500 * MICROSECOND),
    Venue(mic="BATS", share=0.15, latency=350 * MICROSECOND),
    Venue(mic="EDGX", share=0.12, latency=380 * MICROSECOND),
    Venue(mic="MEMX", share=0.08, latency=400 * MICROSECOND),
    Venue(mic="IEXG", share=0.07, latency=1 * MILLISECOND, improves=0.5, improvement=0.5),
    Venue(mic="XBOS", share=0.04, latency=550 * MICROSECOND),
    Venue(mic="NASD", share=0.06, latency=2 * MILLISECOND, fills=0.85, improves=0.4, improvement=0.5, rests=False),
)
"""All of them are approved in the demo counterparty's register (NASD through its lit book); `faults.ROGUE` is not."""


class VenueChoice:
    """Draws a venue by its share; `favoured` ones count several times, so that a fault there shows soon."""

    def __init__(self, venues: tuple[Venue, ...]) -> None:
        self._venues = venues
        self._resting = tuple(venue for venue in venues if venue.rests)
        self._weights: dict[tuple[str | None, bool], list[float]] = {}

    def draw(self, dice: Dice, *, resting: bool, favoured: str | None) -> Venue:
        """Return the venue for the next child."""
        choices = self._resting if resting else self._venues
        weights = self._weights.get((favoured, resting))
        if weights is None:
            weights = list(accumulate(v.share * (4 if v.mic == favoured else 1) for v in choices))
            self._weights[favoured, resting] = weights
        return choices[dice.index(weights)]


def improved(venue: Venue, quote: QuoteMoved, sign: int, dice: Dice) -> int:
    """Return the price of an immediate execution at `quote`: the touch, or sometimes better, never past the middle."""
    touch = quote.touch(sign)
    if not dice.chance(venue.improves):
        return touch
    best = int((quote.offer - quote.bid) * min(venue.improvement, 0.5)) // SUB_PENNY
    return touch - sign * SUB_PENNY * dice.between(1, max(1, best))


def found(venue: Venue, wanted: int, chance: float, dice: Dice) -> int:
    """Return how many of the wanted shares an immediate order finds, in whole shares."""
    if not dice.chance(chance):
        return 0
    if dice.chance(venue.whole):
        return wanted
    return max(1, int(wanted * (0.2 + 0.6 * dice.roll())))
