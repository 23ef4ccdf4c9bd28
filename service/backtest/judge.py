"""Facts judged again in the order of the journal, by the engine that judges them live. Pure.

Each fact is judged as it was first stated; where late quotes have stated it anew, every rule is asked of both, as live.
Second looks at what was found while messages were missing are not taken again: only the ledger knew what had come.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from rules.engine import Engine, Twice
from rules.facts import AnyFact, Fill, OrderOutcome
from rules.finding import Finding
from rules.judges import Trade
from rules.rulebook import Rulebook
from service.backtest.plan import only
from service.backtest.timeline import Change, Timeline
from service.processed import Requoted, RequotedKind
from service.requote import by_quotes, received_by

Stated = Fill | OrderOutcome
Again = tuple[Stated, Stated, Requoted]
"""A fact as it was last stated and as late quotes state it, with the row that says so."""


class Judged(msgspec.Struct, frozen=True):
    """What one side found: each finding as it was first stated, and those that late quotes took back."""

    first: Mapping[str, Finding]
    withdrawn: frozenset[str]

    @property
    def standing(self) -> dict[str, Finding]:
        """Return the findings that stand."""
        return {name: finding for name, finding in self.first.items() if name not in self.withdrawn}


class Bench:
    """An engine that follows what was in force; `tried` is the rulebook that it goes by in place of those in force.

    Of either it knows only the rules that are named, if any are.
    """

    def __init__(
        self,
        timeline: Timeline,
        first: int,
        tried: Rulebook | None = None,
        names: Collection[str] | None = None,
    ) -> None:
        self._tried = tried
        self._names = names
        self._stood = timeline.before(first)
        self._ahead = list(reversed(timeline.after(first)))
        self._engine = Engine(self._rulebook, self._stood.registers)
        self._first: dict[str, Finding] = {}
        self._withdrawn: set[str] = set()

    def judged(self) -> Judged:
        """Return what was found so far."""
        return Judged(self._first, frozenset(self._withdrawn))

    def assess(self, fact: AnyFact) -> None:
        """Judge the next fact."""
        if self._ahead and self._ahead[-1].offset < fact.offset:
            self._adopt(fact.offset)
        for found in self._engine.assess(fact):
            self._first.setdefault(found.finding_id, found)

    def take_out(self, trade: Trade, offset: int) -> None:
        """Let every window forget an execution that was busted or corrected."""
        self._adopt(offset)
        self._engine.take_out(trade, [])

    def again(self, then: Stated, now: Stated, row: Requoted) -> None:
        """Judge a fact again that late quotes have stated anew."""
        self._adopt(row.offset)
        for said in self._engine.twice(then, now, row.at):
            self._take(said, row)

    def _take(self, said: Twice, row: Requoted) -> None:
        was, now = (one if isinstance(one, Finding) else None for one in (said.was, said.now))
        if now is not None:
            self._first.setdefault(now.finding_id, msgspec.structs.replace(now, offset=row.offset))
            self._withdrawn.discard(now.finding_id)
        elif was is not None:
            self._withdrawn.add(was.finding_id)

    @property
    def _rulebook(self) -> Rulebook:
        whole = self._stood.rulebook if self._tried is None else self._tried
        return whole if self._names is None else only(whole, self._names)

    def _adopt(self, offset: int) -> None:
        while self._ahead and self._ahead[-1].offset < offset:
            self._put(self._ahead.pop())

    def _put(self, change: Change) -> None:
        self._stood = self._stood.then(change)
        self._engine.adopt(self._rulebook, self._stood.registers)


class Anew:
    """The facts of a day that late quotes state anew, as they were last stated; `names` are those worth keeping."""

    def __init__(self, executions: frozenset[str], orders: frozenset[str]) -> None:
        self._executions = executions
        self._orders = orders
        self._fills: dict[str, Fill] = {}
        self._ends: dict[str, OrderOutcome] = {}

    def keep(self, fact: AnyFact) -> None:
        """Keep a fact that will be stated anew."""
        if isinstance(fact, Fill) and fact.execution_id in self._executions:
            self._fills[fact.execution_id] = fact
        elif isinstance(fact, OrderOutcome) and fact.order.order_key in self._orders:
            self._ends.setdefault(fact.order.order_key, fact)

    def stated(self, row: Requoted) -> Again | None:
        """Return what the row states anew: the fact as it was and as it is; None when it is none of these."""
        if row.kind is RequotedKind.EXECUTION:
            return self._fill(row)
        return self._end(row) if row.kind is RequotedKind.ORDER_END else None

    def _fill(self, row: Requoted) -> Again | None:
        then = self._fills.get(row.execution_id or "")
        if then is None or row.receipt is None or row.execution is None:
            return None
        now = self._fills[then.execution_id] = by_quotes(then, row.receipt, row.execution, row.worst_touch)
        return then, now, row

    def _end(self, row: Requoted) -> Again | None:
        then = self._ends.get(row.order_key or "")
        if then is None or row.receipt is None:
            return None
        order = received_by(then.order, row.receipt)
        now = self._ends[then.order.order_key] = msgspec.structs.replace(then, order=order)
        return then, now, row
