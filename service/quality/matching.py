"""Findings of one run held against its labels: what was due and found, what was found and never done.

Pure. Each finding is exactly one of: true (it names a strike, or lies in an episode, that its rule owes), explained
(the fault brings it about beside what it is measured by), false (anything else, also below the threshold).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping

import msgspec

from rules.facts import SECOND
from service.quality.due import Limits
from service.quality.expected import EXPECTED, EXPLAINED, NATURE, PATIENCE, EachStrike, Expected, WholeEpisode
from service.quality.labels import Episode, Found, Strike

BEHIND = 3 * SECOND


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """One finding that was owed: by which rule, for which fault and strength, and after how long it came (None: never).

    `strike` tells the unit: a strike, else an episode.
    """

    rule: str
    fault: str
    strength: float | None
    strike: bool
    took: int | None = None


class Verdicts(msgspec.Struct, frozen=True, kw_only=True):
    """What one run came to: the units that were owed, findings by rule and verdict, examples of false ones."""

    units: list[Unit]
    true: dict[str, int]
    explained: dict[str, int]
    false: dict[str, int]
    examples: dict[str, str]


def judge(
    episodes: Iterable[Episode],
    found: Iterable[Found],
    limits: Mapping[str, Limits],
    *,
    until: int,
    expected: Iterable[Expected] = EXPECTED,
) -> Verdicts:
    """Hold a run's findings against its labels; `limits` by rule are those in force.

    What comes after `until`, the simulation's own end, is counted only where it is owed: that nothing follows, and that
    orders are left open, is the simulation's doing.
    """
    labelled = {episode.fault: episode for episode in episodes}
    by_rule: dict[str, list[Found]] = {}
    for one in found:
        by_rule.setdefault(one.rule, []).append(one)
    verdicts = Verdicts(units=[], true={}, explained={}, false={}, examples={})
    owed: dict[str, set[int]] = {}
    for one_expected in expected:
        episode, rule = labelled.get(one_expected.fault), one_expected.rule
        if episode is None or rule not in limits:
            continue
        mine = by_rule.get(rule, [])
        units, hits = _matched(one_expected, episode, mine, limits[rule])
        verdicts.units.extend(units)
        owed.setdefault(rule, set()).update(hits)
    for rule, mine in by_rule.items():
        for place, one in enumerate(mine):
            is_owed = place in owed.get(rule, ())
            if is_owed or one.seen_at <= until:
                _count(verdicts, rule, one, labelled, true=is_owed)
    return verdicts


def _matched(expected: Expected, episode: Episode, mine: list[Found], limits: Limits) -> tuple[list[Unit], set[int]]:
    if isinstance(expected, EachStrike):
        return _each(expected, episode, mine, limits)
    return _whole(expected, episode, mine, limits)


def _count(verdicts: Verdicts, rule: str, one: Found, labelled: Mapping[str, Episode], *, true: bool) -> None:
    if true:
        into = verdicts.true
    elif _explained(rule, one, labelled) or _natural(rule, one, labelled):
        into = verdicts.explained
    else:
        into = verdicts.false
        verdicts.examples.setdefault(rule, one.sentence)
    into[rule] = into.get(rule, 0) + 1


def _explained(rule: str, one: Found, labelled: Mapping[str, Episode]) -> bool:
    return any(rule in EXPLAINED.get(fault, ()) and one.seen_at >= episode.begin for fault, episode in labelled.items())


def _natural(rule: str, one: Found, labelled: Mapping[str, Episode]) -> bool:
    """Return whether it names what the market, or a venue without any fault, did."""
    struck = [labelled[word].names for word, rules in NATURE.items() if rule in rules and word in labelled]
    return any(not names.isdisjoint(one.names) for names in struck)


def _each(expected: EachStrike, episode: Episode, mine: list[Found], limits: Limits) -> tuple[list[Unit], set[int]]:
    """Return the units of the strikes that are due, and which findings belong to them."""
    find = _by_time(mine) if expected.by_time else _by_name(mine)
    units, hits = [], set()
    for strike in episode.strikes:
        if not expected.due(strike, limits):
            continue
        places = find(strike)
        hits.update(places)
        units.append(_unit(expected, episode, strike.at, [mine[place] for place in places], strike=True))
    return units, hits


def _whole(expected: WholeEpisode, episode: Episode, mine: list[Found], limits: Limits) -> tuple[list[Unit], set[int]]:
    """Return the unit of the episode when it is due, and which findings belong to it."""
    if not expected.due(episode, limits):
        return [], set()
    last = episode.end + (PATIENCE if expected.window is None else limits[expected.window])
    hits = {
        place
        for place, one in enumerate(mine)
        if episode.begin <= one.seen_at <= last and (not expected.named or episode.subject in one.names)
    }
    strikes = () if expected.since_begin else episode.strikes
    first = min([strike.at for strike in strikes], default=episode.begin)
    return [_unit(expected, episode, first, [mine[place] for place in hits], strike=False)], hits


def _unit(expected: Expected, episode: Episode, since: int, hits: list[Found], *, strike: bool) -> Unit:
    took = min([max(0, one.seen_at - since) for one in hits], default=None)
    return Unit(rule=expected.rule, fault=expected.fault, strength=episode.strength, strike=strike, took=took)


class _by_name:  # noqa: N801 - a function that remembers its index
    """Finds the findings that name any id of a strike."""

    def __init__(self, mine: list[Found]) -> None:
        self._places: dict[str, list[int]] = {}
        for place, one in enumerate(mine):
            for name in one.names:
                self._places.setdefault(name, []).append(place)

    def __call__(self, strike: Strike) -> list[int]:
        return sorted({place for name in strike.names for place in self._places.get(name, ())})


class _by_time:  # noqa: N801 - a function that remembers its index
    """Finds the findings in the moments behind a strike: what is missing shows only by the next message."""

    def __init__(self, mine: list[Found]) -> None:
        self._times = [one.seen_at for one in mine]

    def __call__(self, strike: Strike) -> list[int]:
        first = bisect_left(self._times, strike.at)
        return list(range(first, bisect_left(self._times, strike.until + BEHIND)))
