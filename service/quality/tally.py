"""All runs together: per rule precision, recall and time to detect, each with its interval or with why there is none.

Pure. Intervals are Wilson's at 95 %. A rule without anything that was due says "not exercised", one that was owed and
never came "never fired": neither is a zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from rules.windows import wilson
from service.quality.matching import Unit, Verdicts

CONFIDENCE = 950_000
NOT_EXERCISED, NEVER_FIRED, MEASURED = "not exercised", "never fired", "measured"


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """So many of so many, with the interval in ppm."""

    hits: int
    count: int
    low: int
    high: int


class ByStrength(msgspec.Struct, frozen=True, kw_only=True):
    """Recall at one strength of one fault."""

    fault: str
    strength: float | None
    recall: Share


class Quality(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one rule: `unit` is what recall counts, times to detect in ns (median and the slowest tenth).

    `quiet` are findings in runs without any fault, which are false too.
    """

    rule: str
    state: str
    unit: str | None
    precision: Share | None
    recall: Share | None
    median: int | None
    slowest_tenth: int | None
    explained: int
    quiet: int
    strengths: tuple[ByStrength, ...] = ()
    example: str | None = None


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One run as it was judged; `fault` None for a quiet one."""

    seed: int
    fault: str | None
    strength: float | None
    messages: int
    verdicts: Verdicts


def qualities(rules: Iterable[str], runs: Iterable[Run]) -> list[Quality]:
    """Return what the runs say of each rule, in the order of the rules."""
    judged = list(runs)
    return [_quality(rule, judged) for rule in rules]


def share(hits: int, count: int) -> Share | None:
    """Return a share with its interval; None of nothing."""
    if not count:
        return None
    low, high = wilson(hits, count, CONFIDENCE)
    return Share(hits=hits, count=count, low=low, high=high)


def _quality(rule: str, runs: list[Run]) -> Quality:
    units = [unit for run in runs for unit in run.verdicts.units if unit.rule == rule]
    true, false, explained = (_sum(rule, [getattr(run.verdicts, name) for run in runs]) for name in _VERDICTS)
    took = sorted(unit.took for unit in units if unit.took is not None)
    return Quality(
        rule=rule,
        state=_state(units, true + false),
        unit=("strike" if units[0].strike else "episode") if units else None,
        precision=share(true, true + false),
        recall=share(len(took), len(units)),
        median=_rank(took, 50),
        slowest_tenth=_rank(took, 90),
        explained=explained,
        quiet=_sum(rule, [run.verdicts.false for run in runs if run.fault is None]),
        strengths=tuple(_by_strength(units)),
        example=next((run.verdicts.examples[rule] for run in runs if rule in run.verdicts.examples), None),
    )


_VERDICTS = ("true", "false", "explained")


def _state(units: list[Unit], findings: int) -> str:
    if not units and not findings:
        return NOT_EXERCISED
    return MEASURED if findings else NEVER_FIRED


def _by_strength(units: list[Unit]) -> Iterable[ByStrength]:
    groups: dict[tuple[str, float | None], list[Unit]] = {}
    for unit in units:
        groups.setdefault((unit.fault, unit.strength), []).append(unit)
    for (fault, strength), mine in groups.items():
        recall = share(sum(unit.took is not None for unit in mine), len(mine))
        assert recall is not None
        yield ByStrength(fault=fault, strength=strength, recall=recall)


def _sum(rule: str, counts: Iterable[Mapping[str, int]]) -> int:
    return sum(count.get(rule, 0) for count in counts)


def _rank(values: list[int], percent: int) -> int | None:
    """Return the value at that rank (nearest rank), None of nothing."""
    return values[max(0, -(-percent * len(values) // 100) - 1)] if values else None
