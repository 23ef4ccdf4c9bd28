"""What one rulebook found of a day beside what another did: which findings are new, which would be lost. Pure.

A finding is the same when rule, subject and event time are. A rule with a window raises its finding at some one event:
where that moves, the one counts as lost and the other as new.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec

from rules.digest import compared
from rules.finding import Finding, Severity
from service.backtest.judge import Judged

EXAMPLES = 5


class RuleDay(msgspec.Struct, frozen=True, kw_only=True):
    """One rule on one day: findings then and now, how many are new and lost, and the ids and sentences of some of them.

    `lost_true` is how many of the lost were closed as true; None where nobody has said of any whether it was.
    `then_by_severity` and `now_by_severity` count the findings of either side by how grave they are.
    """

    day: str
    rule: str
    then: int
    now: int
    new: int
    lost: int
    lost_true: int | None
    new_ids: tuple[str, ...]
    lost_ids: tuple[str, ...]
    new_sentences: tuple[str, ...] = ()
    lost_sentences: tuple[str, ...] = ()
    then_by_severity: dict[str, int] = {}
    now_by_severity: dict[str, int] = {}


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """The findings of the side "then" beside those recorded live, as they were first stated.

    `elsewhere` are recorded findings that only a second look made; they are not made again by either side.
    """

    same: int = 0
    otherwise: int = 0
    not_made: int = 0
    not_recorded: int = 0
    elsewhere: int = 0
    example: str | None = None

    @property
    def equal(self) -> bool:
        """Return whether they are the same, apart from what second looks made."""
        return not (self.otherwise or self.not_made or self.not_recorded)

    def plus(self, other: Agreement) -> Agreement:
        """Return the sums of both."""
        return Agreement(
            same=self.same + other.same,
            otherwise=self.otherwise + other.otherwise,
            not_made=self.not_made + other.not_made,
            not_recorded=self.not_recorded + other.not_recorded,
            elsewhere=self.elsewhere + other.elsewhere,
            example=self.example or other.example,
        )


def by_rule(
    day: str,
    rules: Iterable[str],
    then: Mapping[str, Finding],
    now: Mapping[str, Finding],
    true: Collection[str] | None,
) -> list[RuleDay]:
    """Return a line for each of these rules that found something on either side; `true` are those closed as true."""
    lines = []
    for rule in sorted(rules):
        before, after = _of(then, rule), _of(now, rule)
        if before or after:
            lines.append(_line(day, rule, before, after, true))
    return lines


def _line(
    day: str, rule: str, then: Mapping[str, Finding], now: Mapping[str, Finding], true: Collection[str] | None
) -> RuleDay:
    new, lost = sorted(now.keys() - then.keys()), sorted(then.keys() - now.keys())
    return RuleDay(
        day=day,
        rule=rule,
        then=len(then),
        now=len(now),
        new=len(new),
        lost=len(lost),
        lost_true=None if true is None else len({*lost} & {*true}),
        new_ids=tuple(new[:EXAMPLES]),
        lost_ids=tuple(lost[:EXAMPLES]),
        new_sentences=tuple(now[name].sentence for name in new[:EXAMPLES]),
        lost_sentences=tuple(then[name].sentence for name in lost[:EXAMPLES]),
        then_by_severity=_by_severity(then.values()),
        now_by_severity=_by_severity(now.values()),
    )


def _of(found: Mapping[str, Finding], rule: str) -> dict[str, Finding]:
    return {name: finding for name, finding in found.items() if finding.rule == rule}


def _by_severity(found: Iterable[Finding]) -> dict[str, int]:
    counts = Counter(finding.severity for finding in found)
    return {severity.value: counts[severity] for severity in Severity if counts[severity]}


def agreement(then: Judged, recorded: Iterable[Finding], rules: Collection[str], looked: Collection[int]) -> Agreement:
    """Return how what was made agrees with what was recorded, of these rules.

    `looked` are the offsets of facts in doubt and of second looks: what was recorded there and not in doubt, and is not
    made again, a second look has made.
    """
    kept = {one.finding_id: one for one in recorded if one.rule in rules}
    made = {name: one for name, one in then.first.items() if one.rule in rules}
    both = made.keys() & kept.keys()
    differ = sorted(name for name in both if _said(made[name]) != _said(kept[name]))
    missing = [kept[name] for name in sorted(kept.keys() - made.keys())]
    elsewhere = [one for one in missing if not one.uncertain and one.offset in looked]
    extra = sorted(made.keys() - kept.keys())
    examples = [*differ, *(one.finding_id for one in missing if one not in elsewhere), *extra]
    return Agreement(
        same=len(both) - len(differ),
        otherwise=len(differ),
        not_made=len(missing) - len(elsewhere),
        not_recorded=len(extra),
        elsewhere=len(elsewhere),
        example=examples[0] if examples else None,
    )


def _said(finding: Finding) -> dict[str, Any]:
    """Return what is compared of a finding: not the name of the rulebook, of which only one rule may be judged."""
    return {**compared(finding), "rulebook_hash": ""}
