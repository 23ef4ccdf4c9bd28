"""What each kind of event does to one counterparty's book, step by step.

Pure. The ledger has already told duplicates from news; here the news is applied, and what follows from it is said.
"""

from __future__ import annotations

from rules.facts import OrderEventKind, Price, Quantity, Quote
from service.fix.events import Bust, Correction, Execution, OrderEvent, Reported
from service.orders import answers
from service.orders.chain import Trade, amend, link
from service.orders.claims import claimed, void
from service.orders.ending import Applying, ending, happened_at
from service.orders.family import confirmed, rolled_up
from service.orders.family import heard as heard_of
from service.orders.index import Day, Hit
from service.orders.life import Life, end_of
from service.orders.spells import turned
from service.orders.steps import (
    Busted,
    Changed,
    Corrected,
    Overfilled,
    Standing,
    Step,
    Traded,
    Where,
)
from service.orders.terms import began, learn, receive


def execution_id(counterparty: str, trade_date: str, key: str) -> str:
    """Return the id of an execution, the same in every replay; a key that begins with its date says it once."""
    return f"{counterparty}/{trade_date}/{key.removeprefix(f'{trade_date}|')}"


def trade(to: Applying, day: Day, key: str, event: Execution, receipt: Quote | None) -> tuple[Step, ...]:
    """Add an execution to its order, apply the order event that it hides and the amendments that waited for it."""
    life, before, heard = _order(to, event, receipt)
    stamps = event.stamps
    added = Trade(
        key=key,
        content_hash=event.content_hash,
        life=life,
        quantity=event.quantity,
        price=event.price,
        venue=event.venue,
        executed_at=stamps.transacted_at if stamps.executed is None else stamps.executed,
    )
    day.trades[key] = added
    life.count(event.quantity, event.price, event.venue)
    name = execution_id(to.where.counterparty, event.trade_date, key)
    after = life.standing()
    steps: list[Step] = [Traded(execution_id=name, key=key, event=event, order=life.order, before=before, after=after)]
    if event.order_event is not None:
        steps += _hidden(to, life, event, event.order_event, after)
    if event.exec_id is not None:
        day.refer(event.exec_id, added)
        if to.book.orphans:
            steps += _adopt(to, event.exec_id)
    if life.overfilled:
        steps.append(_overfilled(life, name))
    if life.under is not None:
        steps += rolled_up(to, life, [(event.quantity, event.price, event.venue)], happened_at(event, to.where))
    steps += answers.traded(to, life, event)
    if event.claimed_cumulative is not None:
        steps += claimed(to, life, event)
    return (*steps, *heard, *_ending(to, life, before, event, event.order_event))


def change(to: Applying, key: str, event: OrderEvent, receipt: Quote | None) -> tuple[Step, ...]:
    """Apply an order event to its order."""
    life, before, heard = _order(to, event, receipt)
    if event.venue is not None:
        life.event_venue = event.venue
    answers.asked(to, life, event)
    said, late = answers.answer(to, life, event.kind, event)
    claims = claimed(to, life, event)
    ended = _ending(to, life, before, event, event.kind)
    after, venue = life.standing(), life.event_venue
    changed = Changed(key=key, event=event, order=life.order, before=before, after=after, venue=venue, answer=said)
    return (changed, *claims, *heard, *late, *ended)


def refuse(to: Applying, life: Life, key: str, event: OrderEvent) -> tuple[Step, ...]:
    """Apply a reject of a cancel or replace: it says nothing of the order but that this was refused."""
    said, late = answers.answer(to, life, event.kind, event)
    before, venue = life.standing(), life.event_venue
    changed = Changed(key=key, event=event, order=life.order, before=before, after=before, venue=venue, answer=said)
    return (changed, *late)


def hang(to: Applying, hit: Hit, key: str, event: Bust | Correction) -> tuple[Step, ...]:
    """Apply a bust or correction, and those that waited for it, to the trade that it hit."""
    life = hit.trade.life
    before = life.standing()
    name = execution_id(to.where.counterparty, hit.trade_date, hit.trade.key)
    steps = _amend(to, hit, key, event, to.where)
    if life.overfilled and life.executed > before.cumulative:
        steps.append(_overfilled(life, name))
    return (*steps, *_ending(to, life, before, event, None))


