"""When a finding is due: functions of a strike or an episode and of the limits in force, as the cards document them.

Pure. No rule is ever asked: what is due must not follow from what a rule does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rules.facts import SECOND
from service.quality.labels import Episode, Strike

Limits = Mapping[str, int]
"""A rule's parameters by name, and settings as "feed.<key>", in the units of rules.rule."""
_MILLION = 1_000_000


def always(_: Strike | Episode, __: Limits) -> bool:
    """Owe it whenever the fault is there."""
    return True


def above(limit: str) -> Callable[[Strike, Limits], bool]:
    """Owe it when the strike's amount lies above a limit."""
    return lambda strike, limits: strike.amount is not None and strike.amount > limits[limit]


def below(limit: str) -> Callable[[Strike, Limits], bool]:
    """Owe it when the strike's amount lies below a limit."""
    return lambda strike, limits: strike.amount is not None and strike.amount < limits[limit]


def executed_above(limit: str) -> Callable[[Strike, Limits], bool]:
    """Owe it when an execution was struck and by more than a limit."""
    return lambda strike, limits: strike.executed and above(limit)(strike, limits)


def stronger(limit: str, unit: int) -> Callable[[Episode, Limits], bool]:
    """Owe it when the fault's strength, in that unit, lies above a limit."""
    return lambda episode, limits: round((episode.strength or 0.0) * unit) > limits[limit]


def worse(strike: Strike, limits: Limits) -> bool:
    """Owe it when an execution was worse than the quote at receipt beyond the tolerance, and not outside the quote."""
    tolerance = max(limits["tolerance"], strike.spread * limits["tolerance_of_spread"] // _MILLION)
    return strike.executed and not strike.beyond and above_by(strike, tolerance)


def above_by(strike: Strike, number: int) -> bool:
    """Return whether the strike has an amount above this number."""
    return strike.amount is not None and strike.amount > number


def often(count: str, strength: str, unit: int) -> Callable[[Episode, Limits], bool]:
    """Owe it when the strength lies above a limit, and the window can hold as many strikes as it needs at least."""

    def due(episode: Episode, limits: Limits) -> bool:
        return stronger(strength, unit)(episode, limits) and most_within(episode, limits["window"]) >= limits[count]

    return due


def paid_too_much(episode: Episode, limits: Limits) -> bool:
    """Owe it when so many spreads beyond the touch make more of the quoted spread than is allowed, often enough.

    The touch itself is the whole quoted spread, and what lies beyond counts twice: on either side of the midpoint.
    """
    ratio = _MILLION + round(2 * (episode.strength or 0.0) * _MILLION)
    return ratio > limits["at_most"] and most_within(episode, limits["window"]) >= limits["minimum"]


def longer_than_waited(episode: Episode, limits: Limits) -> bool:
    """Owe it when quotes are later by more than a limit than an execution waits for them."""
    return round((episode.strength or 0.0) * SECOND) - limits["quotes.bound"] > limits["at_most"]


def mostly(limit: str, policy: str | None = None) -> Callable[[Episode, Limits], bool]:
    """Owe it when the share that the truth tells at the end lies above a limit, or so far above the policy."""

    def due(episode: Episode, limits: Limits) -> bool:
        wanted = limits[policy] if policy else 0
        return any(strike.amount is not None and strike.amount - wanted > limits[limit] for strike in episode.strikes)

    return due


def too_few_filled(episode: Episode, limits: Limits) -> bool:
    """Owe it when the rate left lies below the required one and the window can hold enough orders to tell."""
    rate = round((episode.strength or 0.0) * _MILLION)
    return rate < limits["ioc_at_least"] and most_within(episode, limits["window"]) >= limits["minimum"]


def enough_late(episode: Episode, limits: Limits) -> bool:
    """Owe it when enough copies were later than is allowed."""
    late = [strike for strike in episode.strikes if above("publish_at_most")(strike, limits)]
    return len(late) >= limits["minimum"]


def any_negative(episode: Episode, _: Limits) -> bool:
    """Owe it when an execution got a stamp before its order's receipt."""
    return any(strike.amount is not None and strike.amount < 0 for strike in episode.strikes)


def most_within(episode: Episode, span: int) -> int:
    """Return how many strikes lie within one span at the most."""
    times = sorted(strike.at for strike in episode.strikes)
    first = most = 0
    for last, at in enumerate(times):
        while times[first] <= at - span:
            first += 1
        most = max(most, last - first + 1)
    return most
