"""One trade date judged again by both sides: by what was in force, or a version of it, and by what is tried. Pure.

Rules that are set alike on both sides are judged once: a rule knows nothing but its facts, limits, window and register.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

import msgspec

from rules.cards import catalogue
from rules.facts import AnyFact, Fill, Markout, Nanos
from rules.finding import Finding
from rules.judges import Trade
from rules.rule import LooksAt
from rules.rulebook import Rulebook
from service.backtest.compare import Agreement, RuleDay, agreement, by_rule
from service.backtest.judge import Anew, Bench, Judged
from service.backtest.plan import FAILURES, Point, Sweep, changed_rules, only, swept, switched_off
from service.backtest.screens import Screen, screen_of
from service.backtest.timeline import Timeline
from service.processed import Amendment, Requoted

Item = AnyFact | Amendment | Requoted
"""What a day is made of: facts, what amends executions, and what late quotes state anew, in journal order."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done on each day: which rulebook is tried, and against which (None: those in force)."""

    tried: Rulebook
    against: Rulebook | None = None
    sweep: Sweep | None = None


class Source(Protocol):
    """The stored facts of one trade date; it is only read."""

    first: int
    last: int

    def items(self, kinds: frozenset[LooksAt], screen: Screen | None) -> Iterable[Item]:
        """Yield the facts of these kinds, and what amends or restates them, in the order of the journal.

        Of executions at least those that pass the screen, if there is one, and those that late quotes state anew.
        """
        ...

    def restated(self) -> tuple[frozenset[str], frozenset[str]]:
        """Return the ids of the executions and the keys of the orders that late quotes state anew."""
        ...

    def recorded(self) -> list[Finding]:
        """Return the findings that were recorded live, in the order of their commitment."""
        ...

    def second_looks(self) -> frozenset[int]:
        """Return the offsets of the records that brought about a second look."""
        ...

    def closed_as_true(self, findings: Iterable[str]) -> frozenset[str] | None:
        """Return which of these findings were closed as true; None where nobody says so of any."""
        ...


class SweptPoint(msgspec.Struct, frozen=True, kw_only=True):
    """The swept rule at one value on one day."""

    point: Point
    line: RuleDay