def _order(
    to: Applying, event: Execution | OrderEvent, receipt: Quote | None
) -> tuple[Life, Standing, tuple[Step, ...]]:
    """Return the order of the event with what the event says of it, how it stood before, and whom it answers."""
    found = to.book.find(event)
    life = began(event, to.where) if found is None else found.life
    before = life.standing()
    joined = found is not None and found.joined
    if found is None or not found.by_key or event.ids.cl_ord_id != life.order.cl_ord_id:
        to.book.name(life, event)
    learn(life, event, to.opening, joined=joined, request=confirmed(life, event))
    if receipt is not None:
        receive(life, receipt, to.opening)
    life.spells = turned(life.spells, life.order, event, triggered=life.triggered_at is not None)
    life.session = to.where.session
    life.trade_date = max(life.trade_date, event.trade_date)
    return life, before, () if to.book.firm is None else heard_of(to, life, event)


def _hidden(to: Applying, life: Life, event: Execution, kind: OrderEventKind, standing: Standing) -> tuple[Step, ...]:
    """Apply the order event that hid an execution."""
    said, late = answers.answer(to, life, kind, event)
    changed = Changed(
        key=None, event=event, order=life.order, before=standing, after=standing, venue=event.venue, answer=said
    )
    return (changed, *late)


def _amend(to: Applying, hit: Hit, key: str, event: Bust | Correction, where: Where) -> list[Step]:
    trade, life = hit.trade, hit.trade.life
    before, was_quantity, was_price, was_venue = life.standing(), trade.quantity, trade.price, trade.venue
    amend(trade, link(event, trade))
    void(to.book, life)
    kind = Busted if isinstance(event, Bust) else Corrected
    steps: list[Step] = [
        kind(
            execution_id=execution_id(to.where.counterparty, hit.trade_date, trade.key),
            key=key,
            event=event,  # type: ignore[arg-type]  # the kind was chosen by the event's own
            where=where,
            order=life.order,
            before=before,
            after=life.standing(),
            live=trade.quantity != 0,
            quantity=Quantity(trade.quantity),
            price=Price(trade.price),
            venue=trade.venue,
            was_quantity=Quantity(was_quantity),
            was_price=Price(was_price),
            executed_at=trade.executed_at,
        )
    ]
    if life.under is not None:
        changes = [(-was_quantity, was_price, was_venue), (trade.quantity, trade.price, trade.venue)]
        steps += rolled_up(to, life, changes, happened_at(event, where))
    if event.exec_id is not None:
        to.book.days[hit.trade_date].refer(event.exec_id, trade)
        steps += _adopt(to, event.exec_id)
    return steps


def _adopt(to: Applying, exec_id: str) -> list[Step]:
    """Apply the busts and corrections that waited for this ExecID, as far as they mean what it leads to."""
    steps: list[Step] = []
    for orphan in to.book.orphans.pop(exec_id, ()):
        hit = to.book.trade(orphan.event)
        if hit is None:
            to.book.orphans.setdefault(exec_id, []).append(orphan)
        else:
            steps += _amend(to, hit, orphan.key, orphan.event, orphan.where)
    return steps


def _ending(
    to: Applying, life: Life, before: Standing, event: Reported, kind: OrderEventKind | None
) -> tuple[Step, ...]:
    """End the order when it is filled or the event ends it; state its outcome anew when it had ended and changed."""
    asked = event.by_customer or (life.firm is not None and life.firm.cancel_asked)
    end = None if kind is None else end_of(life.order, kind, by_customer=asked)
    if end is None and life.end is None and not life.filled:
        return ()  # the usual message
    return ending(to, life, before, happened_at(event, to.where), end)


def _overfilled(life: Life, name: str) -> Overfilled:
    assert life.order.quantity is not None
    return Overfilled(
        execution_id=name,
        order=life.order,
        ordered=life.order.quantity,
        cumulative=Quantity(life.executed),
    )
