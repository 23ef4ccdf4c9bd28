"""What it means that a key came before: a copy of the same report, or other content under it. Pure.

What came from a file may say less than the line did, or say it in other words, and either may come first: such a pair
is compared by what both say (shares, price, side, symbol) and not by its bytes. Where a counterparty has several
sessions, each may stamp its copy itself: the first one counts, and other stamps are no other content.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from service.fix.events import AboutOrder, Bust, Correction, Execution, OrderEvent
from service.orders.chain import Link, Trade
from service.orders.index import Book, Day, alike
from service.orders.steps import Conflict, Duplicate

Event = Execution | OrderEvent | Bust | Correction
Report = TypeVar("Report", bound=AboutOrder)

NOT_COMPARED = "its key came before; what that said is kept by its hash alone, which no file can match"
OTHER_STAMPS = "its key came before, on another session or stamped anew: only the stamps differ, and the first count"
_FILE = b"file:"
_HALF = 8
"""The content hash is in two halves, that of the stamps last (service.fix.report)."""


def from_a_file(event: Report) -> Report:
    """Return the report with the mark of a file on its content hash, so that it is known for ever as such."""
    return msgspec.structs.replace(event, content_hash=_FILE + event.content_hash)


def content(content_hash: bytes) -> bytes:
    """Return the hash of the content alone, which is the same wherever it came from."""
    return content_hash.removeprefix(_FILE)


def unlike(event: Event, first: bytes) -> bool:
    """Return whether hashes cannot tell if the event is a copy: they differ, and one of them is of a file."""
    if first == event.content_hash or content(first) == content(event.content_hash):
        return False
    return first.startswith(_FILE) or event.content_hash.startswith(_FILE)


def again(book: Book, day: Day, key: str, event: Event, first: bytes) -> Duplicate | Conflict:
    """Return what an event is whose key came before with the content hash `first`."""
    same: bool | None = first == event.content_hash or content(first) == content(event.content_hash)
    if not same and len(book.sessions) > 1 and content(first)[:_HALF] == content(event.content_hash)[:_HALF]:
        return Duplicate(key=key, note=OTHER_STAMPS)
    if not same and unlike(event, first):
        same = _same_meaning(book, day, key, event)
    if same is False:
        return Conflict(key=key, event=event, first_hash=first)
    return Duplicate(key=key, note=None if same else NOT_COMPARED)


def _same_meaning(book: Book, day: Day, key: str, event: Event) -> bool | None:
    """Return whether the event says what is known under its key; None when nothing of it is in memory."""
    trade = day.trades.get(key)
    if isinstance(event, Execution):
        return trade is not None and _same_trade(trade, event)
    if trade is not None:
        return False
    if isinstance(event, OrderEvent):
        return None
    hit = book.trade(event)
    links = hit.trade.chain.links if hit is not None and hit.trade.chain is not None else ()
    named = [link for link in links if link.exec_id == event.exec_id]
    return any(_same_link(link, event) for link in named) if named else None


def _same_trade(trade: Trade, event: Execution) -> bool:
    reported = trade.chain or trade  # before anything amended it
    return (reported.quantity, reported.price) == (event.quantity, event.price) and alike(trade.life, event)


def _same_link(link: Link, event: Bust | Correction) -> bool:
    quantity, price = (0, link.price) if isinstance(event, Bust) else (event.quantity, event.price)
    return (link.refers_to, link.quantity, link.price) == (event.refers_to, quantity, price)
