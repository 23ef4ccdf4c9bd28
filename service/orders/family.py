"""What a report of the vendor means for the firm's own orders: an answer, a confirmed replace, a child's shares. Pure.

A child is an order whose parent id names an own order. The parent counts its children's shares only where it was told
more by them than by reports of its own: each share once, never both. Where the vendor's dialect gives parents and
children one level, an own order that turns out to have children is a parent.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from rules.facts import Level, Nanos, OrderEventKind
from service.fix.events import Execution, OrderEvent
from service.orders.ending import Applying, ending, happened_at
from service.orders.firm import Request, Tally, added
from service.orders.firm_shelf import FirmShelf
from service.orders.life import Life, said_of
from service.orders.steps import Answered, Step
from service.orders.terms import hush

_PENDING = (OrderEventKind.PENDING_NEW, OrderEventKind.PENDING_REPLACE, OrderEventKind.PENDING_CANCEL)
_ACKNOWLEDGES = (OrderEventKind.PENDING_NEW, OrderEventKind.NEW)
_ASKING = (OrderEventKind.PENDING_REPLACE, OrderEventKind.PENDING_CANCEL)
_OF_THE_PARENT = ("account", "desk", "client", "held", "route")


def confirmed(life: Life | None, event: Execution | OrderEvent) -> Request | None:
    """Return the replace of the firm's that the report confirms: it came under its id and asks for nothing."""
    if life is None or life.firm is None or not life.firm.requests:
        return None
    if isinstance(event, OrderEvent) and event.kind in _PENDING:
        return None
    return next((one for one in life.firm.requests if one.own_id == event.ids.own_id), None)


def heard(to: Applying, life: Life, event: Execution | OrderEvent) -> tuple[Step, ...]:
    """Note what the report says of own orders, before it is counted; return the answers that it is."""
    firm = to.book.firm
    assert firm is not None
    ids, of_own_level = event.ids, event.terms.level is firm.level
    if isinstance(event, OrderEvent):
        firm.acknowledges = firm.acknowledges or event.kind in _ACKNOWLEDGES
    else:
        firm.fills = True
    steps: list[Step] = []
    if ids.parent_id is not None and life.under is None and (life.firm is None or life.firm.own_id is None):
        steps += _find_parent(to, firm, life, ids.parent_id, event)
    if of_own_level and life.under is None:
        asking = isinstance(event, OrderEvent) and event.kind in _ASKING
        if ids.own_id is not None and not asking:
            firm.by_id[ids.own_id] = life
        if life.firm is not None:
            if not life.firm.direct:
                life.firm.direct = True
                life.order = msgspec.structs.replace(life.order, order_key=ids.order_key)
                steps += adopt_children(to, life, ids.order_key)
            steps += _answered(to, firm, life, event)
    return tuple(steps)


def adopt_children(to: Applying, parent: Life, name: str) -> tuple[Step, ...]:
    """Let the children that named an order before it was known be its children."""
    firm = to.book.firm
    assert firm is not None
    before = parent.standing()
    children = firm.children.pop(name, ())
    for child in children:
        _adopt(parent, child)
    if not children:
        return ()
    at = to.where.clock if parent.firm is None or parent.firm.sent_at is None else parent.firm.sent_at
    return ending(to, parent, before, at, None)


def rolled_up(to: Applying, child: Life, changes: Iterable[tuple[int, int, str]], at: Nanos) -> tuple[Step, ...]:
    """Let the parent count what its child counts: shares, price and venue of each change."""
    firm = to.book.firm
    assert firm is not None
    assert child.under is not None
    parent = firm.by_id.get(child.under)
    if parent is None or parent.firm is None or parent.firm.children is None:
        return ()  # it ended on a day that memory let go of
    before = parent.standing()
    for quantity, price, venue in changes:
        parent.firm.children.count(quantity, price, venue)
    return ending(to, parent, before, at, None)


def _find_parent(
    to: Applying, firm: FirmShelf, child: Life, name: str, event: Execution | OrderEvent
) -> tuple[Step, ...]:
    parent = firm.by_id.get(name) or to.book.shelf(firm.level).by_key.get(name)
    if parent is child:
        return ()
    if parent is None or parent.firm is None or parent.firm.own_id is None:
        waiting = firm.children.setdefault(name, [])
        if not any(one is child for one in waiting):
            waiting.append(child)
        return ()
    _adopt(parent, child)
    return _answered(to, firm, parent, event)


def _adopt(parent: Life, child: Life) -> None:
    """Fill in what the child's reports were silent about, and count what it executed so far."""
    assert parent.firm is not None
    child.under, tally = parent.firm.own_id, parent.firm.children or Tally()
    parent.firm.children = tally
    silent = {name: value for name in _OF_THE_PARENT if (value := getattr(parent.order, name)) is not None}
    news = {name: value for name, value in silent.items() if getattr(child.order, name) is None}
    directed = child.order.directed or parent.order.directed
    child.order = msgspec.structs.replace(child.order, **news, directed=directed)
    hush(child)
    tally.executed += child.executed
    tally.notional += child.notional
    for venue, quantity in child.by_venue:
        tally.by_venue = added(tally.by_venue, venue, quantity)
    if parent.order.level is child.order.level and not parent.executed:
        parent.order = msgspec.structs.replace(parent.order, level=Level.PARENT)


def _answered(to: Applying, firm: FirmShelf, life: Life, event: Execution | OrderEvent) -> tuple[Step, ...]:
    """Say that the vendor spoke of an own order, when it is the first time."""
    ours = life.firm
    if ours is None or ours.answered:
        return ()
    ours.answered = True
    assert ours.own_id is not None
    firm.waiting.pop(ours.own_id, None)
    at, related = happened_at(event, to.where), (to.where.offset, ours.offset)
    return (Answered(**said_of(to.where.counterparty, life, at, *related), late=bool(ours.told)),)
