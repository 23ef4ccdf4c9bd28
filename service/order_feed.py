"""What a step of the ledger means for the watch itself: conflict, overfill, orphan and hidden fill as feed events."""

from __future__ import annotations

from rules.facts import FeedEvent, FeedEventKind, Nanos
from service.fix.events import Execution, Reported
from service.order_steps import Changed, Conflict, OrphanOverdue, Overfilled, Step, Where

Detail = dict[str, str | int | None]


def feed_event(step: Step, event: Reported | None, where: Where, trade_date: str) -> FeedEvent | None:
    """Return the feed event that the step is, None for most steps.

    `event` is what was applied (None for a tick), `where` and `trade_date` those of the record in hand.
    """
    at = _at(event, where)
    if isinstance(step, Conflict):
        detail: Detail = {"key": step.key, "exec_id": step.event.exec_id, "order_key": step.event.ids.order_key}
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
    if isinstance(step, Changed) and isinstance(step.event, Execution) and step.event.order_event is not None:
        detail = {
            "exec_id": step.event.exec_id,
            "order_key": step.order.order_key,
            "order_event": step.event.order_event.value,
            "shares": step.event.quantity,
        }
        subject = step.event.exec_id or step.order.order_key
        return _stated(FeedEventKind.HIDDEN_FILL, subject, at, detail, where, trade_date)
    return None


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


def _at(event: Reported | None, where: Where) -> Nanos:
    if event is None:
        return where.clock
    stamps = event.stamps
    return stamps.executed or stamps.transacted_at or event.header.sent_at or where.clock
