"""The ledger: the life of every order of every counterparty, from decoded events in journal order (domain.md §4.2).

Pure. It forgets nothing by itself, reads no clock, and says all that an event did as values (service.order_steps).

The core asks before it applies: `missing_days` (keys to load, so that an overnight resend is known again),
`missing_execution` (an execution of a day that is no longer in memory) and `receipt_wanted` (the quote to bring).
A bust or correction whose execution is not known is held until it arrives, and raised once when its time is up.
"""

from __future__ import annotations

import msgspec

from rules.facts import Nanos, OrderEnd, Quote
from service.fix.events import Bust, Correction, Execution, OrderEvent
from service.order_apply import Applying, change, hang, trade
from service.order_chain import Trade
from service.order_index import Book, Orphan
from service.order_life import MULTI_DAY, Life, outcome
from service.order_receipt import Opening
from service.order_snapshot import KnownExecution, LedgerState, known_life, restored, saved
from service.order_steps import Conflict, Duplicate, Ended, Orphaned, OrphanOverdue, Step, Where
from service.order_terms import receipt_wanted

Event = Execution | OrderEvent | Bust | Correction


def at_once(symbol: str, received_at: Nanos) -> Nanos:
    """Let every order execute from its receipt on: the opening of a market that is always open."""
    del symbol
    return received_at


class Ledger:
    """All orders of all counterparties; `apply` one event after the other, in journal order.

    `opening` tells from when an order in a symbol, received then, can execute; `orphan_after` how long a bust or
    correction may wait for its execution before it is raised.
    """

    def __init__(self, *, opening: Opening = at_once, orphan_after: Nanos) -> None:
        self._opening = opening
        self.orphan_after = orphan_after
        self._books: dict[str, Book] = {}

    def missing_days(self, counterparty: str, event: Event) -> tuple[str, ...]:
        """Return the trade dates whose keys must be loaded before the event is applied."""
        return () if event.trade_date in self._book(counterparty).days else (event.trade_date,)

    def load_keys(self, counterparty: str, trade_date: str, keys: dict[str, bytes]) -> None:
        """Take in the keys of a trade date with their content hashes, as a store knows them."""
        self._book(counterparty).day(trade_date).keys.update(keys)

    def missing_execution(self, counterparty: str, event: Event) -> str | None:
        """Return the ExecID of an execution that is not in memory and that the event is about, if it is."""
        if isinstance(event, Execution | OrderEvent) or self._book(counterparty).trade(event) is not None:
            return None
        return event.refers_to

    def load_execution(self, counterparty: str, known: KnownExecution) -> None:
        """Take in one execution of an earlier day, with its order when that is not in memory either."""
        book = self._book(counterparty)
        day = book.day(known.trade_date)
        if known.key in day.trades:
            return
        added = Trade(
            key=known.key,
            content_hash=known.content_hash,
            life=known_life(book, known),
            quantity=known.quantity,
            price=known.price,
            venue=known.venue,
            executed_at=known.executed_at,
        )
        day.trades[known.key] = added
        day.refer(known.exec_id, added)

    def receipt_wanted(self, counterparty: str, event: Event) -> Nanos | None:
        """Return the instant of the receipt quote that `apply` should be given with this event, None for none."""
        if isinstance(event, Bust | Correction):
            return None
        found = self._book(counterparty).find(event)
        if found is None:
            return receipt_wanted(None, event)
        return receipt_wanted(found.life, event, joined=found.joined)

    def executed_at(self, counterparty: str, event: Bust | Correction) -> Nanos | None:
        """Return when the execution that the event amends took place; None when it is not in memory."""
        hit = self._book(counterparty).trade(event)
        return None if hit is None else hit.trade.executed_at

    def symbol(self, counterparty: str, event: Event) -> str:
        """Return the symbol of the order that the event is about, where the message may be silent; "" if unknown."""
        book = self._book(counterparty)
        if isinstance(event, Bust | Correction) and (hit := book.trade(event)) is not None:
            return hit.trade.life.order.symbol
        found = book.find(event)
        return event.terms.symbol or "" if found is None else found.life.order.symbol

    def apply(self, event: Event, where: Where, receipt: Quote | None = None) -> tuple[Step, ...]:
        """Apply one event; return what it did: first what it was, then what followed from it.

        `receipt` is the quote at the order's receipt, if the event asked for it; marketability follows from it.
        """
        book = self._book(where.counterparty)
        day = book.day(event.trade_date)
        key = event.dedup_key
        if key is None:
            key = "#" + event.content_hash.hex()
        first = day.seen(key)
        if first is not None:
            if first == event.content_hash:
                return (Duplicate(key=key),)
            return (Conflict(key=key, event=event, first_hash=first),)
        to = Applying(book, self._opening, where)
        if isinstance(event, Execution):
            return trade(to, day, key, event, receipt)
        day.keys[key] = event.content_hash
        if isinstance(event, OrderEvent):
            return change(to, key, event, receipt)
        hit = book.trade(event)
        if hit is not None:
            return hang(to, hit, key, event)
        due = Nanos(where.clock + self.orphan_after)
        orphan = Orphan(key=key, event=event, where=where, due=due)
        book.orphans.setdefault(event.refers_to, []).append(orphan)
        return (Orphaned(key=key, event=event),)

    def close(self, day: str, at: Nanos, where: Where) -> tuple[Ended, ...]:
        """End every order that cannot outlive the trade date: synthesised, and marked so (domain.md §4.2).

        Only those of `where.counterparty`, or of all when that is empty.
        """
        ended: list[Ended] = []
        for counterparty, book in self._books.items():
            if where.counterparty in ("", counterparty):
                its_own = msgspec.structs.replace(where, counterparty=counterparty)
                for life in book.lives():
                    if _closes(life, day):
                        life.finish(OrderEnd.CLOSE, at, life.trade_date, synthesised=True)
                        book.unname(life)
                        if (stated := outcome(life, its_own)) is not None:
                            ended.append(Ended(outcome=stated))
        return tuple(ended)

    def deadline(self) -> Nanos | None:
        """Return when the next held bust or correction is overdue."""
        dues = [orphan.due for orphan in self._orphans() if orphan.due is not None]
        return min(dues, default=None)

    def tick(self, clock: Nanos) -> tuple[OrphanOverdue, ...]:
        """Raise what is overdue at this clock, each once; it stays held."""
        overdue: list[OrphanOverdue] = []
        for orphan in self._orphans():
            if orphan.due is not None and orphan.due <= clock:
                overdue.append(OrphanOverdue(key=orphan.key, event=orphan.event, where=orphan.where, due=orphan.due))
                orphan.due = None
        return tuple(overdue)

    def forget(self, before: str) -> None:
        """Drop the keys and executions of trade dates before this one, and the orders that ended before it."""
        for book in self._books.values():
            book.forget(before)

    def snapshot(self) -> LedgerState:
        """Return the whole state; encode it before the next event is applied."""
        return saved(self._books)

    def restore(self, state: LedgerState) -> None:
        """Take up a state that `snapshot` gave."""
        self._books = restored(state)

    def _book(self, counterparty: str) -> Book:
        book = self._books.get(counterparty)
        if book is None:
            book = self._books[counterparty] = Book()
        return book

    def _orphans(self) -> list[Orphan]:
        return [one for book in self._books.values() for held in book.orphans.values() for one in held]


def _closes(life: Life, day: str) -> bool:
    multi_day = life.order.time_in_force in MULTI_DAY
    return life.end is None and life.trade_date <= day and not multi_day
