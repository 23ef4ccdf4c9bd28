"""What was done, out of the lines of the truth: every strike by the names of what it struck, every episode as a whole.

Pure. Nothing here knows a rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from rules.facts import SECOND
from rules.finding import Finding
from service.simulator.truth import Truth

_WORD = re.compile(r"[A-Za-z0-9_.-]+")
_NAMING = ("execution_id", "exec_id", "order_key", "example", "fact")
"""The values of a finding that name what it is about, beside its subject."""


class Strike(msgspec.Struct, frozen=True, kw_only=True):
    """One deed: when, until when, how much of it, and every id of what it struck."""

    fault: str
    at: int
    until: int
    names: frozenset[str]
    executed: bool = False
    amount: int | None = None
    spread: int = 0
    beyond: int = 0
    venue: str | None = None
    subject: str = "feed"


class Episode(msgspec.Struct, frozen=True, kw_only=True):
    """A fault from its begin to its end, with its strikes and all their names."""

    fault: str
    subject: str
    strength: float | None
    begin: int
    end: int
    strikes: tuple[Strike, ...] = ()
    names: frozenset[str] = frozenset()


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What matters of a finding: the rule, its event time, when it was recorded, and every id that it names."""

    rule: str
    at: int
    seen_at: int
    names: frozenset[str]
    sentence: str


def found(finding: Finding, seen_at: int) -> Found:
    """Return what matters of a finding."""
    told = [finding.subject, finding.cause, finding.venue or ""]
    told += [str(finding.values[name]) for name in _NAMING if name in finding.values]
    names = frozenset(word for text in told for word in _WORD.findall(text))
    return Found(rule=finding.rule, at=finding.at, seen_at=seen_at, names=names, sentence=finding.sentence)


def strike_of(line: Truth) -> Strike:
    """Return the strike that a hit's line tells of."""
    ids = (line.exec_id, line.cl_ord_id, line.order_id)
    own = () if line.subject in ("feed", line.venue) else (line.subject,)
    return Strike(
        fault=line.fault,
        at=line.at,
        until=line.at if line.until is None else line.until,
        names=frozenset(name for name in (*ids, *own) if name),
        executed=line.exec_id is not None,
        amount=line.amount,
        spread=line.spread or 0,
        beyond=line.beyond or 0,
        venue=line.venue,
        subject=line.subject,
    )


def episodes(lines: Iterable[Truth]) -> list[Episode]:
    """Return the episodes in the order of their begin; a hit outside of all of them is one of its own."""
    told = sorted(lines, key=lambda line: line.at)
    open_ones: dict[str, Episode] = {}
    hits: dict[str, list[Strike]] = {}
    for line in told:
        if line.event == "begin":
            open_ones[line.fault] = Episode(
                fault=line.fault, subject=line.subject, strength=line.strength, begin=line.at, end=line.at + SECOND
            )
        elif line.event == "end":
            open_ones[line.fault] = msgspec.structs.replace(open_ones[line.fault], end=line.at)
        else:
            hits.setdefault(line.fault, []).append(strike_of(line))
    for fault, strikes in hits.items():
        known = open_ones.get(fault)
        whole = known or Episode(
            fault=fault, subject="market", strength=None, begin=strikes[0].at, end=strikes[-1].until
        )
        open_ones[fault] = msgspec.structs.replace(whole, strikes=tuple(strikes), names=_all(strikes))
    return sorted(open_ones.values(), key=lambda episode: episode.begin)


def _all(strikes: Iterable[Strike]) -> frozenset[str]:
    return frozenset(name for strike in strikes for name in strike.names)
