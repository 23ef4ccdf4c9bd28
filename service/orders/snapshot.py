"""The ledger as one value that can be written down and taken up again, exactly; and executions that a store knows.

Pure. The value shares its keys and chains with the ledger: encode it before the next event is applied.
"""

from __future__ import annotations

import msgspec

from rules.facts import Level, Nanos, Order, OrderEnd, Price, Quantity
from service.fix.events import Bust, Correction
from service.orders.chain import Chain, Trade
from service.orders.firm_snapshot import (
    DoubtState,
    FirmShelfState,
    bare,
    notionals,
    restored_doubts,
    restored_firm,
    saved_doubts,
    saved_firm,
    whole,
)
from service.orders.index import Book, Day, Orphan, leg_key
from service.orders.life import Life
from service.orders.pending import PendingState, restored_pending, saved_pending
from service.orders.steps import Where


class KnownExecution(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """An execution as a store holds it, for a bust or correction that comes after its day was forgotten.

    `quantity`, `price` and `venue` are those that count now (0 shares when busted), `reported` the shares and the price
    that it came with; `by_venue` and `notional` are the
    totals of its order (live quantity by venue, sum of quantity × price), `end` how that ended.
    """

    trade_date: str
    key: str
    exec_id: str
    content_hash: bytes
    order: Order
    session: str
    quantity: Quantity
    price: Price
    venue: str
    executed_at: Nanos | None
    by_venue: tuple[tuple[str, int], ...]
    notional: int
    end: OrderEnd | None = None
    ended_at: Nanos | None = None
    ended_on: str | None = None
    reported: tuple[Quantity, Price] | None = None


class ShelfState(msgspec.Struct, frozen=True, gc=False):
    """One level's names, each with the number of the order that it leads to."""

    level: Level
    by_key: list[tuple[str, int]]
    by_client: list[tuple[str, int]]


class TradeState(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One trade, with the number of its order."""

    key: str
    content_hash: bytes
    life: int
    quantity: int
    price: int
    venue: str
    executed_at: Nanos | None
    chain: Chain | None


class DayState(msgspec.Struct, frozen=True, gc=False):
    """One trade date; ExecIDs lead to the numbers of trades, in the order in which they were told."""

    trade_date: str
    keys: dict[str, bytes]
    trades: list[TradeState]
    refs: list[tuple[str, list[int]]]


class OrphanState(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One held bust or correction."""

    key: str
    where: Where
    due: Nanos | None
    bust: Bust | None = None
    correction: Correction | None = None


class BookState(msgspec.Struct, frozen=True, gc=False):
    """One counterparty; `notionals` of the orders are text, for they outgrow 64 bits."""

    counterparty: str
    lives: list[Life]
    notionals: list[str]
    shelves: list[ShelfState]
    days: list[DayState]
    orphans: list[OrphanState]
    firm: FirmShelfState | None
    doubts: list[DoubtState]
    sessions: list[str]
    pending: list[PendingState]
    overdue: list[PendingState]


class LedgerState(msgspec.Struct, frozen=True, gc=False):
    """All counterparties."""

    books: list[BookState]


def saved(books: dict[str, Book]) -> LedgerState:
    """Return everything that the books hold."""
    return LedgerState([_saved_book(counterparty, book) for counterparty, book in books.items()])


def restored(state: LedgerState) -> dict[str, Book]:
    """Return the books again."""
    return {one.counterparty: _restored_book(one) for one in state.books}


def known_life(book: Book, known: KnownExecution) -> Life:
    """Return the order of a stored execution: the one in memory when it was there on that day, else as stored."""
    order = known.order
    shelf = book.shelf(order.level)
    key = order.order_key
    if order.level is Level.LEG:
        key = leg_key(key, order.symbol, order.side)
    life = shelf.by_key.get(key)
    if life is not None and life.began_on <= known.trade_date:
        return life
    life = Life(
        order=order,
        session=known.session,
        began_on=known.trade_date,
        trade_date=known.trade_date,
        executed=sum(quantity for _, quantity in known.by_venue),
        notional=known.notional,
        by_venue=known.by_venue,
        receipt_known=True,
        end=known.end,
        ended_at=known.ended_at,
        ended_on=known.ended_on,
    )
    shelf.by_key.setdefault(key, life)
    return life


def _saved_book(counterparty: str, book: Book) -> BookState:
    lives: list[Life] = []
    numbers: dict[int, int] = {}

    def number(life: Life) -> int:
        found = numbers.setdefault(id(life), len(lives))
        if found == len(lives):
            lives.append(life)
        return found

    shelves = [
        ShelfState(
            level,
            [(key, number(life)) for key, life in shelf.by_key.items()],
            [(key, number(life)) for key, life in shelf.by_client.items()],
        )
        for level, shelf in book.shelves.items()
    ]
    days = []
    for trade_date, day in book.days.items():
        trades = list(day.trades.values())
        numbered = {id(trade): index for index, trade in enumerate(trades)}
        days.append(
            DayState(
                trade_date,
                day.keys,
                [
                    TradeState(
                        trade.key,
                        trade.content_hash,
                        number(trade.life),
                        trade.quantity,
                        trade.price,
                        trade.venue,
                        trade.executed_at,
                        trade.chain,
                    )
                    for trade in trades
                ],
                [(ref, [numbered[id(trade)] for trade in named]) for ref, named in day.told()],
            )
        )
    orphans = [_saved_orphan(orphan) for held in book.orphans.values() for orphan in held]
    firm, doubts = saved_firm(book.firm, number), saved_doubts(book, number)
    waiting = saved_pending(book.pending, number), saved_pending(book.overdue, number)
    sums = [notionals(life) for life in lives]
    kept = [bare(life) for life in lives]
    sessions = sorted(book.sessions)
    return BookState(counterparty, kept, sums, shelves, days, orphans, firm, doubts, sessions, *waiting)


def _saved_orphan(orphan: Orphan) -> OrphanState:
    event = orphan.event
    return OrphanState(
        key=orphan.key,
        where=orphan.where,
        due=orphan.due,
        bust=event if isinstance(event, Bust) else None,
        correction=event if isinstance(event, Correction) else None,
    )


def _restored_book(state: BookState) -> Book:
    book = Book()
    lives = [whole(life, sums) for life, sums in zip(state.lives, state.notionals, strict=True)]
    book.firm = restored_firm(state.firm, lives)
    book.doubts = restored_doubts(state.doubts, lives)
    book.sessions = set(state.sessions)
    book.pending, book.overdue = restored_pending(state.pending, lives), restored_pending(state.overdue, lives)
    for one in state.shelves:
        shelf = book.shelf(one.level)
        shelf.by_key = {key: lives[number] for key, number in one.by_key}
        shelf.by_client = {key: lives[number] for key, number in one.by_client}
    for one_day in state.days:
        book.days[one_day.trade_date] = _restored_day(one_day, lives)
    for held in state.orphans:
        event = held.bust or held.correction
        assert event is not None
        orphan = Orphan(key=held.key, event=event, where=held.where, due=held.due)
        book.orphans.setdefault(event.refers_to, []).append(orphan)
    return book


def _restored_day(state: DayState, lives: list[Life]) -> Day:
    trades = [
        Trade(
            key=one.key,
            content_hash=one.content_hash,
            life=lives[one.life],
            quantity=one.quantity,
            price=one.price,
            venue=one.venue,
            executed_at=one.executed_at,
            chain=one.chain,
        )
        for one in state.trades
    ]
    day = Day(
        trade_date=state.trade_date,
        keys=dict(state.keys),
        trades={trade.key: trade for trade in trades},
    )
    for ref, numbers in state.refs:
        for number in numbers:
            day.refer(ref, trades[number])
    return day
