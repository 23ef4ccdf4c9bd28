"""Facts are uncertain while messages are missing; when they have come, what was found is looked at again. Pure.

It learns from the feed's own state who has numbers missing. What was lost for ever leaves its findings uncertain;
what an epoch lost and the next one brought all the same, does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

import msgspec

from rules.engine import Engine
from rules.facts import AnyFact, Fade, FeedEvent, FeedEventKind, Fill, Markout, OrderOutcome
from rules.finding import Finding
from rules.judges import Move
from rules.reassessment import Reassessment, Verdict
from service.feed.regained import StillLost
from service.fill_again import fill_again
from service.market.hours import Hours
from service.orders.index import Book
from service.orders.steps import Where
from service.processed import Processed
from service.second_look import Known, Look, find_end, find_trade, look_again, look_at_reset
from service.uncertain import MOST_HELD, Held, Uncertain, epoch_lost, named

Books = Callable[[str], Book]
"""Leads from a counterparty to what its ledger knows; it is only read."""


class Sight(Protocol):
    """What the feed knows of that which is missing; it is only asked."""

    def doubtful(self) -> set[tuple[str, str]]:
        """Return (counterparty, session) of every session from which what is missing may still come."""
        ...

    def still_lost(self, counterparty: str, session: str, epoch: str) -> StillLost:
        """Return what is missing still of that which an epoch lost."""
        ...


class Fresh(msgspec.Struct, frozen=True):
    """A finding of the record in hand, with its place in the batch: a message that fails takes its findings back."""

    place: int
    held: Held


class Reassess:
    """What is uncertain, by counterparty; `follow` after every record. `hours` are those in force."""

    def __init__(self) -> None:
        self._open: dict[str, Uncertain] = {}
        self._fresh: list[Fresh] = []
        self.hours = Hours()

    def touches(self, counterparty: str) -> bool:
        """Return whether messages of the counterparty are missing; cheap."""
        return counterparty in self._open

    @property
    def idle(self) -> bool:
        """Return whether nothing is uncertain."""
        return not self._open and not self._fresh

    def note(self, fact: AnyFact, found: list[Finding], engine: Engine, into: Processed) -> None:
        """Keep what the rules said of an uncertain fact, before its findings are added to the batch."""
        self.hold(fact, found, engine, into)
        uncertain = self._of(fact.counterparty)
        if isinstance(fact, Fill) and fact.order.received_at is None:
            uncertain.await_receipt(fact)
        if isinstance(fact, Fill | OrderOutcome):
            uncertain.counted(fact)

    def taken_out(self, counterparty: str, moved: Mapping[str, list[Move]]) -> None:
        """Keep what a bust or a correction took out of windows, where findings on them are held."""
        uncertain = self._open.get(counterparty)
        if uncertain is not None:
            uncertain.taken_out(moved)

    def hold(self, fact: AnyFact, found: list[Finding], engine: Engine, into: Processed) -> None:
        """Keep the uncertain findings about a fact, before they are added to the batch."""
        place = len(into.findings)
        for n, finding in enumerate(found):
            if finding.uncertain:
                self._fresh.append(Fresh(place + n, _held(finding, fact, engine)))

    def requote(self, now: Fill | OrderOutcome) -> None:
        """Let a fact that is held be judged, when its time comes, by the quotes that came late."""
        uncertain = self._open.get(now.counterparty)
        if uncertain is not None:
            uncertain.requote(now)

    def follow(
        self,
        events: Iterable[FeedEvent],
        sight: Sight,
        where: Where,
        engine: Engine,
        books: Books,
        into: Processed,
    ) -> None:
        """Take note of gaps that were opened, and look again at what the last of a counterparty's has left behind."""
        parties = {counterparty for counterparty, _ in sight.doubtful()}
        for counterparty in sorted(parties):
            self._of(counterparty)
        for event in events:
            if event.counterparty in self._open:
                self._open[event.counterparty].tell(event)
        self._keep(where, into)
        for counterparty in [one for one in self._open if one not in parties]:
            settle(self._open.pop(counterparty), where, engine, Known(books(counterparty), self.hours), into, sight)

    def snapshot(self) -> list[Uncertain]:
        """Return all that is held; encode it before the next record is applied."""
        return list(self._open.values())

    def restore(self, state: list[Uncertain]) -> None:
        """Take up a state that `snapshot` gave."""
        self._open = {one.counterparty: one for one in state}
        self._fresh = []

    def _of(self, counterparty: str) -> Uncertain:
        return self._open.setdefault(counterparty, Uncertain(counterparty=counterparty))

    def _keep(self, where: Where, into: Processed) -> None:
        """Hold the findings that the record came to after all."""
        fresh, self._fresh = self._fresh, []
        for one in fresh:
            finding = one.held.finding
            if one.place >= len(into.findings) or into.findings[one.place] is not finding:
                continue
            uncertain = self._of(finding.counterparty)
            if not uncertain.hold(one.held):
                full = Look(Verdict.UNRESOLVED, f"more than {MOST_HELD} findings were made while messages were missing")
                into.reassessments.append(_stated(finding, full, uncertain.missing(), where))


