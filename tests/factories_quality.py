"""What the tests about the quality of rules start from: a line of the truth, a finding as it was seen, a run."""

from __future__ import annotations

from typing import Any

from rules.facts import SECOND
from service.quality.labels import Episode, Found, Strike
from service.quality.matching import Unit, Verdicts
from service.quality.tally import Run
from service.simulator.truth import Truth

T0 = 1_767_625_200 * SECOND


def a_line(event: str = "hit", seconds: float = 0.0, **named: Any) -> Truth:
    """Return a line of the truth, by default a strike of a slow venue."""
    given = {"fault": "slow_venue", "subject": "EDGX"} | named
    return Truth(at=T0 + int(seconds * SECOND), event=event, **given)


def a_strike(seconds: float = 0.0, *names: str, **named: Any) -> Strike:
    """Return a strike on these names."""
    at = T0 + int(seconds * SECOND)
    return Strike(**({"fault": "slow_venue", "at": at, "until": at, "names": frozenset(names)} | named))


def an_episode(*strikes: Strike, begin: float = 0.0, end: float = 60.0, **named: Any) -> Episode:
    """Return a minute of a fault with these strikes."""
    names = frozenset(name for strike in strikes for name in strike.names)
    given = {"fault": "slow_venue", "subject": "EDGX", "strength": 1.5, "strikes": strikes, "names": names} | named
    return Episode(begin=T0 + int(begin * SECOND), end=T0 + int(end * SECOND), **given)


def seen(rule: str, seconds: float, *names: str) -> Found:
    """Return a finding of a rule on these names, seen at once."""
    at = T0 + int(seconds * SECOND)
    return Found(rule=rule, at=at, seen_at=at, names=frozenset(names), sentence=f"{rule} on {' '.join(names)}")


def a_unit(took: float | None = 0.1, **named: Any) -> Unit:
    """Return an owed finding and after how long it came."""
    given = {"rule": "slow_fill", "fault": "slow_venue", "strength": 1.5, "strike": True} | named
    return Unit(took=None if took is None else int(took * SECOND), **given)


def a_run(*units: Unit, fault: str | None = "slow_venue", **counts: Any) -> Run:
    """Return a run that came to these units and counts."""
    given: dict[str, Any] = {"true": {}, "explained": {}, "false": {}, "examples": {}} | counts
    verdicts = Verdicts(units=list(units), **given)
    return Run(seed=1, fault=fault, strength=1.5, messages=1_000, verdicts=verdicts)
