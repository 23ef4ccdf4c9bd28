"""Another quote at an order's receipt, once it came late: put in the place of the one that was decided. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from rules.facts import Level, Quote
from service.orders.firm_shelf import Held
from service.orders.index import Book, leg_key
from service.orders.life import Life
from service.orders.receipt import Opening
from service.orders.terms import receive
from service.requote import Taken


def receive_again(book: Book, taken: Taken, receipt: Quote, opening: Opening) -> None:
    """Let what was decided by a quote hold another, wherever memory still has it: the order, or what waits for it."""
    for life in _lives(book, taken):
        if taken.took(life.order):
            receive(life, receipt, opening)
        if life.firm is not None:
            life.firm.requests = tuple(
                msgspec.structs.replace(one, receipt=receipt) if one.own_id == taken.own_id else one
                for one in life.firm.requests
            )
    if book.firm is not None and taken.own_id is not None:
        for name, held in book.firm.held.items():
            book.firm.held[name] = [
                Held(one.own, receipt) if one.own.ids.order_key == taken.own_id else one for one in held
            ]


def _lives(book: Book, taken: Taken) -> Iterator[Life]:
    """Yield the order that a decision was taken for."""
    assert taken.order is not None
    life = None if taken.own_id is None or book.firm is None else book.firm.by_id.get(taken.own_id)
    if taken.own_id is None:
        order = taken.order
        leg = order.level is Level.LEG
        key = leg_key(order.order_key, order.symbol, order.side) if leg else order.order_key
        life = book.shelf(order.level).by_key.get(key)
    if life is not None:
        yield life
