"""Executions of days that memory let go of: found again by ExecID, for a bust or correction that comes late.

Rare, so it may search: a bust names an execution by ExecID alone, and no index leads there without the trade date.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, or_, select

from rules.facts import Level, Nanos, Order, OrderEnd, Quantity
from service.orders.known_execution import StoredEnd, StoredTrade, known_execution, the_one_meant
from service.orders.snapshot import KnownExecution
from service.store.read_back import order_of
from service.store.tables import amendments, executions, order_outcomes


def find_execution(connection: Connection, counterparty: str, exec_id: str, before: int) -> KnownExecution | None:
    """Return the execution that the ExecID led to at an offset < `before`, with the totals of its order."""
    amended = select(amendments.c.execution_id).where(
        amendments.c.counterparty == counterparty, amendments.c.exec_id == exec_id, amendments.c.offset < before
    )
    named = or_(executions.c.exec_id == exec_id, executions.c.execution_id.in_(amended))
    meant = the_one_meant(_trades(connection, counterparty, named, before))
    if meant is None:
        return None
    same = and_(executions.c.order_key == meant.order.order_key, executions.c.order_level == meant.order.level.value)
    if meant.order.level is Level.LEG:
        side = None if meant.order.side is None else meant.order.side.value
        same = and_(same, executions.c.order_symbol == meant.order.symbol, executions.c.order_side == side)
    return known_execution(
        meant, _trades(connection, counterparty, same, before), _end(connection, counterparty, meant.order, before)
    )


def _trades(connection: Connection, counterparty: str, which: ColumnElement[bool], before: int) -> list[StoredTrade]:
    """Return executions, each with the newest of its amendments, in journal order."""
    at = executions.c
    wanted = select(executions).where(at.counterparty == counterparty, at.offset < before, which)
    rows = connection.execute(wanted.order_by(at.offset, at.part)).mappings().all()
    ids = [row["execution_id"] for row in rows]
    newest = amendments.c
    changes = connection.execute(
        select(newest.execution_id, newest.kind, newest.quantity, newest.price, newest.venue)
        .where(newest.execution_id.in_(ids), newest.offset < before)
        .order_by(newest.offset, newest.part)
    )
    changed = {row.execution_id: row for row in changes}
    return [_trade(row, changed.get(row["execution_id"])) for row in rows]


def _trade(row: RowMapping, change: Any) -> StoredTrade:
    corrected = change is not None and change.quantity is not None
    quantity = change.quantity if corrected else row["quantity"]
    return StoredTrade(
        execution_id=row["execution_id"],
        trade_date=row["trade_date"],
        key=row["dedup_key"],
        exec_id=row["exec_id"],
        content_hash=row["content_hash"],
        session=row["session"],
        order=order_of(row),
        quantity=Quantity(0 if change is not None and not corrected else quantity),
        price=change.price if corrected else row["price"],
        venue=change.venue if corrected else row["venue"],
        executed_at=row["executed_at"],
        reported=(row["quantity"], row["price"]),
    )


def _end(connection: Connection, counterparty: str, order: Order, before: int) -> StoredEnd | None:
    at = order_outcomes.c
    newest = (
        select(at.end, at.at, at.trade_date)
        .where(
            at.counterparty == counterparty,
            at.order_key == order.order_key,
            at.order_level == order.level.value,
            at.offset < before,
        )
        .order_by(at.offset.desc(), at.part.desc())
        .limit(1)
    )
    found = connection.execute(newest).first()
    return None if found is None else StoredEnd(OrderEnd(found.end), Nanos(found.at), found.trade_date)
