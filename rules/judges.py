"""A judge is one enabled rule made ready: its limits, its window or register, its thresholds as evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from rules.facts import SECOND, AnyFact, Level, Nanos
from rules.finding import Draft, Severity, Value
from rules.register import VenueRegister
from rules.rule import Card, Failure, LooksAt, NotEvaluated, Observation, Rule
from rules.rulebook import RuleSettings
from rules.windows import Place, Row, Window, Windows, digested

AHEAD = 60 * SECOND
"""An observation this far ahead of the journal's clock is refused: it would push every true one out of its window."""

NO_REGISTER = VenueRegister()
_AHEAD = NotEvaluated("event time ahead of receipt")
_TOO_FEW = NotEvaluated("not enough data")

Found = Draft | NotEvaluated | None
PlacedRow = tuple[Place, Row]


class Move(msgspec.Struct, frozen=True, gc=False):
    """What one fact was counted as, and what it is counted as now; None for not at all."""

    was: PlacedRow | None
    now: PlacedRow | None


class Trade(msgspec.Struct, frozen=True, gc=False):
    """An execution that was busted or corrected; `at` is its own time, None where that is not known any longer."""

    execution_id: str
    trade_date: str
    at: Nanos | None
    corrected: bool


class Judge:
    """One rule of the catalogue under the rulebook in force: what it looks at, and what it says."""

    __slots__ = ("_severity", "card", "check", "level", "limits", "name", "thresholds")

    def __init__(self, rule: Rule, settings: RuleSettings) -> None:
        self.card: Card = rule.card
        self.name = rule.card.name
        self.check = rule.check
        self.limits = settings.limits
        self.level: Level | None = settings.level
        self.thresholds = _thresholds(rule.card, settings)
        self._severity = settings.severity

    def look(self, fact: AnyFact | Failure) -> Found:
        """Return what the rule says about the fact."""
        found: Found = self.check(fact, self.limits)
        return found

    def deciding(self, fact: AnyFact | Failure) -> Judge:
        """Return the judge of the line of the rulebook that decides for the fact."""
        del fact
        return self

    def goes_by(self, thresholds: Mapping[str, Value]) -> bool:
        """Return whether these are its limits."""
        return self.thresholds == thresholds

    def severity(self, draft: Draft) -> Severity:
        """Return the severity in force, as many steps milder or graver as the draft is than the card."""
        if draft.severity is None:
            return self._severity
        ladder = list(Severity)
        rank = self._severity.rank + draft.severity.rank - self.card.severity.rank
        return ladder[max(0, min(rank, len(ladder) - 1))]


class RegisterJudge(Judge):
    """A judge whose rule is handed the venue register of the fact's counterparty."""

    __slots__ = ("_registers",)

    def __init__(self, rule: Rule, settings: RuleSettings, registers: Mapping[str, VenueRegister]) -> None:
        super().__init__(rule, settings)
        self._registers = registers

    def look(self, fact: AnyFact | Failure) -> Found:
        """Return what the rule says about the fact under the register."""
        register = self._registers.get(fact.counterparty, NO_REGISTER)
        found: Found = self.check(fact, self.limits, register)
        return found


class WindowJudge(Judge):
    """A judge that remembers for its rule: it keeps the windows, and holds a finding back that would only repeat."""

    __slots__ = ("_minimum", "_observe", "_repeat", "_span", "windows")

    def __init__(self, rule: Rule, settings: RuleSettings, windows: Windows) -> None:
        super().__init__(rule, settings)
        window = rule.card.window
        assert window is not None
        assert rule.observe is not None
        self._observe = rule.observe
        self._span = settings.limits[window.span]
        self._minimum = settings.limits[window.minimum]
        self._repeat = settings.limits[window.repeat]
        self.windows = windows

    def look(self, fact: AnyFact | Failure) -> Found:
        """Return what the rule says about the window, once the fact is in it."""
        seen: Observation | NotEvaluated | None = self._observe(fact, self.limits)
        if not isinstance(seen, Observation):
            return seen
        if seen.at > fact.clock + AHEAD:
            return _AHEAD
        window = self.windows.add((fact.trade_date, seen.key), _row(seen), self._span, fact.clock)
        if not isinstance(window, Window):
            return window
        if window.count < self._minimum:
            return _TOO_FEW
        if not window.may_raise(self._repeat):
            return None
        found: Found = self.check(fact, self.limits, window)
        if isinstance(found, Draft):
            window.raised()
        return found

    def rows(self, fact: AnyFact) -> list[Row]:
        """Return what the window of a fact holds that the rule has just found something on."""
        placed = self._row_of(fact)
        assert placed is not None
        window = self.windows.find(*placed[0])
        assert window is not None
        return window.rows

    def recount(self, fact: AnyFact, rows: list[Row], moves: Iterable[Move]) -> Found:
        """Return what the rule says about the window that held these rows, once these moves are made in it.

        `fact` is the one that the rule was asked about, as it was then: it tells which window is meant.
        """
        placed = self._row_of(fact)
        assert placed is not None
        place, then = placed[0], Window(rows)
        first, last = then.last_at - self._span, then.last_at
        for move in moves:
            if move.was is not None and move.was[0] == place:
                then.drop(move.was[1])
            if move.now is not None and move.now[0] == place and first < move.now[1].at <= last:
                then.add(move.now[1], self._span)
        if not then.count or then.count < self._minimum:
            return _TOO_FEW
        found: Found = self.check(fact, self.limits, then)
        return found

    def take_out(self, row: Row) -> list[Move]:
        """Take an observation out of every window that holds it; return what was taken out."""
        places = self.windows.holding(row, row.at - AHEAD)  # nothing was counted earlier than that
        for place in places:
            self.windows.drop(place, row)
        return [Move((place, row), None) for place in places]

    def move(self, before: AnyFact, after: AnyFact | None) -> Move | None:
        """Return what it means for the windows that a fact is otherwise now than it was, None when it means nothing."""
        was, now = self._row_of(before), None if after is None else self._row_of(after)
        return None if was == now else Move(was, now)

    def amend(self, move: Move, clock: Nanos) -> None:
        """Make a move in the windows; one that has let go of what was is left alone."""
        if move.was is not None:
            place, was = move.was
            if move.now is not None and place == move.now[0] and was.same(move.now[1]):
                self.windows.amend(*move.now)
                return
            if not self.windows.drop(place, was):
                return
        if move.now is not None and move.now[1].at <= clock + AHEAD:
            self.windows.add(*move.now, self._span, clock)

    def _row_of(self, fact: AnyFact) -> PlacedRow | None:
        seen: Observation | NotEvaluated | None = self._observe(fact, self.limits)
        if not isinstance(seen, Observation):
            return None
        return ((fact.trade_date, seen.key), _row(seen))


def _row(seen: Observation) -> Row:
    return Row(seen.at, digested(seen.identity), seen.value, seen.other, seen.label)


def _thresholds(card: Card, settings: RuleSettings) -> dict[str, Value]:
    """Return the limits in force under names that say their unit."""
    named: dict[str, Value] = {
        name + parameter.kind.suffix: settings.limits[name] for name, parameter in card.parameters.items()
    }
    return {**named, "level": settings.level.value} if settings.level else named


def looks_at(card: Card) -> tuple[str, ...]:
    """Return the keys under which the engine asks the rule: kinds of fact, or single feed events."""
    whole = tuple(kind.value for kind in card.looks_at if kind is not LooksAt.FEED_EVENT)
    return whole + tuple(f"event {kind.value}" for kind in card.events)
