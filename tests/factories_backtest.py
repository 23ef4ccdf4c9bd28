"""A recorded day for the tests of the backtest: the port Source over what a journal came to, in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from rules.facts import Fade, FeedEvent, Fill, Markout, OrderChanged, OrderOutcome
from rules.finding import Finding
from rules.rule import LooksAt
from rules.rulebook import Rulebook, parse_rulebook
from service.backtest.day import DayResult, Item, Task, judge_day
from service.backtest.screens import Screen
from service.backtest.timeline import Timeline
from service.journal import RecordKind
from service.processed import Amendment, Processed, Requoted, RequotedKind
from service.versions import Version, version_of
from tests.fakes_store import FakeJournal

_RANKS: dict[type, tuple[int, LooksAt]] = {
    Markout: (0, LooksAt.MARKOUT),
    Fade: (1, LooksAt.FADE),
    Fill: (2, LooksAt.FILL),
    Amendment: (3, LooksAt.FILL),
    OrderChanged: (4, LooksAt.ORDER_CHANGED),
    OrderOutcome: (5, LooksAt.ORDER_OUTCOME),
    Requoted: (6, LooksAt.FILL),
    FeedEvent: (7, LooksAt.FEED_EVENT),
}


class FakeSource:
    """What was recorded of one trade date; `true` are the findings that somebody closed as true."""

    def __init__(self, recorded: Processed, day: str, true: frozenset[str] | None = None) -> None:
        self._recorded = recorded
        self._day = day
        self._true = true
        self.first, self.last = 1, recorded.upto
        self.asked: frozenset[LooksAt] = frozenset()

    def items(self, kinds: frozenset[LooksAt], screen: Screen | None) -> Iterator[Item]:
        """Yield the facts of these kinds in the order of the journal, what the screen keeps out left out."""
        self.asked = kinds
        anew, _ = self.restated()
        made = self._recorded
        every: list[Any] = [recorded.fill for recorded in made.fills]
        every += [recorded.changed for recorded in made.order_events]
        every += [end for end in made.order_outcomes if not end.restated]
        every += [*made.markouts, *made.fades, *made.amendments, *made.requotes, *made.feed_events]
        mine = [one for one in every if one.trade_date == self._day]
        for one in sorted(mine, key=lambda one: (one.offset, _RANKS[type(one)][0])):
            out = isinstance(one, Fill) and screen is not None and not screen.passes(one)
            if out and one.execution_id not in anew:
                continue
            if _RANKS[type(one)][1] in kinds or isinstance(one, Requoted | Amendment):
                yield one

    def restated(self) -> tuple[frozenset[str], frozenset[str]]:
        """Return what late quotes state anew."""
        rows = [row for row in self._recorded.requotes if row.trade_date == self._day]
        executions = frozenset(row.execution_id or "" for row in rows if row.kind is RequotedKind.EXECUTION)
        return executions, frozenset(row.order_key or "" for row in rows if row.kind is RequotedKind.ORDER_END)

    def recorded(self) -> list[Finding]:
        """Return the findings of the day."""
        return [finding for finding in self._recorded.findings if finding.trade_date == self._day]

    def second_looks(self) -> frozenset[int]:
        """Return where second looks were taken."""
        return frozenset(look.offset for look in self._recorded.reassessments if look.trade_date == self._day)

    def closed_as_true(self, findings: Iterable[str]) -> frozenset[str] | None:
        """Return those of them that were said to be true."""
        return None if self._true is None else self._true & frozenset(findings)


def versions_of(journal: FakeJournal) -> list[tuple[int, Version]]:
    """Return the versions of a journal with their offsets."""
    kept = [record for record in journal.records if record.kind is RecordKind.VERSION]
    return [(record.offset, version_of(record.body)) for record in kept]


def timeline_of(journal: FakeJournal) -> Timeline:
    """Return what was in force along a journal."""
    return Timeline.of(versions_of(journal))


def days_of(recorded: Processed) -> list[str]:
    """Return the trade dates of all that was found."""
    return sorted({finding.trade_date for finding in recorded.findings})


def tried(
    journal: FakeJournal, recorded: Processed, day: str, rulebook: str | Rulebook = "", **named: Any
) -> DayResult:
    """Return what came of a day under that rulebook."""
    true = named.pop("true", None)
    wanted = parse_rulebook(rulebook) if isinstance(rulebook, str) else rulebook
    task = Task(tried=wanted, **named)
    return judge_day(day, task, timeline_of(journal), FakeSource(recorded, day, true))
