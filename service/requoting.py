"""What late quotes change: each fact that was judged by them is judged again, beside what was last stated of it. Pure.

Only the quotes differ: what came about the order or the execution since is told by what came. Busted executions are
left alone. Findings of windows stand as they were counted, and the windows go on with what is right.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from rules.engine import ANOTHER_RULE, Twice
from rules.facts import Fill, OrderOutcome, Price, Quote, Side
from rules.finding import Finding
from rules.reassessment import Reassessment, Verdict, Why, standing
from rules.rule import NotEvaluated
from service.fill_again import fill_again
from service.judging import Judging
from service.orders.index import Book
from service.orders.receipt import Opening
from service.orders.requote import receive_again
from service.orders.steps import Where
from service.processed import Decision, Processed, Requoted, RequotedKind
from service.requote import (
    Decided,
    Judged,
    Requote,
    Stood,
    Taken,
    by_quotes,
    quote_words,
    received_by,
)
from service.second_look import Look, find_trade

_AS_BEFORE = "the quotes of the second before it are others"
_SAYS = ("severity", "cause", "sentence", "values", "dollar_harm", "accounts", "sample_count")


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """The quotes that are other ones now; None for one that is as it was decided."""

    asked: Requote
    taken: Taken
    now: Decision
    receipt: Quote | None
    execution: Quote | None

    def worst_touch(self, fill: Fill) -> Price | None:
        """Return the far side's worst price within the second before an execution judged by this decision."""
        return self.now.highest_offer if fill.side is Side.BUY else self.now.lowest_bid

    def words(self, *, receipt: bool, execution: bool) -> tuple[str, str]:
        """Return which quotes these are, and in words what they are and were."""
        pairs = []
        if receipt and self.receipt is not None:
            pairs.append(("the quote at receipt", self.receipt, self.taken.decision.at_receipt))
        if execution and self.execution is not None:
            pairs.append(("the quote at execution", self.execution, self.taken.decision.at_execution))
        told = [
            _AS_BEFORE if now == was else f"{which} is {quote_words(now)} and was {quote_words(was)}"
            for which, now, was in pairs
            if was is not None
        ]
        return " and ".join(which for which, _, _ in pairs), " and ".join(told)


def changed(asked: Requote, taken: Taken, now: Decision) -> Change | None:
    """Return what is otherwise than it was decided, None when nothing is."""
    was = taken.decision
    receipt = now.at_receipt if taken.order is not None and was.at_receipt is not None else None
    execution = now.at_execution if was.at_execution is not None else None
    receipt = None if receipt == was.at_receipt else receipt
    second_before = (now.lowest_bid, now.highest_offer) == (was.lowest_bid, was.highest_offer)
    same = second_before or execution is None or not execution.state.usable
    execution = None if same and execution == was.at_execution else execution
    if receipt is None and execution is None:
        return None
    return Change(asked=asked, taken=taken, now=now, receipt=receipt, execution=execution)


class Requoting:
    """Judges again what a decision bore on; `judging` holds the rules and what they are in doubt about."""

    def __init__(self, judging: Judging) -> None:
        self._judging = judging

    def take(self, change: Change, known: Decided, book: Book, opening: Opening, where: Where, into: Processed) -> None:
        """Let the orders, the findings and the windows follow the quotes."""
        into.requotes.append(_decision_row(change, where))
        if change.receipt is not None:
            receive_again(book, change.taken, change.receipt, opening)
        stood = {one.first.finding_id: one for one in known.stood}
        for one in known.fills:
            for then in (one.fill, one.corrected):
                if then is not None:
                    self._fill(change, one, then, book, stood, where, into)
        for end in known.ends:
            self._end(change, end, stood, where, into)

    def _fill(
        self,
        change: Change,
        one: Judged,
        then: Fill,
        book: Book,
        stood: Mapping[str, Stood],
        where: Where,
        into: Processed,
    ) -> None:
        receipt = change.receipt if one.by_receipt else None
        execution = change.execution if one.by_execution else None
        if receipt is None and execution is None:
            return  # the one that it was judged by is as it was
        worst = then.worst_touch if execution is None else change.worst_touch(then)
        now = by_quotes(then, receipt or then.at_receipt, execution or then.at_execution, worst)
        into.requotes.append(_fill_row(change, now, where))
        counted = one.corrected is None or then is one.corrected
        now = self._as_known(now, book)
        then = by_quotes(now, then.at_receipt, then.at_execution, then.worst_touch)
        words = change.words(receipt=one.by_receipt, execution=one.by_execution)
        self._compare(then, now, words, stood, where, into, counted=counted)

    def _as_known(self, fill: Fill, book: Book) -> Fill:
        """Return an execution with what came of its order since, if it was judged in doubt that is over."""
        doubted = self._judging.reassess.touches(fill.counterparty)
        if doubted or not fill.uncertain:
            return fill
        trade = find_trade(book, fill)
        return msgspec.structs.replace(fill, uncertain=False) if trade is None else fill_again(fill, trade)

    def _end(
        self, change: Change, then: OrderOutcome, stood: Mapping[str, Stood], where: Where, into: Processed
    ) -> None:
        if change.receipt is None:
            return
        now = msgspec.structs.replace(then, order=received_by(then.order, change.receipt))
        into.requotes.append(_end_row(change, now, where))
        self._compare(then, now, change.words(receipt=True, execution=False), stood, where, into)

    def _compare(
        self,
        then: Fill | OrderOutcome,
        now: Fill | OrderOutcome,
        words: tuple[str, str],
        stood: Mapping[str, Stood],
        where: Where,
        into: Processed,
        *,
        counted: bool = True,
    ) -> None:
        """`counted`: windows count it, which of an execution that was corrected is the correction."""
        judging, missing, told = self._judging, *words
        for said in judging.engine.twice(then, now, where.clock, counted=counted):
            known = _known(said, stood)
            if known is None:
                self._found(said, now, where, into)
                continue
            look = _look(said, known, told)
            if look is not None:
                into.reassessments.append(_reassessment(known.first, look, missing, where))
        judging.reassess.requote(now)

    def _found(self, said: Twice, now: Fill | OrderOutcome, where: Where, into: Processed) -> None:
        """Add a finding that was never stated; its offset is the record's that brought it about."""
        if isinstance(said.now, Finding):
            found = msgspec.structs.replace(said.now, offset=where.offset)
            self._judging.reassess.hold(now, [found], self._judging.engine, into)
            into.findings.append(found)


