"""Where the ledger finds things: orders by their names, keys seen by trade date, executions by ExecID, orphans.

Pure. One `Book` per counterparty; names of different levels never meet, so that each share counts at its own level.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from rules.facts import Level, Nanos, Side
from rules.instruments import same_security
from service.fix.events import AboutOrder, Bust, Correction, Reported
from service.orders.chain import Trade
from service.orders.firm_shelf import Doubt, FirmShelf
from service.orders.life import Life
from service.orders.pending import Pending, Question
from service.orders.steps import Where

# members of an enum are looked up by a function call in 3.11: these stand in the hot path
_LEG = Level.LEG

_APART = "\x1f"


class Found(msgspec.Struct, frozen=True, gc=False):
    """An order found by a message; `joined` when it was found as the predecessor in a replace chain.

    `by_key`: the message's own key leads to it already.
    """

    life: Life
    joined: bool
    by_key: bool = False


class Hit(msgspec.Struct, frozen=True, gc=False):
    """A trade found by ExecID, with the trade date that keeps it."""

    trade_date: str
    trade: Trade


class Orphan(msgspec.Struct, gc=False, kw_only=True):
    """A bust or correction that waits for its execution; `due` is None once it was raised."""

    key: str
    event: Bust | Correction
    where: Where
    due: Nanos | None


class Day(msgspec.Struct, gc=False):
    """What one trade date left behind: every key with its content hash, the trades, and what ExecIDs lead to them.

    A trade whose key is its date and ExecID is found by that; `refs` holds what other names lead to, `shared` all but
    the first where several trades have one name (both sides of a self-cross).
    """

    trade_date: str
    keys: dict[str, bytes] = {}
    trades: dict[str, Trade] = {}
    refs: dict[str, Trade] = {}
    shared: dict[str, list[Trade]] = {}

    def seen(self, key: str) -> bytes | None:
        """Return the content hash that came with the key, None when it never came."""
        trade = self.trades.get(key)
        return trade.content_hash if trade is not None else self.keys.get(key)

    def refer(self, exec_id: str, trade: Trade) -> None:
        """Let an ExecID lead to the trade, beside others that it may lead to."""
        if trade.key == f"{self.trade_date}|{exec_id}":
            return
        first = self.refs.setdefault(exec_id, trade)
        if first is not trade:
            others = self.shared.setdefault(exec_id, [])
            if not any(other is trade for other in others):
                others.append(trade)

    def named(self, exec_id: str) -> list[Trade]:
        """Return the trades that an ExecID leads to."""
        own, first = self.trades.get(f"{self.trade_date}|{exec_id}"), self.refs.get(exec_id)
        found = [one for one in (own, first) if one is not None]
        return [*found, *self.shared.get(exec_id, ())]

    def told(self) -> Iterator[tuple[str, list[Trade]]]:
        """Yield the names that had to be remembered, with the trades that they lead to."""
        for exec_id, first in self.refs.items():
            yield exec_id, [first, *self.shared.get(exec_id, ())]


class Shelf(msgspec.Struct, gc=False):
    """The orders of one level: by the key of each of their identities, and the open ones by ClOrdID too."""

    by_key: dict[str, Life] = {}
    by_client: dict[str, Life] = {}


class Book(msgspec.Struct, gc=False):
    """Everything of one counterparty.

    `firm` is there where a source of the firm's own orders is in force; `sessions` are those that reports came on.
    `pending` are the requests that the vendor has not answered, in the order in which they are due; `overdue` those of
    which that was told.
    """

    shelves: dict[Level, Shelf] = {}
    days: dict[str, Day] = {}
    orphans: dict[str, list[Orphan]] = {}
    firm: FirmShelf | None = None
    doubts: dict[int, Doubt] = {}
    sessions: set[str] = set()
    pending: dict[Question, Pending] = {}
    overdue: dict[Question, Pending] = {}

    def day(self, trade_date: str) -> Day:
        """Return the trade date's part, begun now when there was none."""
        found = self.days.get(trade_date)
        if found is None:
            found = self.days[trade_date] = Day(trade_date)
        return found

    def shelf(self, level: Level) -> Shelf:
        """Return the level's part, begun now when there was none."""
        found = self.shelves.get(level)
        if found is None:
            found = self.shelves[level] = Shelf()
        return found

    def find(self, event: Reported) -> Found | None:
        """Return the order that the message is about, None when it is a new one.

        First by its key, then as the successor of what 41 names, then as the order that was only known by ClOrdID, then
        as the firm's own order of that id. A key that comes back on a later trade date than its order ended on is a
        new order.
        """
        shelf = self.shelves.get(event.terms.level)
        if shelf is None:
            return None
        life = shelf.by_key.get(order_key(event))
        if life is not None:
            return Found(life, joined=False, by_key=True) if goes_on(life, event) else None
        found = _predecessor(shelf, event)
        return found if found is not None or self.firm is None else _own(self.firm, event)

    def find_refused(self, event: Reported) -> Life | None:
        """Return the order of a refusal, which is silent about terms and so about its level; None for no known one."""
        for level in self.shelves:
            found = self.find(msgspec.structs.replace(event, terms=msgspec.structs.replace(event.terms, level=level)))
            if found is not None:
                return found.life
        return None

    def name(self, life: Life, event: AboutOrder) -> None:
        """Let the message's names of the order lead to it."""
        shelf = self.shelf(event.terms.level)
        shelf.by_key[order_key(event)] = life
        cl_ord_id = event.ids.cl_ord_id
        if cl_ord_id is not None and life.end is None and event.terms.level is not _LEG:
            shelf.by_client[cl_ord_id] = life

    def unname(self, life: Life) -> None:
        """Stop finding an order that ended by its ClOrdID: nothing can replace it any more."""
        cl_ord_id = life.order.cl_ord_id
        by_client = self.shelf(life.order.level).by_client
        if cl_ord_id is not None and by_client.get(cl_ord_id) is life:
            del by_client[cl_ord_id]

    def lives(self) -> Iterator[Life]:
        """Yield every order once, in the order in which they were first heard of."""
        met: set[int] = set()
        for shelf in self.shelves.values():
            for life in shelf.by_key.values():
                if id(life) not in met:
                    met.add(id(life))
                    yield life

    def trade(self, event: Bust | Correction) -> Hit | None:
        """Return the trade that 19 leads to, None when it is not known or nothing tells which of several it is.

        The message's own trade date comes first, then the earlier ones; symbol, side and order must not contradict.
        """
        mine = self.find(event)
        for trade_date in sorted((day for day in self.days if day <= event.trade_date), reverse=True):
            named = self.days[trade_date].named(event.refers_to)
            meant = [trade for trade in named if _may_mean(trade.life, event, mine)]
            same = [trade for trade in meant if mine is not None and trade.life is mine.life]
            if len(meant) == 1 or same:
                return Hit(trade_date, (same or meant)[0])
            if meant:
                return None
        return None

    def forget(self, before: str) -> None:
        """Drop the trade dates before this one, and the orders and orphans that ended or came before it."""
        self.days = {day: kept for day, kept in self.days.items() if day >= before}
        for shelf in self.shelves.values():
            shelf.by_key = {
                key: life for key, life in shelf.by_key.items() if life.ended_on is None or life.ended_on >= before
            }
            shelf.by_client = {key: life for key, life in shelf.by_client.items() if life.end is None}
        kept = {
            ref: [orphan for orphan in held if orphan.event.trade_date >= before] for ref, held in self.orphans.items()
        }
        self.orphans = {ref: held for ref, held in kept.items() if held}
        self.overdue = {name: one for name, one in self.overdue.items() if one.life.end is None}
        if self.firm is not None:
            self.firm.forget(before)


