"""What a day came to live beside what it comes to when it is run again: digests, counts, the first difference. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from rules import reassessment
from rules.digest import compared, digest, of_scope
from rules.finding import Finding, Scope
from rules.reassessment import Reassessment

SECOND_LOOKS = "second_looks"
NOTHING = "nothing"
_LOOKED = ("finding", "rule", "verdict", "reason", "missing", "values", "dollar_harm", "why")


class Came(msgspec.Struct, frozen=True, kw_only=True):
    """What one run of a day came to: findings and second looks in the order in which they were made, facts counted."""

    findings: tuple[Finding, ...]
    looks: tuple[Reassessment, ...]
    facts: dict[str, int]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """The first thing that is otherwise: of which rule and subject, which field, what it was live and what it is again.

    A finding that one run lacks has "finding" as its field, and "nothing" on that side.
    """

    rule: str
    subject: str
    finding_id: str
    field: str
    live: str
    again: str


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of what is compared, with both digests and counts; `difference` is None when they are equal."""

    name: str
    live: str
    again: str
    live_count: int
    again_count: int
    difference: Difference | None

    @property
    def equal(self) -> bool:
        """Return whether both runs say the same."""
        return self.live == self.again


def parts(live: Came, again: Came) -> tuple[Part, ...]:
    """Return both scopes of findings and the second looks, each compared."""
    return (*(_findings(live.findings, again.findings, scope) for scope in Scope), _looks(live, again))


def _findings(live: Sequence[Finding], again: Sequence[Finding], scope: Scope) -> Part:
    mine, theirs = of_scope(live, scope), of_scope(again, scope)
    return Part(
        name=scope.value,
        live=digest(live, scope),
        again=digest(again, scope),
        live_count=len(mine),
        again_count=len(theirs),
        difference=_first(_pairs(mine, theirs)),
    )


def _pairs(live: list[Finding], again: list[Finding]) -> Iterator[tuple[Finding | None, Finding | None]]:
    """Yield the findings of both runs side by side, in the order of the digest."""
    mine, theirs = ({one.finding_id: one for one in found} for found in (live, again))
    both = of_scope([*again, *live], live[0].scope) if live else again
    yield from ((mine.get(one.finding_id), theirs.get(one.finding_id)) for one in both)


def _first(pairs: Iterator[tuple[Finding | None, Finding | None]]) -> Difference | None:
    for was, now in pairs:
        one = was or now
        assert one is not None
        told = _otherwise(None if was is None else compared(was), None if now is None else compared(now), "finding")
        if told is not None:
            return Difference(rule=one.rule, subject=one.subject, finding_id=one.finding_id, **told)
    return None


def _looks(live: Came, again: Came) -> Part:
    mine, theirs = reassessment.compared(live.looks), reassessment.compared(again.looks)
    subjects = {one.finding_id: one.subject for one in (*again.findings, *live.findings)}
    first = None
    for key in sorted({*mine, *theirs}):
        was, now = (_named(found.get(key)) for found in (mine, theirs))
        told = _otherwise(was, now, "second look")
        if told is not None:
            rule = (was or now or {})["rule"]
            first = Difference(rule=rule, subject=subjects.get(key[0], "?"), finding_id=key[0], **told)
            break
    return Part(
        name=SECOND_LOOKS,
        live=reassessment.digest(live.looks),
        again=reassessment.digest(again.looks),
        live_count=len(mine),
        again_count=len(theirs),
        difference=first,
    )


def _named(said: list[Any] | None) -> dict[str, Any] | None:
    return None if said is None else dict(zip(_LOOKED, said, strict=False))


def _otherwise(was: Mapping[str, Any] | None, now: Mapping[str, Any] | None, whole: str) -> dict[str, str] | None:
    """Return the first field that differs, with both values in words; None when nothing does."""
    if was is None or now is None:
        sides = [NOTHING if one is None else str(one.get("sentence") or one.get("verdict")) for one in (was, now)]
        return {"field": whole, "live": sides[0], "again": sides[1]}
    return _field(was, now, "")


def _field(was: Mapping[str, Any], now: Mapping[str, Any], path: str) -> dict[str, str] | None:
    for name in sorted({*was, *now}):
        one, other = was.get(name), now.get(name)
        if isinstance(one, dict) and isinstance(other, dict):
            inner = _field(one, other, f"{path}{name}.")
            if inner is not None:
                return inner
        elif one != other:
            return {"field": f"{path}{name}", "live": _word(one), "again": _word(other)}
    return None


def _word(value: Any) -> str:
    return NOTHING if value is None else str(value)
