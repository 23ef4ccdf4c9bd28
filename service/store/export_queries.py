"""The question behind each export: which stored rows, under which names, in which order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, case, func, or_, select

from service.journal import MESSAGE_KINDS, RecordKind
from service.store import tables
from service.store.export_incidents import incidents
from service.store.export_markouts import ORDER, markouts
from service.store.export_not_evaluated import not_evaluated
from service.store.export_orders import orders
from service.store.export_text import day_bounds
from service.store.export_unmatched import unmatched
from service.store.views import execution_states

AMENDED = (
    "quantity",
    "price",
    "venue",
    "price_improvement",
    "effective_spread",
    "quoted_spread",
    "outside_amount",
    "time_to_fill",
    "dollar_harm",
    "not_evaluated_reason",
    "possible_flicker",
)


def executions(day: str | None) -> Select[Any]:
    """Return executions as they stand now: the newest correction's values over the reported ones."""
    made, now = tables.executions, execution_states
    current = [case((now.c.amended, now.c[name]), else_=made.c[name]).label(name) for name in AMENDED]
    reported = [column for column in made.columns if column.name not in AMENDED]
    late = select(tables.requotes.c.offset).where(tables.requotes.c.execution_id == made.c.execution_id)
    query = select(*reported, *current, now.c.state, late.exists().label("requoted")).join_from(
        made, now, and_(now.c.offset == made.c.offset, now.c.part == made.c.part)
    )
    return of_day(query, made, day).order_by(made.c.offset, made.c.part)


def requotes(day: str | None) -> Select[Any]:
    """Return what late quotes made of decisions, and of the facts that were judged by them."""
    made = tables.requotes
    return of_day(select(made), made, day).order_by(made.c.offset, made.c.part)


def finding_quotes(day: str | None) -> Select[Any]:
    """Return the quotes that are kept with findings, in the order in which these were made."""
    kept, found = tables.finding_quotes, tables.findings
    about = ("offset", "counterparty", "session", "trade_date", "rule", "subject", "at")
    query = select(kept, *(found.c[name] for name in about)).join_from(
        kept, found, found.c.finding_id == kept.c.finding_id
    )
    query = query.order_by(found.c.seq)
    return query if day is None else query.where(found.c.trade_date == day)


def own_orders(day: str | None) -> Select[Any]:
    """Return the firm's own orders, replaces and cancels as they came."""
    told = tables.own_orders
    return of_day(select(told), told, day).order_by(told.c.offset, told.c.part)


def fades(day: str | None) -> Select[Any]:
    """Return how the market moved between the first child of each parent and its later ones."""
    moved = tables.fades
    return of_day(select(moved), moved, day).order_by(moved.c.offset, moved.c.part)


def exceptions(day: str | None) -> Select[Any]:
    """Return the cases, in the order in which they were opened."""
    query = select(tables.cases).order_by(tables.cases.c.case_id)
    return query if day is None else query.where(tables.cases.c.trade_date == day)


def messages(day: str | None) -> Select[Any]:
    """Return the inbound messages with what became of them; of a day, those that may belong to it."""
    came, became = tables.journal, tables.message_outcomes
    backfilled = came.c.kind == RecordKind.BACKFILL.value
    query = (
        select(
            *(came.c[name] for name in ("offset", "counterparty", "session", "epoch")),
            # when a file was read is no receipt
            case((backfilled, None), else_=came.c.received_at).label("received_at"),
            backfilled.label("backfilled"),
            came.c.body.label("raw"),
            *(became.c[name] for name in ("outcome", "sequence", "reason", "trade_date")),
        )
        .join_from(came, became, became.c.offset == came.c.offset, isouter=True)
        .where(came.c.kind.in_([kind.value for kind in MESSAGE_KINDS]))
        .order_by(came.c.offset)
    )
    return query if day is None else query.where(_maybe_of_day(day))


def statements(day: str | None) -> Select[Any]:
    """Return the statements as links of their chain."""
    query = select(tables.statements).order_by(tables.statements.c.seq)
    return query if day is None else query.where(tables.statements.c.trade_date == day)


def register_changes(day: str | None) -> Select[Any]:
    """Return who changed what of which venue's approvals."""
    made = tables.register_changes
    return of_day(select(made), made, day).order_by(made.c.offset, made.c.part)


QUERIES: dict[str, Callable[[str | None], Select[Any]]] = {
    "executions": executions,
    "quality": executions,
    "markouts": lambda day: of_day(markouts(), tables.executions, day),
    "quality_after": lambda day: of_day(markouts(*ORDER), tables.executions, day),
    "orders": orders,
    "requotes": requotes,
    "finding_quotes": finding_quotes,
    "own_orders": own_orders,
    "fades": fades,
    "unmatched": unmatched,
    "not_evaluated": not_evaluated,
    "exceptions": exceptions,
    "incidents": incidents,
    "messages": messages,
    "statements": statements,
    "register_changes": register_changes,
}


def of_day(query: Select[Any], table: Table, day: str | None) -> Select[Any]:
    """Keep the rows of a day; the range of its offsets lets the primary key give them in order without a sort."""
    if day is None:
        return query
    ends = select(func.min(table.c.offset), func.max(table.c.offset)).where(table.c.trade_date == day).subquery()
    first, last = (select(column).scalar_subquery() for column in ends.columns)
    return query.where(table.c.offset.between(first, last), func.coalesce(table.c.trade_date, "") == day)


def _maybe_of_day(day: str) -> ColumnElement[bool]:
    came, became = tables.journal, tables.message_outcomes
    first, after = day_bounds(day)
    unstamped = or_(came.c.received_at.is_(None), came.c.kind == RecordKind.BACKFILL.value)
    received = or_(unstamped, and_(came.c.received_at >= first, came.c.received_at < after))
    return or_(became.c.trade_date == day, and_(became.c.trade_date.is_(None), received))