def order_key(event: AboutOrder) -> str:
    """Return what the shelf knows the order of a message by."""
    terms = event.terms
    if terms.level is not _LEG:
        return event.ids.order_key
    return leg_key(event.ids.order_key, terms.symbol, terms.side)


def leg_key(key: str, symbol: str | None, side: Side | None) -> str:
    """Return what a leg is known by: legs of one package share its key."""
    return _APART.join((key, symbol or "", side or ""))


def goes_on(life: Life, event: AboutOrder) -> bool:
    """Return whether the order may still be meant on the message's trade date."""
    return life.ended_on is None or event.trade_date <= life.ended_on


def alike(life: Life, event: AboutOrder) -> bool:
    """Return whether symbol and side agree, where both say them: a ClOrdID may be used for different orders."""
    order, terms = life.order, event.terms
    if order.side is not None and terms.side not in (None, order.side):
        return False
    return not order.symbol or terms.symbol is None or same_security(order.symbol, terms.symbol)


def akin(life: Life, event: AboutOrder) -> bool:
    """Return whether side and symbol may be the same where each party writes symbols in its own way (BRK.B, BRK B)."""
    order, terms = life.order, event.terms
    if order.side is not None and terms.side not in (None, order.side):
        return False
    one, other = sorted((_letters(order.symbol), _letters(terms.symbol or "")), key=len)
    return other.startswith(one)


def _letters(symbol: str) -> str:
    """Return what a symbol begins with, in every notation: its letters and digits up to the first other sign."""
    return next((symbol[:at] for at, sign in enumerate(symbol) if not sign.isalnum()), symbol)


def _own(firm: FirmShelf, event: Reported) -> Found | None:
    """Return the firm's own order of the message's own id; under a further OrderID it is the next of its chain."""
    own_id = event.ids.own_id
    life = firm.by_id.get(own_id) if own_id is not None and event.terms.level is firm.level else None
    if life is None or not goes_on(life, event) or not akin(life, event):
        return None
    return Found(life, joined=life.order.order_id not in (None, event.ids.order_id))


def _predecessor(shelf: Shelf, event: Reported) -> Found | None:
    ids = event.ids
    if ids.previous_key is not None and event.terms.level is not _LEG:
        life = shelf.by_key.get(ids.previous_key) or shelf.by_client.get(ids.previous_key)
        if life is not None and goes_on(life, event) and alike(life, event):
            return Found(life, joined=True)
    life = None if ids.cl_ord_id is None else shelf.by_key.get(ids.cl_ord_id)
    if life is not None and life.order.order_id is None and goes_on(life, event) and alike(life, event):
        return Found(life, joined=False)
    return None


def _may_mean(life: Life, event: Reported, mine: Found | None) -> bool:
    return alike(life, event) and (mine is None or mine.life.order.order_key == life.order.order_key)
