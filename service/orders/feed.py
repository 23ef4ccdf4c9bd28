"""What a step of the ledger means for the watch itself: conflict, overfill, orphan and hidden fill as feed events."""

from __future__ import annotations

from rules.facts import FeedEvent, FeedEventKind, Nanos
from service.fix.events import AboutOrder, Execution, Reported
from service.orders.answers import SUSPECT
from service.orders.steps import (
    Agreed,
    Answered,
    Changed,
    Conflict,
    Disagreed,
    OrderSaid,
    OrphanOverdue,
    Overfilled,
    Step,
    Unanswered,
    Unknown,
    Unreported,
    Where,
)

Detail = dict[str, str | int | None]


_SAID: dict[type[OrderSaid], FeedEventKind] = {
    Answered: FeedEventKind.ANSWERED_ORDER,
    Unanswered: FeedEventKind.UNANSWERED_ORDER,
    Unreported: FeedEventKind.UNREPORTED_ORDER,
    Unknown: FeedEventKind.UNKNOWN_ORDER,
    Disagreed: FeedEventKind.CUMULATIVE_BREAK,
    Agreed: FeedEventKind.CUMULATIVE_MENDED,
}


def feed_event(step: Step, event: AboutOrder | None, where: Where, trade_date: str) -> FeedEvent | None:
    """Return the feed event that the step is, None for most steps.

    `event` is what was applied (None for a tick), `where` and `trade_date` those of the record in hand.
    """
    if isinstance(step, OrderSaid):
        return None if isinstance(step, Answered) and not step.late else _of_an_order(step, where)
    at = _at(event, where)
    if isinstance(step, Conflict):
        exec_id = step.event.exec_id if isinstance(step.event, Reported) else None
        detail: Detail = {"key": step.key, "exec_id": exec_id, "order_key": step.event.ids.order_key}
        return _stated(FeedEventKind.DUPLICATE_CONFLICT, step.key, at, detail, where, trade_date)
    if isinstance(step, Overfilled):
        detail = {
            "execution_id": step.execution_id,
            "order_key": step.order.order_key,
            "ordered_shares": step.ordered,
            "executed_shares": step.cumulative,
        }
        return _stated(FeedEventKind.OVERFILL, step.execution_id, at, detail, where, trade_date)
    if isinstance(step, OrphanOverdue):
        return _orphan(step, where, trade_date)
    return _of_a_change(step, at, where, trade_date) if isinstance(step, Changed) else None


def _of_a_change(step: Changed, at: Nanos, where: Where, trade_date: str) -> FeedEvent | None:
    """Return that an order event hid a fill, or that its stamps cannot be believed."""
    event, order_key = step.event, step.order.order_key
    subject = event.exec_id or order_key
    detail: Detail = {"exec_id": event.exec_id, "order_key": order_key}
    if isinstance(event, Execution):
        assert event.order_event is not None
        detail |= {"order_event": event.order_event.value, "shares": event.quantity}
        return _stated(FeedEventKind.HIDDEN_FILL, subject, at, detail, where, trade_date)
    why = doubted(step)
    said = detail | {"reason": why}
    return None if why is None else _stated(FeedEventKind.CLOCK_SUSPECT, subject, at, said, where, trade_date)


def doubted(step: Changed) -> str | None:
    """Return which stamp of an order event cannot be believed, None for none."""
    if step.event.stamps.suspect is None and step.answer is not None and step.answer.unknown == SUSPECT:
        return "TransactTime (60) is before that of what it answers"
    return step.event.stamps.suspect


def _of_an_order(step: OrderSaid, where: Where) -> FeedEvent:
    order = step.order
    detail: Detail = {
        "own_id": step.own_id,
        "order_key": order.order_key,
        "cl_ord_id": order.cl_ord_id,
        "symbol": order.symbol or None,
        "side": None if order.side is None else order.side.value,
        "account": order.account,
        "ordered_shares": order.quantity,
        "executed_shares": step.executed,
        "sent_at_ns": order.firm_received_at,
    }
    if isinstance(step, Unreported):
        detail["why"] = step.why
    if isinstance(step, Unanswered | Answered) and step.asked is not None:
        detail["asked"] = step.asked.value
    if isinstance(step, Disagreed | Agreed):
        detail["claimed_shares"] = step.claimed
    return FeedEvent(
        kind=_SAID[type(step)],
        subject=step.own_id or order.order_key,
        at=step.at,
        detail=detail,
        related=tuple(sorted({offset for offset in step.related if offset})),
        offset=where.offset,
        counterparty=step.counterparty,
        session=step.session,
        trade_date=step.trade_date,
        received_at=where.received_at,
        clock=where.clock,
    )


def _orphan(step: OrphanOverdue, where: Where, trade_date: str) -> FeedEvent:
    detail: Detail = {
        "exec_id": step.event.exec_id,
        "refers_to": step.event.refers_to,
        "order_key": step.event.ids.order_key,
        "waiting_since_ns": step.where.clock,
    }
    return FeedEvent(
        kind=FeedEventKind.ORPHAN_BUST,
        subject=step.event.refers_to,
        at=step.due,
        detail=detail,
        related=(step.where.offset,),
        offset=where.offset,
        counterparty=step.where.counterparty,
        session=step.where.session,
        trade_date=trade_date,
        received_at=where.received_at,
        clock=where.clock,
    )


def _stated(kind: FeedEventKind, subject: str, at: Nanos, detail: Detail, where: Where, trade_date: str) -> FeedEvent:
    return FeedEvent(
        kind=kind,
        subject=subject,
        at=at,
        detail=detail,
        related=(where.offset,),
        offset=where.offset,
        counterparty=where.counterparty,
        session=where.session,
        trade_date=trade_date,
        received_at=where.received_at,
        clock=where.clock,
    )


def _at(event: AboutOrder | None, where: Where) -> Nanos:
    if event is None:
        return where.clock
    stamps = event.stamps
    return stamps.executed or stamps.transacted_at or event.header.sent_at or where.clock
