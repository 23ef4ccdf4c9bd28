"""Reads what a counterparty's copy of a day shows of orders: fills alone, or also what was not filled."""

from __future__ import annotations

from sqlalchemy import Connection, func, or_, select

from service.statements.day import Copy
from service.store import tables

made, changed, own = tables.executions, tables.order_events, tables.own_orders


def copy_of(connection: Connection, counterparty: str, day: str) -> Copy:
    """Return what the copy shows; an order that was acknowledged on an earlier day counts where it traded on this."""
    mine = (made.c.counterparty == counterparty, made.c.trade_date == day)
    traded = select(made.c.order_key).where(*mine)
    shown = select(changed.c.offset).where(
        changed.c.counterparty == counterparty, or_(changed.c.trade_date == day, changed.c.order_key.in_(traded))
    )
    ours = select(own.c.offset).where(own.c.trade_date == day, own.c.vendor == counterparty)
    return Copy(
        executions=int(connection.execute(select(func.count()).select_from(made).where(*mine)).scalar_one()),
        shows_orders=connection.execute(shown.limit(1)).first() is not None,
        own_orders=connection.execute(ours.limit(1)).first() is not None,
    )
