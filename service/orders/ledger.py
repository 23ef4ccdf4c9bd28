"""The ledger: the life of every order of every counterparty, from decoded events in journal order (domain.md §4.2).

Pure. It forgets nothing by itself, reads no clock, and says all that an event did as values (service.orders.steps).

The core asks before it applies: `missing_days` (keys to load, so that an overnight resend is known again),
`missing_execution` (an execution of a day that is no longer in memory) and `receipt_wanted` (the quote to bring).
A bust or correction whose execution is not known is held until it arrives, and raised once when its time is up.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

import msgspec

from rules.facts import Level, Nanos, OrderEnd, Quote
from rules.instruments import meant
from service.fix.events import Bust, Correction, Execution, OrderEvent, OwnOrder
from service.orders import answers
from service.orders import claims as order_claims
from service.orders import silence as order_silence
from service.orders.again import NOT_COMPARED, again, content, unlike
from service.orders.apply import change, hang, refuse, trade
from service.orders.chain import Chain, Trade
from service.orders.ending import Applying
from service.orders.family import confirmed
from service.orders.firm_shelf import FirmShelf
from service.orders.index import Book, Orphan
from service.orders.life import MULTI_DAY, Life, outcome
from service.orders.own import own_receipt_wanted, place, symbol_meant
from service.orders.receipt import Opening
from service.orders.snapshot import KnownExecution, LedgerState, known_life, restored, saved
from service.orders.steps import Conflict, Duplicate, Ended, Orphaned, OrphanOverdue, Step, Unplaced, Where
from service.orders.terms import receipt_wanted

Event = Execution | OrderEvent | Bust | Correction
NOBODY: frozenset[str] = frozenset()
AT_ONCE = Nanos(0)


def at_once(symbol: str, received_at: Nanos) -> Nanos:
    """Let every order execute from its receipt on: the opening of a market that is always open."""
    del symbol
    return received_at


class Ledger:
    """All orders of all counterparties; `apply` one event after the other, in journal order.

    `opening` tells from when an order in a symbol, received then, can execute; `orphan_after` how long a bust or
    correction may wait for its execution before it is raised, `unanswered_after` an own order for its vendor.
    """

    def __init__(self, *, opening: Opening = at_once, orphan_after: Nanos, unanswered_after: Nanos = AT_ONCE) -> None:
        self._opening = opening
        self.orphan_after = orphan_after
        self.unanswered_after = unanswered_after
        self._books: dict[str, Book] = {}

    def expect(self, vendor: str, level: Level, sources: AbstractSet[str]) -> None:
        """Let the counterparties `sources` hold the firm's own orders to the vendor, at this level of his copy."""
        book = self._book(vendor)
        if book.firm is None:
            book.firm = FirmShelf(level=level)
        book.firm.level, book.firm.sources = level, set(sources)

    def expects(self, vendor: str) -> bool:
        """Return whether own orders to the vendor are expected."""
        return self._book(vendor).firm is not None

    def waits(self, counterparty: str) -> tuple[int, Nanos | None]:
        """Return of how many orders the claimed total is in doubt, and when the next answer is overdue."""
        book = self._book(counterparty)
        return len(book.doubts), answers.deadline(book)

    def missing_days(self, counterparty: str, event: Event | OwnOrder) -> tuple[str, ...]:
        """Return the trade dates whose keys must be loaded before the event is applied."""
        return () if event.trade_date in self._book(counterparty).days else (event.trade_date,)

    def load_keys(self, counterparty: str, trade_date: str, keys: dict[str, bytes]) -> None:
        """Take in the keys of a trade date with their content hashes, as a store knows them."""
        self._book(counterparty).day(trade_date).keys.update(keys)

    def missing_execution(self, counterparty: str, event: Event) -> str | None:
        """Return the ExecID of an execution that is not in memory and that the event is about, if it is."""
        book = self._book(counterparty)
        if isinstance(event, Execution):
            day = book.days.get(event.trade_date)
            first = None if day is None or event.dedup_key is None else day.keys.get(event.dedup_key)
            # the meaning of a day that memory let go of is in the store
            return event.exec_id if first is not None and unlike(event, first) else None
        if isinstance(event, OrderEvent) or book.trade(event) is not None:
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
            chain=_as_reported(known),
        )
        day.trades[known.key] = added
        day.refer(known.exec_id, added)

    def receipt_wanted(self, counterparty: str, event: Event) -> Nanos | None:
        """Return the instant of the receipt quote that `apply` should be given with this event, None for none."""
        if isinstance(event, Bust | Correction) or _refuses(event):
            return None
        found = self._book(counterparty).find(event)
        if found is None:
            return receipt_wanted(None, event)
        return receipt_wanted(found.life, event, joined=found.joined, request=confirmed(found.life, event))

    def wanted(self, counterparty: str, event: Event) -> tuple[str, Nanos | None]:
        """Return what `symbol` and `receipt_wanted` say of the event, its order looked up once."""
        if isinstance(event, Bust | Correction):
            return self.symbol(counterparty, event), None
        found = self._book(counterparty).find(event)
        if found is None:
            return event.terms.symbol or "", receipt_wanted(None, event)
        life = found.life
        return life.order.symbol, receipt_wanted(life, event, joined=found.joined, request=confirmed(life, event))

    def own_symbol(self, own: OwnOrder) -> str:
        """Return the symbol of an own order, of which a request may be silent; "" if unknown."""
        known = symbol_meant(self._book(own.vendor), own)
        return meant(own.terms.symbol or known, known) or ""

    def own_receipt_wanted(self, own: OwnOrder) -> Nanos | None:
        """Return the instant of the quote at the firm's receipt that `place` should be given, None for none."""
        return own_receipt_wanted(self._book(own.vendor), own)

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
        book.sessions.add(where.session)
        day = book.day(event.trade_date)
        key = event.dedup_key
        if key is None:
            key = "#" + content(event.content_hash).hex()
        first = day.seen(key)
        if first is not None:
            return (Duplicate(key=key) if first == event.content_hash else again(book, day, key, event, first),)
        to = Applying(book, self._opening, where, self.unanswered_after)
        if isinstance(event, Execution):
            return trade(to, day, key, event, receipt)
        day.keys[key] = event.content_hash
        if isinstance(event, OrderEvent):
            return _refuse(to, key, event) if _refuses(event) else change(to, key, event, receipt)
        hit = book.trade(event)
        if hit is not None:
            return hang(to, hit, key, event)
        due = Nanos(where.clock + self.orphan_after)
        orphan = Orphan(key=key, event=event, where=where, due=due)
        book.orphans.setdefault(event.refers_to, []).append(orphan)
        return (Orphaned(key=key, event=event),)

    def place(self, own: OwnOrder, where: Where, receipt: Quote | None = None) -> tuple[Step, ...]:
        """Note an order of the firm, or its request about one, in the book of the vendor that was to get it.

        `receipt` is the quote at the firm's receipt, if it was asked for.
        """
        day, key = self._book(where.counterparty).day(own.trade_date), own.dedup_key
        first = day.seen(key)
        if first is not None:
            if content(first) == content(own.content_hash):
                return (Duplicate(key=key),)
            from_a_file = first != content(first) or own.content_hash != content(own.content_hash)
            return (
                Duplicate(key=key, note=NOT_COMPARED)
                if from_a_file
                else Conflict(key=key, event=own, first_hash=first),
            )
        day.keys[key] = own.content_hash
        at_vendor = msgspec.structs.replace(where, counterparty=own.vendor)
        return place(
            Applying(self._book(own.vendor), self._opening, at_vendor, self.unanswered_after), key, own, receipt
        )

    def close(self, day: str, at: Nanos, where: Where, incomplete: AbstractSet[str] = NOBODY) -> tuple[Step, ...]:
        """End every order that cannot outlive the trade date: synthesised, and marked so (domain.md §4.2).

        Only those of `where.counterparty`, or of all when that is empty. Then say what remains open between the copies
        and the firm's own orders; `incomplete` are the counterparties of whose messages some are missing.
        """
        ended: list[Step] = []
        for counterparty, book in self._books.items():
            if where.counterparty in ("", counterparty):
                its_own = msgspec.structs.replace(where, counterparty=counterparty)
                for life in book.lives():
                    if _closes(book, life, day):
                        asked = life.firm is not None and life.firm.cancel_asked
                        end = OrderEnd.CANCELED_BY_CUSTOMER if asked else OrderEnd.CLOSE
                        life.finish(end, at, life.trade_date, synthesised=True)
                        book.unname(life)
                        if (stated := outcome(life, its_own)) is not None:
                            ended.append(Ended(outcome=stated))
                ended += order_claims.close(counterparty, book, day, incomplete)
                ended += order_silence.close(counterparty, book, day, at, incomplete)
        return tuple(ended)

    def deadline(self) -> Nanos | None:
        """Return when the next held bust, unanswered order or doubtful total is overdue."""
        dues = [orphan.due for orphan in self._orphans() if orphan.due is not None]
        for book in self._books.values():
            waits = (order_silence.deadline(book), order_claims.deadline(book), answers.deadline(book))
            dues += [due for due in waits if due is not None]
        return min(dues, default=None)

    def tick(self, clock: Nanos, incomplete: AbstractSet[str] = NOBODY) -> tuple[Step, ...]:
        """Raise what is overdue at this clock, each once; it stays held."""
        overdue: list[Step] = []
        for orphan in self._orphans():
            if orphan.due is not None and orphan.due <= clock:
                overdue.append(OrphanOverdue(key=orphan.key, event=orphan.event, where=orphan.where, due=orphan.due))
                orphan.due = None
        for counterparty, book in self._books.items():
            overdue += order_silence.unanswered(counterparty, book, clock)
            overdue += answers.unanswered(counterparty, book, clock)
            overdue += order_claims.judge(counterparty, book, clock, incomplete)
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

    def book(self, counterparty: str) -> Book:
        """Return what is known of a counterparty, to be read only."""
        return self._book(counterparty)

    def _book(self, counterparty: str) -> Book:
        book = self._books.get(counterparty)
        if book is None:
            book = self._books[counterparty] = Book()
        return book

    def _orphans(self) -> list[Orphan]:
        return [one for book in self._books.values() for held in book.orphans.values() for one in held]


def _as_reported(known: KnownExecution) -> Chain | None:
    """Return how an execution was reported that was amended since."""
    if known.reported in (None, (known.quantity, known.price)):
        return None
    assert known.reported is not None
    return Chain(known.exec_id, *known.reported, known.venue)


def _refuses(event: Event) -> bool:
    return isinstance(event, OrderEvent) and event.kind in answers.REFUSALS


def _refuse(to: Applying, key: str, event: OrderEvent) -> tuple[Step, ...]:
    life = to.book.find_refused(event)
    return (Unplaced(key=key),) if life is None else refuse(to, life, key, event)


def _closes(book: Book, life: Life, day: str) -> bool:
    if life.end is not None or life.trade_date > day:
        return False
    if life.order.time_in_force not in MULTI_DAY:
        return True
    # a copy of fills alone never tells that the customer's cancel was heard
    return book.firm is not None and book.firm.fills_only and life.firm is not None and life.firm.cancel_asked