class DayResult(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one day; `facts` counts them by kind, `without` the corrections whose fact no row keeps."""

    day: str
    facts: dict[str, int]
    lines: tuple[RuleDay, ...]
    points: tuple[SweptPoint, ...]
    agreement: Agreement
    second_looks: int
    without: int


def judge_day(day: str, task: Task, timeline: Timeline, source: Source) -> DayResult:
    """Return what both sides find of a day."""
    return _Day(day, task, timeline, source).judged()


class _Day:
    def __init__(self, day: str, task: Task, timeline: Timeline, source: Source) -> None:
        self._day, self._task, self._timeline, self._source = day, task, timeline, source
        rulebooks = timeline.rulebooks(source.first, source.last)
        self._stood = rulebooks if task.against is None else [task.against]
        self._changed = self._differing()
        names = None if task.sweep is None else {task.sweep.rule, FAILURES}
        self._then = self._bench(task.against, names)
        self._nows = [self._bench(rulebook, None) for rulebook in self._tried()]
        self._anew = Anew(*source.restated())
        self._facts: Counter[str] = Counter()
        self._doubted: set[int] = set()
        self._without = 0
        self._executed: dict[str, Nanos] = {}

    def judged(self) -> DayResult:
        for item in self._source.items(self._kinds(), self._screen()):
            self._take(item)
        then, nows = self._then.judged(), [bench.judged() for bench in self._nows]
        looked = self._source.second_looks()
        return DayResult(
            day=self._day,
            facts=dict(self._facts),
            lines=tuple(self._lines(then, nows[0])) if self._task.sweep is None else (),
            points=tuple(self._points(then, nows)),
            agreement=agreement(then, self._source.recorded(), self._rules(), looked | self._doubted),
            second_looks=len(looked),
            without=self._without,
        )

    def _bench(self, rulebook: Rulebook | None, names: set[str] | None) -> Bench:
        return Bench(self._timeline, self._source.first, rulebook, names)

    def _differing(self) -> set[str] | None:
        """Return the rules that are set otherwise, None when all must be judged by both sides."""
        changed = changed_rules(self._task.tried, self._stood)
        return None if FAILURES in changed else changed

    def _tried(self) -> Iterator[Rulebook]:
        task = self._task
        if task.sweep is not None:
            for point in task.sweep.points:
                yield swept(task.tried, task.sweep, point.value)
        else:
            yield task.tried if self._changed is None else only(task.tried, self._changed)

    def _rules(self) -> list[str]:
        return list(catalogue()) if self._task.sweep is None else [self._task.sweep.rule]

    def _kinds(self) -> frozenset[LooksAt]:
        """Return the kinds of fact that a rule of either side looks at."""
        books = [*self._stood, self._task.tried]
        swept_rule = None if self._task.sweep is None else self._task.sweep.rule
        rules = [rule for book in books for rule in book.rules]
        asked = {rule.name for rule in rules if rule != switched_off(rule) or rule.name == swept_rule}
        return frozenset(kind for name in asked.intersection(self._rules()) for kind in catalogue()[name].card.looks_at)

    def _screen(self) -> Screen | None:
        sweep = self._task.sweep
        return None if sweep is None else screen_of(sweep.rule, [*self._stood, *self._tried()])

    def _take(self, item: Item) -> None:
        if isinstance(item, Requoted):
            again = self._anew.stated(item)
            if again is not None:
                for bench in (self._then, *self._nows):
                    bench.again(*again)
            return
        if isinstance(item, Amendment):
            self._take_out(item)
            if item.corrected is None:
                return
            item = item.corrected
        if isinstance(item, Fill | Markout):
            self._executed[item.execution_id] = item.executed_at if isinstance(item, Fill) else item.executed.at
        self._facts[type(item).__name__] += 1
        if item.uncertain:
            self._doubted.add(item.offset)
        self._anew.keep(item)
        self._then.assess(item)
        for bench in self._nows:
            bench.assess(item)

    def _take_out(self, made: Amendment) -> None:
        """Let no window count any longer what a bust or a correction took away."""
        correction = made.kind == "correction"
        self._without += correction and made.corrected is None
        at = self._executed.get(made.execution_id)
        trade = Trade(made.execution_id, made.trade_date, at, corrected=correction)
        for bench in (self._then, *self._nows):
            bench.take_out(trade, made.offset)

    def _lines(self, then: Judged, now: Judged) -> list[RuleDay]:
        before, after = then.standing, now.standing
        if self._changed is not None:
            after = {**{name: one for name, one in before.items() if self._alike(one)}, **after}
        lost = self._source.closed_as_true(before.keys() - after.keys())
        return by_rule(self._day, catalogue(), before, after, lost)

    def _alike(self, finding: Finding) -> bool:
        """Return whether a finding is of a rule that is set alike on both sides; of a failure, which rule failed."""
        rule = finding.values.get("rule") if finding.rule == FAILURES else finding.rule
        return rule not in (self._changed or ())

    def _points(self, then: Judged, nows: list[Judged]) -> Iterator[SweptPoint]:
        sweep = self._task.sweep
        if sweep is None:
            return
        before = _of(then.standing, sweep.rule)
        for point, now in zip(sweep.points, nows, strict=True):
            after = _of(now.standing, sweep.rule)
            true = self._source.closed_as_true(before.keys() - after.keys())
            for line in by_rule(self._day, (sweep.rule,), before, after, true):
                yield SweptPoint(point=point, line=line)


def _of(found: Mapping[str, Finding], rule: str) -> dict[str, Finding]:
    return {name: finding for name, finding in found.items() if finding.rule == rule}