def settle(uncertain: Uncertain, where: Where, engine: Engine, known: Known, into: Processed, sight: Sight) -> None:
    """Look again at everything that was held, in the order in which it was found."""
    missing, book = uncertain.missing(), known.book
    ends = _ended_otherwise(uncertain, known)
    moved = engine.amend([*ends, *_executed_otherwise(uncertain, book)], where.clock) | uncertain.removed
    lost = _lost(uncertain, sight)
    for held in uncertain.findings:
        event = held.event
        if event is not None and event.kind is FeedEventKind.EPOCH_CHANGED:
            left = sight.still_lost(event.counterparty, event.session, epoch_lost(event))
            look = look_at_reset(held.finding, event, engine, left)
        else:
            look = lost or look_again(held, engine, known, moved)
        into.reassessments.append(_stated(held.finding, look, missing, where))
    for fill in uncertain.fills:
        trade = find_trade(book, fill)
        if trade is not None and trade.quantity:
            now = fill_again(fill, trade)
            if now.order.received_at is not None:
                into.findings.extend(engine.late(fill, now))
    for then, end in ends:
        if then.order.received_at is None and end.order.received_at is not None:
            into.findings.extend(engine.late(then, end))


def _ended_otherwise(uncertain: Uncertain, known: Known) -> list[tuple[OrderOutcome, OrderOutcome]]:
    """Return the ends of orders that are otherwise now than they were counted, each as it was and as it is."""
    pairs = []
    for then in uncertain.outcomes.values():
        found = find_end(known, then)
        now = None if found is None else msgspec.structs.replace(found, uncertain=False)
        if now is not None and now != msgspec.structs.replace(then, uncertain=False):
            pairs.append((then, now))
    return pairs


def _executed_otherwise(uncertain: Uncertain, book: Book) -> list[tuple[Fill, Fill | None]]:
    """Return the executions that are otherwise now than they were counted, None for those that are busted."""
    pairs: list[tuple[Fill, Fill | None]] = []
    for then in uncertain.executions.values():
        trade = find_trade(book, then)
        if trade is not None:
            now = fill_again(then, trade) if trade.quantity else None
            if now != msgspec.structs.replace(then, uncertain=False):
                pairs.append((then, now))
    return pairs


def _lost(uncertain: Uncertain, sight: Sight) -> Look | None:
    losses = [
        (session, left.numbers)
        for session, epoch in uncertain.lost
        if (left := sight.still_lost(uncertain.counterparty, session, epoch)).count
    ]
    if not losses:
        return None
    return Look(Verdict.UNRESOLVED, f"{named(losses)} will not come: the numbers began anew before they did")


def _held(finding: Finding, fact: AnyFact, engine: Engine) -> Held:
    if isinstance(fact, FeedEvent):
        return Held(finding=finding, event=fact)
    rows = engine.rows(finding.rule, fact)
    if isinstance(fact, Fill):
        return Held(finding=finding, fill=fact, rows=rows)
    if isinstance(fact, OrderOutcome):
        return Held(finding=finding, outcome=fact, rows=rows)
    if isinstance(fact, Markout):
        return Held(finding=finding, mark=fact, rows=rows)
    return Held(finding=finding, fade=fact if isinstance(fact, Fade) else None, rows=rows)


def _stated(finding: Finding, look: Look, missing: str, where: Where) -> Reassessment:
    return Reassessment(
        offset=where.offset,
        counterparty=finding.counterparty,
        session=finding.session,
        trade_date=finding.trade_date,
        finding_id=finding.finding_id,
        rule=finding.rule,
        verdict=look.verdict,
        reason=look.reason,
        missing=missing,
        at=where.clock,
        finding=look.finding,
    )