def _decision_row(change: Change, where: Where) -> Requoted:
    taken = change.taken
    order, was = taken.order, taken.decision
    receipt, execution = change.receipt or was.at_receipt, change.execution or was.at_execution
    return Requoted(
        kind=RequotedKind.DECISION,
        offset=where.offset,
        counterparty=taken.counterparty,
        session=taken.session,
        trade_date=taken.trade_date,
        decided_offset=change.asked.offset,
        order_key=None if order is None else order.order_key,
        at=where.clock,
        reason=change.asked.reason,
        receipt=receipt,
        execution=execution,
        decision=_as_it_is(change, receipt, execution),
    )


def _as_it_is(change: Change, receipt: Quote | None, execution: Quote | None) -> Decision:
    """Return the decision as it counts from here on, of which one quote may be as it was."""
    extremes = change.taken.decision if change.execution is None else change.now
    return msgspec.structs.replace(
        change.now.own,
        at_receipt=receipt,
        at_execution=execution,
        lowest_bid=extremes.lowest_bid,
        highest_offer=extremes.highest_offer,
    )


def _fill_row(change: Change, now: Fill, where: Where) -> Requoted:
    return msgspec.structs.replace(
        _row(change, now, where, RequotedKind.EXECUTION),
        execution_id=now.execution_id,
        execution=now.at_execution,
        measures=now.measures,
        worst_touch=now.worst_touch,
    )


def _end_row(change: Change, now: OrderOutcome, where: Where) -> Requoted:
    return _row(change, now, where, RequotedKind.ORDER_END)


def _row(change: Change, now: Fill | OrderOutcome, where: Where, kind: RequotedKind) -> Requoted:
    return Requoted(
        kind=kind,
        offset=where.offset,
        counterparty=now.counterparty,
        session=now.session,
        trade_date=now.trade_date,
        decided_offset=change.asked.offset,
        order_key=now.order.order_key,
        at=where.clock,
        reason=change.asked.reason,
        receipt=now.order.receipt,
        marketable=now.order.marketable,
    )


def _known(said: Twice, stood: Mapping[str, Stood]) -> Stood | None:
    named = said.now if isinstance(said.now, Finding) else said.was
    return stood.get(named.finding_id) if isinstance(named, Finding) else None


def _look(said: Twice, known: Stood, told: str) -> Look | None:
    """Return what is to be stated of a finding that was stated before, None when it is what it was."""
    stands, now = standing(known.first, known.looks), said.now
    if not isinstance(now, Finding):
        why = (
            f"the rule does not judge it ({now.reason})" if isinstance(now, NotEvaluated) else "it is within the limits"
        )
        return None if stands is None else Look(Verdict.WITHDRAWN, f"{told}: {why}")
    if stands is not None and _same(stands, now):
        return None
    if (known.first.rule_version, known.first.thresholds) != (now.rule_version, now.thresholds):
        return Look(Verdict.UNRESOLVED, ANOTHER_RULE.reason)
    if _same(known.first, now):
        return Look(Verdict.STANDS, told)
    kept = {name: getattr(known.first, name) for name in ("finding_id", "at", "offset", "related")}
    return Look(Verdict.CHANGED, told, msgspec.structs.replace(now, **kept))


def _same(one: Finding, other: Finding) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in _SAYS)


def _reassessment(first: Finding, look: Look, missing: str, where: Where) -> Reassessment:
    return Reassessment(
        offset=where.offset,
        counterparty=first.counterparty,
        session=first.session,
        trade_date=first.trade_date,
        finding_id=first.finding_id,
        rule=first.rule,
        verdict=look.verdict,
        reason=look.reason,
        missing=missing,
        at=where.clock,
        finding=look.finding,
        why=Why.QUOTES,
    )
