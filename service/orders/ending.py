"""How the life of an order ends, and how an ended one is stated anew. Pure."""

from __future__ import annotations

import msgspec

from rules.facts import Nanos, OrderEnd
from service.fix.events import AboutOrder
from service.orders.index import Book
from service.orders.life import Life, outcome
from service.orders.receipt import Opening
from service.orders.steps import Ended, Restated, Standing, Step, Where

# members of an enum are looked up by a function call in 3.11: these stand in the hot path
_FILLED = OrderEnd.FILLED


class Applying(msgspec.Struct, frozen=True, gc=False):
    """What every application needs: the book, when orders can execute, and where in the journal we are."""

    book: Book
    opening: Opening
    where: Where
    unanswered_after: Nanos = Nanos(0)


def ending(to: Applying, life: Life, before: Standing, at: Nanos, end: OrderEnd | None) -> tuple[Step, ...]:
    """End the order when it is filled or `end` says so; state its outcome anew when it had ended and changed."""
    if life.end is None:
        end = _FILLED if life.filled else end
        if end is None:
            return ()
        life.finish(end, at, life.trade_date)
        to.book.unname(life)
        stated = outcome(life, to.where)
        return () if stated is None else (Ended(outcome=stated),)
    late = life.synthesised and end is not None
    if late and end is not None:
        life.finish(end, at, life.trade_date)
    if not (late or life.standing().cumulative != before.cumulative):
        return ()
    return restated(to, life)


def restated(to: Applying, life: Life) -> tuple[Step, ...]:
    """State the outcome of an order that had ended anew."""
    stated = None if life.end is None else outcome(life, to.where)
    return () if stated is None else (Restated(outcome=stated),)


def happened_at(event: AboutOrder, where: Where) -> Nanos:
    """Return when the event happened, as well as it can be known."""
    stamps = event.stamps
    for said in (stamps.executed, stamps.transacted_at, event.header.sent_at):
        if said is not None:
            return said
    return where.clock
