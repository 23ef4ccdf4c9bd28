"""The engine: facts and a rulebook in, findings out. It remembers for the rules and survives those that fail.

Refuses clocks, files and threads: what it says is a function of the facts it was given, in their order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from rules.bench import going_on, judges
from rules.evidence import finding
from rules.fact_kinds import KINDS
from rules.facts import AnyFact, FeedEvent, FeedEventKind, Fill, Nanos, OrderOutcome
from rules.finding import Draft, Finding
from rules.judges import Found, Judge, Move, Trade, WindowJudge, looks_at
from rules.levels import OFF_LEVEL, level_of, off_level
from rules.naming import identity, where
from rules.observed import Row, digested
from rules.reassessment import Untold
from rules.register import VenueRegister
from rules.rule import Failure, LooksAt, NotEvaluated
from rules.rulebook import Rulebook
from rules.windows import Windows, WindowState

_KINDS = {kind: looks_at.value for kind, looks_at in KINDS.items() if kind is not FeedEvent}
_OF_EXECUTIONS = {LooksAt.FILL.value, LooksAt.MARKOUT.value}
Pair = tuple[Fill | OrderOutcome, Fill | OrderOutcome | None]
Said = Finding | NotEvaluated | Untold | None
"""What a rule says when it is asked again; Untold when it cannot be."""
Skip = tuple[str, str, str]
"""Trade date, rule and reason of one fact that a rule did not evaluate."""
ANOTHER_RULE = Untold("the rule or its limits have changed since")
"""The answer of a second look under another rulebook than the first."""
_EVENTS = {kind: f"event {kind.value}" for kind in FeedEventKind}


class Twice(msgspec.Struct, frozen=True, gc=False):
    """What one rule says of a fact as it was, and of the same fact as it is."""

    was: Finding | NotEvaluated | None
    now: Finding | NotEvaluated | None


class EngineState(msgspec.Struct, frozen=True, kw_only=True):
    """All that an engine is, for a checkpoint: what is in force, the windows, and the counts."""

    rulebook: Rulebook
    registers: dict[str, VenueRegister]
    windows: dict[str, list[WindowState]]
    not_evaluated: list[tuple[str, str, int]]
    failures: list[tuple[str, str, int]]


class Engine:
    """Assesses facts, one after the other.

    `not_evaluated` counts by rule and reason what could not be judged or lies outside a rule's population;
    `failures` counts by rule and exception type the facts on which a rule raised.
    """

    def __init__(self, rulebook: Rulebook, registers: Mapping[str, VenueRegister]) -> None:
        self.not_evaluated: dict[tuple[str, str], int] = {}
        self.failures: dict[tuple[str, str], int] = {}
        self._bench: list[Judge] = []
        self._adopt(rulebook, dict(registers), {})

    def adopt(self, rulebook: Rulebook, registers: Mapping[str, VenueRegister]) -> None:
        """Put a rulebook and the registers in force, at a batch boundary; windows of unchanged lines go on."""
        before = {rule.name: rule for rule in self.rulebook.rules}
        kept = {
            rule.name: going_on(windows, before[rule.name], rule)
            for rule in rulebook.rules
            if (windows := self._windows().get(rule.name)) and before[rule.name].version == rule.version
        }
        self._adopt(rulebook, dict(registers), kept)

    def _adopt(self, rulebook: Rulebook, registers: dict[str, VenueRegister], kept: Mapping[str, Windows]) -> None:
        self.rulebook = rulebook
        self.registers = registers
        self._bench = judges(rulebook, registers, kept)
        self._asked: dict[str, tuple[Judge, ...]] = {
            key: tuple(judge for judge in self._bench if key in looks_at(judge.card))
            for key in (*_KINDS.values(), *_EVENTS.values())
        }

    def assess(self, fact: AnyFact, skipped: list[Skip] | None = None) -> list[Finding]:
        """Return what every enabled rule found on the fact; a rule that raises is a finding of its own.

        What was not evaluated is added to `skipped`.
        """
        findings: list[Finding] = []
        key = _EVENTS[fact.kind] if type(fact) is FeedEvent else _KINDS[type(fact)]
        level = level_of(fact)
        for judge in self._asked[key]:
            counted = judge.level
            try:
                found = judge.look(fact) if counted is None or counted is level else OFF_LEVEL[level]
                if found is None:
                    continue
                told = self._told(judge, fact, found, skipped)
            except Exception as error:  # noqa: BLE001 - a rule that raises must not stop the others
                findings.extend(self._failed(judge, fact, error, skipped))
                continue
            if told is not None:
                findings.append(told)
        return findings

    def again(self, first: Finding, fact: AnyFact) -> Said:
        """Return what the rule of an earlier finding says of the fact as it is now, under the same limits.

        It counts nothing.
        """
        return self._again(first, fact, lambda judge: judge.look(fact))

    def recount(self, first: Finding, fact: AnyFact, rows: list[Row], moves: list[Move]) -> Said:
        """Return what a rule with a window says of the rows it found `first` on, once these moves are made in them."""

        def counted(judge: Judge) -> Found:
            deciding = judge.deciding(fact)
            assert isinstance(deciding, WindowJudge)
            return deciding.recount(fact, rows, moves)

        return self._again(first, fact, counted)

    def rows(self, rule: str, fact: AnyFact) -> list[Row] | None:
        """Return what the window of a fact holds; None for a rule that has no windows."""
        judge = self._named(rule)
        return judge.rows(fact) if isinstance(judge, WindowJudge) else None

    def amend(self, pairs: Iterable[Pair], clock: Nanos) -> dict[str, list[Move]]:
        """Let every window that counted a fact as it was (before) count it as it is (after), None for not at all.

        Return by rule what was moved.
        """
        moved: dict[str, list[Move]] = {}
        for before, after in pairs:
            for judge in self._asked[_KINDS[type(before)]]:
                if not isinstance(judge, WindowJudge) or off_level(judge.level, after or before) is not None:
                    continue
                move = self._move(judge, before, after)
                if move is not None:
                    judge.amend(move, clock)
                    moved.setdefault(judge.name, []).append(move)
        return moved

    def take_out(self, trade: Trade, skipped: list[Skip]) -> dict[str, list[Move]]:
        """Let every window forget an execution that was busted or corrected; a correction is counted when it is judged.

        Nothing knows the mark of a corrected execution at its new price, nor where one without a time was counted: that
        is added to `skipped`. Return by rule what was taken out of windows of marks.
        """
        moved: dict[str, list[Move]] = {}
        for judge in self._bench:
            if not isinstance(judge, WindowJudge) or not _OF_EXECUTIONS & set(looks_at(judge.card)):
                continue
            marked = LooksAt.MARKOUT in judge.card.looks_at
            out = [] if trade.at is None else judge.take_out(Row(trade.at, digested(trade.execution_id), 0))
            if trade.at is None or (out and marked and trade.corrected):
                reason = "amended, its time is unknown" if trade.at is None else "corrected after its mark"
                self._skip(judge.name, reason)
                skipped.append((trade.trade_date, judge.name, reason))
            if out and marked:
                moved[judge.name] = out
        return moved

    def late(self, then: AnyFact, now: AnyFact) -> list[Finding]:
        """Return what the rules that could not judge a fact as it was then find on it as it is now.

        Rules with a window are not asked: they count every fact once.
        """
        findings: list[Finding] = []
        for judge in self._asked[_KINDS[type(now)]]:
            if isinstance(judge, WindowJudge) or off_level(judge.level, now) is not None:
                continue
            try:
                found = judge.look(now) if isinstance(judge.look(then), NotEvaluated) else None
            except Exception as error:  # noqa: BLE001 - a rule that raises must not stop the others
                findings.extend(self._failed(judge, now, error))
                continue
            if isinstance(found, Draft):
                findings.append(finding(judge, now, found, self.rulebook.hash))
        return findings

    def twice(
        self, then: Fill | OrderOutcome, now: Fill | OrderOutcome, clock: Nanos, *, counted: bool = True
    ) -> list[Twice]:
        """Return what each rule says of a fact as it was and as it is; windows that counted it count it as it is."""
        said: list[Twice] = []
        for judge in self._asked[_KINDS[type(now)]]:
            if off_level(judge.level, now) is not None:
                continue
            if isinstance(judge, WindowJudge):
                move = self._move(judge, then, now) if counted else None
                if move is not None:
                    judge.amend(move, clock)
                continue
            try:
                was, found = judge.look(then), judge.look(now)
            except Exception as error:  # noqa: BLE001 - a rule that raises must not stop the others
                said.extend(Twice(None, failure) for failure in self._failed(judge, now, error))
                continue
            said.append(Twice(self._stated(judge, then, was), self._stated(judge, now, found)))
        return said

    def _stated(self, judge: Judge, fact: AnyFact, found: Found) -> Finding | NotEvaluated | None:
        return finding(judge, fact, found, self.rulebook.hash) if isinstance(found, Draft) else found

    def _again(self, first: Finding, fact: AnyFact, ask: Callable[[Judge], Found]) -> Said:
        judge = self._named(first.rule)
        if judge is None or not self._goes_by(judge, first, fact):
            return ANOTHER_RULE
        try:
            found = off_level(judge.level, fact) or ask(judge)
        except Exception as error:  # noqa: BLE001 - a rule that raises must not stop the others
            self._failed(judge, fact, error)
            return Untold(f"the rule failed on it ({type(error).__name__})")
        return self._stated(judge, fact, found)

    def _goes_by(self, judge: Judge, first: Finding, fact: AnyFact) -> bool:
        """Return whether the limits are those of then; where scopes decide, one and the same rulebook has them."""
        if judge.card.version != first.rule_version:
            return False
        same = self.rulebook.hash == first.rulebook_hash and judge.goes_by(first.thresholds)
        return same or judge.deciding(fact).goes_by(first.thresholds)

    def _move(self, judge: WindowJudge, before: Fill | OrderOutcome, after: Fill | OrderOutcome | None) -> Move | None:
        try:
            return judge.move(before, after)
        except Exception as error:  # noqa: BLE001 - a rule that raises must not stop the others
            self._failed(judge, after or before, error)
            return None

    def _named(self, rule: str) -> Judge | None:
        return next((judge for judge in self._bench if judge.name == rule), None)

    def _judge(self, judge: Judge, failure: Failure, skipped: list[Skip] | None = None) -> Finding | None:
        found = off_level(judge.level, failure) or judge.look(failure)
        return None if found is None else self._told(judge, failure, found, skipped)

    def _told(
        self, judge: Judge, fact: AnyFact | Failure, found: Draft | NotEvaluated, skipped: list[Skip] | None
    ) -> Finding | None:
        """Return the finding that a draft becomes; count what was not evaluated."""
        if isinstance(found, Draft):
            return finding(judge, fact, found, self.rulebook.hash)
        self._skip(judge.name, found.reason)
        if skipped is not None:
            skipped.append((fact.trade_date, judge.name, found.reason))
        return None

    def _skip(self, rule: str, reason: str) -> None:
        skip = rule, reason
        self.not_evaluated[skip] = self.not_evaluated.get(skip, 0) + 1

    def _failed(
        self, judge: Judge, fact: AnyFact, error: Exception, skipped: list[Skip] | None = None
    ) -> list[Finding]:
        """Count a rule's failure and ask the rules that look at failures; one that fails on a failure ends there."""
        kind = type(error).__name__
        self.failures[judge.name, kind] = self.failures.get((judge.name, kind), 0) + 1
        failure = Failure(
            offset=fact.offset,
            counterparty=fact.counterparty,
            session=fact.session,
            trade_date=fact.trade_date,
            received_at=fact.received_at,
            clock=fact.clock,
            rule=judge.name,
            error=kind,
            where=where(error),
            fact=identity(fact),
        )
        found = [self._judge(each, failure, skipped) for each in self._asked[LooksAt.FAILURE.value]]
        return [each for each in found if each is not None]

    def _windows(self) -> dict[str, Windows]:
        return {judge.name: judge.windows for judge in self._bench if isinstance(judge, WindowJudge)}

    def snapshot(self) -> EngineState:
        """Return all that is needed to go on exactly from here."""
        return EngineState(
            rulebook=self.rulebook,
            registers=self.registers,
            windows={name: windows.snapshot() for name, windows in self._windows().items()},
            not_evaluated=[(rule, reason, n) for (rule, reason), n in self.not_evaluated.items()],
            failures=[(rule, error, n) for (rule, error), n in self.failures.items()],
        )

    def restore(self, state: EngineState) -> None:
        """Become the engine that the snapshot was taken from, its rulebook and registers included."""
        kept = {name: Windows.of(states) for name, states in state.windows.items()}
        self._adopt(state.rulebook, state.registers, kept)
        self.not_evaluated = {(rule, reason): n for rule, reason, n in state.not_evaluated}
        self.failures = {(rule, error): n for rule, error, n in state.failures}
