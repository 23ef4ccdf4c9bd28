"""The second look at each kind of finding: the fact as the ledger knows it now, put to the same rule again. Pure.

It refuses to guess: what memory has let go of, or what no fact can decide, stays uncertain and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from rules.cards import catalogue
from rules.engine import Engine, Said
from rules.facts import AnyFact, FeedEvent, FeedEventKind, Fill, OrderOutcome
from rules.finding import Finding
from rules.judges import Move
from rules.reassessment import Untold, Verdict
from rules.rule import NotEvaluated
from rules.words import shares
from service.facts_made import in_session
from service.feed.regained import StillLost
from service.fill_again import UNCHANGED, end_changed, fill_again, what_changed
from service.market.hours import Hours
from service.orders.answers import waits
from service.orders.apply import execution_id
from service.orders.chain import Trade
from service.orders.index import Book
from service.orders.life import outcome
from service.orders.steps import Where
from service.uncertain import MOST_WINDOWS, Held, named

NOT_IN_MEMORY = "its execution is no longer in memory"
_NO_ANSWER, _AN_ANSWER = "no answer has come", "the answer has come"
_BUSTED = "the execution was busted"
_SAYS = ("severity", "cause", "sentence", "values", "thresholds", "dollar_harm", "accounts", "sample_count", "quotes")


class Look(msgspec.Struct, frozen=True):
    """What a second look came to; `finding` is the finding as it is now, for `changed`."""

    verdict: Verdict
    reason: str
    finding: Finding | None = None


class Known(msgspec.Struct, frozen=True):
    """What memory has of a counterparty's orders, and the hours in force."""

    book: Book
    hours: Hours


def look_again(held: Held, engine: Engine, known: Known, moved: Mapping[str, list[Move]]) -> Look:
    """Return what an uncertain finding is now that all that can come has come.

    `moved` are the observations that are otherwise now, by rule.
    """
    book = known.book
    counts = catalogue()[held.finding.rule].card.window is not None
    if held.counted is not None and counts:
        return _window(held, held.counted, engine, moved)
    if held.fill is not None:
        return _fill(held.finding, held.fill, engine, book)
    if held.outcome is not None:
        return _end(held.finding, held.outcome, engine, known)
    look = None if held.event is None else _EVENTS.get(held.event.kind)
    if held.event is None or look is None:
        return Look(Verdict.UNRESOLVED, "nothing tells how what came bears on it")
    return look(held.finding, held.event, engine, book)


def look_at_reset(first: Finding, then: FeedEvent, engine: Engine, left: StillLost) -> Look:
    """Return what a finding about an epoch that ended with numbers missing is now; `left` are missing still."""
    words = {"lost": left.numbers, "lost_count": left.count} if left.count else {}
    before = {name: value for name, value in then.detail.items() if name not in ("lost", "lost_count")}
    said = engine.again(first, msgspec.structs.replace(then, uncertain=False, detail={**before, **words}))
    came = "what was missing came: the counterparty's numbers went on"
    if left.count:
        came = f"{named([(then.session, left.numbers)])} did not come"
    return Look(Verdict.WITHDRAWN, came) if said is None else _compared(first, said, came)


def find_trade(book: Book, fill: Fill) -> Trade | None:
    """Return the execution of a fill as memory has it; of a corrected one, the execution that it corrects."""
    return _named(book, fill.counterparty, fill.amends or fill.execution_id)


def find_end(known: Known, then: OrderOutcome) -> OrderOutcome | None:
    """Return how an order's end stands now; None when memory has let go of it."""
    shelf = known.book.shelves.get(then.order.level)
    life = None if shelf is None else shelf.by_key.get(then.order.order_key)
    if life is None:
        return None
    where = Where(
        offset=then.offset,
        counterparty=then.counterparty,
        session=then.session,
        received_at=then.received_at,
        clock=then.clock,
    )
    now = outcome(life, where)
    return None if now is None else in_session(now, known.hours)


def _fill(first: Finding, then: Fill, engine: Engine, book: Book) -> Look:
    trade = find_trade(book, then)
    if trade is None:
        return Look(Verdict.UNRESOLVED, NOT_IN_MEMORY)
    if not trade.quantity:
        return Look(Verdict.WITHDRAWN, _BUSTED)
    now = fill_again(then, trade)
    return _compared(first, engine.again(first, now), what_changed(then, now))


def _window(held: Held, then: AnyFact, engine: Engine, moved: Mapping[str, list[Move]]) -> Look:
    if held.rows is None:
        return Look(
            Verdict.UNRESOLVED, f"more than {MOST_WINDOWS} windows were found wanting while messages were missing"
        )
    moves = moved.get(held.finding.rule, [])
    what = "orders" if isinstance(then, OrderOutcome) else "executions"
    came = f"its {what} were counted anew" if moves else UNCHANGED
    return _compared(held.finding, engine.recount(held.finding, then, held.rows, moves), came)


