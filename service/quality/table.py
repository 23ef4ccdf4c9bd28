"""A measurement as a table: for a person at a terminal, or for the README. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from rules.facts import SECOND
from service.quality.record import Record
from service.quality.tally import MEASURED, ByStrength, Quality, Share
from service.quality.weak import WHY
from service.simulator.strengths import STRENGTHS

HEADINGS = ("rule", "recall", "by strength of the fault", "precision", "time to detect", "quiet")
_HOUR = 3600
_MILLION = 1_000_000
_THERE = frozenset(name.value for name, strength in STRENGTHS.items() if strength.unit == "there")


def rows(record: Record) -> list[tuple[str, ...]]:
    """Return a row of texts for each rule, under `HEADINGS`."""
    return [_row(quality) for quality in record.rules]


def markdown(record: Record, rules: Iterable[str] = ()) -> str:
    """Return the table as Markdown, with a sentence on what was run before it and the weak rules behind it.

    Of `rules`, those that are younger than the record are named as not measured.
    """
    known = {quality.rule for quality in record.rules}
    lines = [heading(record), "", f"| {' | '.join(HEADINGS)} |", f"|{'---|' * len(HEADINGS)}"]
    lines += [f"| `{first}` | {' | '.join(rest)} |" for first, *rest in rows(record)]
    lines += [f"| `{name}` | not measured yet | | | | |" for name in rules if name not in known]
    told = [f"* `{name}`: {why}" for name, why in weak(record)]
    return "\n".join([*lines, *(["", *told] if told else [])])


def heading(record: Record) -> str:
    """Return in a sentence what was run."""
    seeds = ", ".join(str(seed) for seed in record.seeds)
    commit = f", code of {record.commit}" if record.commit else ""
    return (
        f"{record.runs} runs of {record.seconds:g} s or more, seeds {seeds}, {len(record.positions)} strength(s) of "
        f"each fault, {record.messages:,} messages, {record.findings:,} findings, "
        f"rulebook {record.rulebook[:12]}{commit}."
    )


def weak(record: Record) -> Iterable[tuple[str, str]]:
    """Yield the rules that fall short, each with the reason in words where somebody has looked for it."""
    for quality in record.rules:
        short = quality.recall is not None and quality.recall.hits < quality.recall.count
        wrong = quality.precision is not None and quality.precision.hits < quality.precision.count
        if short or wrong or quality.state != MEASURED:
            yield quality.rule, WHY.get(quality.rule, "the reason is not known yet")


def _row(quality: Quality) -> tuple[str, ...]:
    recall = quality.state if quality.recall is None else _share(quality.recall)
    if quality.recall is not None and quality.state != MEASURED:
        recall = f"{quality.state}: {recall}"
    return (
        quality.rule,
        f"{recall} {quality.unit}s" if quality.unit else recall,
        "; ".join(_strength(one) for one in quality.strengths),
        "no findings" if quality.precision is None else _share(quality.precision),
        "" if quality.median is None else f"{_seconds(quality.median)}, {_seconds(quality.slowest_tenth or 0)}",
        str(quality.quiet),
    )


def _share(share: Share) -> str:
    return f"{share.hits} of {share.count} ({_percent(share.low, up=False)}–{_percent(share.high, up=True)} %)"


def _percent(ppm: int, *, up: bool) -> int:
    return -(-ppm * 100 // _MILLION) if up else ppm * 100 // _MILLION


def _strength(one: ByStrength) -> str:
    how = "" if one.strength is None or one.fault in _THERE else f" {one.strength:g}"
    return f"{one.fault}{how}: {one.recall.hits}/{one.recall.count}"


def _seconds(nanos: int) -> str:
    seconds = nanos / SECOND
    return f"{seconds:.3g} s" if seconds < _HOUR else f"{seconds / _HOUR:.1f} h"