def _end(first: Finding, then: OrderOutcome, engine: Engine, known: Known) -> Look:
    now = find_end(known, then)
    if now is None:
        return Look(Verdict.UNRESOLVED, "its order is no longer in memory")
    return _compared(first, engine.again(first, now), end_changed(then, now))


def _overfill(first: Finding, then: FeedEvent, engine: Engine, book: Book) -> Look:
    trade = _named(book, then.counterparty, str(then.detail.get("execution_id")))
    if trade is None:
        return Look(Verdict.UNRESOLVED, NOT_IN_MEMORY)
    life = trade.life
    executed, ordered = life.executed, life.order.quantity
    if ordered is None or executed <= ordered:
        limit = "of an unknown quantity" if ordered is None else f"of {shares(ordered)}"
        return Look(Verdict.WITHDRAWN, f"{shares(life.standing().cumulative)} {limit} are executed")
    figures = {"ordered_shares": ordered, "executed_shares": executed}
    same = all(then.detail.get(name) == value for name, value in figures.items())
    now = msgspec.structs.replace(then, uncertain=False, detail={**then.detail, **figures})
    return _compared(first, engine.again(first, now), UNCHANGED if same else "more of the order became known")


def _named(book: Book, counterparty: str, name: str) -> Trade | None:
    for trade_date, day in book.days.items():
        before = execution_id(counterparty, trade_date, "")
        if name.startswith(before):
            key = name.removeprefix(before)
            return day.trades.get(f"{trade_date}|{key}") or day.trades.get(key)
    return None


def _orphan(first: Finding, then: FeedEvent, engine: Engine, book: Book) -> Look:
    del first, engine
    waiting = book.orphans.get(then.subject, ())
    if any(orphan.event.exec_id == then.detail.get("exec_id") for orphan in waiting):
        return Look(Verdict.STANDS, "its execution has not come")
    return Look(Verdict.WITHDRAWN, "its execution has come")


def _conflict(first: Finding, then: FeedEvent, engine: Engine, book: Book) -> Look:
    del first, then, engine, book
    return Look(Verdict.STANDS, UNCHANGED)


def _hidden(first: Finding, then: FeedEvent, engine: Engine, book: Book) -> Look:
    del first, engine
    named = [trade for day in book.days.values() for trade in day.named(then.subject)]
    if named and not any(trade.quantity for trade in named):
        return Look(Verdict.WITHDRAWN, _BUSTED)
    return Look(Verdict.STANDS, UNCHANGED)


def _unanswered(first: Finding, then: FeedEvent, engine: Engine, book: Book) -> Look:
    del first, engine
    if (asked := then.detail.get("asked")) is not None:
        waiting = waits(book, str(then.detail.get("order_key")), str(asked))
        return Look(Verdict.STANDS, _NO_ANSWER) if waiting else Look(Verdict.WITHDRAWN, _AN_ANSWER)
    life = None if book.firm is None else book.firm.by_id.get(then.subject)
    if life is None or life.firm is None:
        return Look(Verdict.UNRESOLVED, "its order is no longer in memory")
    if life.firm.answered:
        return Look(Verdict.WITHDRAWN, _AN_ANSWER)
    return Look(Verdict.STANDS, _NO_ANSWER)


_EVENTS: dict[FeedEventKind, Callable[[Finding, FeedEvent, Engine, Book], Look]] = {
    FeedEventKind.OVERFILL: _overfill,
    FeedEventKind.ORPHAN_BUST: _orphan,
    FeedEventKind.DUPLICATE_CONFLICT: _conflict,
    FeedEventKind.HIDDEN_FILL: _hidden,
    FeedEventKind.UNANSWERED_ORDER: _unanswered,
}
ABOUT_ORDERS = frozenset(_EVENTS)
"""What the watch says of itself and yet of an order: what is missing may cure it."""


def _compared(first: Finding, said: Said, came: str) -> Look:
    """Return the verdict from what the rule says now; `came` is what came about the fact."""
    if isinstance(said, Untold):
        return Look(Verdict.UNRESOLVED, said.reason)
    if isinstance(said, NotEvaluated):
        return Look(Verdict.WITHDRAWN, f"{came}: the rule does not judge it ({said.reason})")
    if said is None:
        return Look(Verdict.WITHDRAWN, f"{came}: it is within the limits")
    if all(getattr(said, name) == getattr(first, name) for name in _SAYS):
        return Look(Verdict.STANDS, came)
    kept = {name: getattr(first, name) for name in ("finding_id", "at", "offset", "related")}
    return Look(Verdict.CHANGED, came, msgspec.structs.replace(said, uncertain=False, **kept))
