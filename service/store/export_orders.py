"""The question behind `export orders`: one row per order and trade date, from all the facts that name it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, Table, and_, case, cast, func, literal, select, union, union_all

from rules.facts import Level
from service.store import tables
from service.store.columns import Big, order
from service.store.views import execution_states

FACTS = (tables.order_events, tables.executions, tables.order_outcomes)
"""Of one offset, a later kind knows more of the order."""
SHOWN = {
    "order_level": "level",
    "order_symbol": "symbol",
    "order_side": "side",
    "order_quantity": "quantity",
    "order_received_at": "received_at",
}
IDENTITY = ("trade_date", "counterparty", "order_key", "apart")
"""An order's key is of its level only; the legs of one package share a key and are apart by symbol and side."""
_QUOTE = ("bid", "bid_size", "offer", "offer_size", "quote_at", "quote_state", "quote_note")
_OF_A_MARK = ("trade_date", "counterparty", "order_key", "level", "ended_at")
_ENDED = (
    "ordered",
    "average_price",
    "venue",
    "synthesised",
    "notional",
    "venues",
    "venue_shares",
    "pending_time",
    "working_time",
    "held_time",
    "session_of_day",
)


def orders(day: str | None) -> Select[Any]:
    """Return each order's newest terms, how it ended ("open" while it has not), and what was executed of it."""
    known, ended, filled, marked = _known(day), _ended(day), _filled(day), _marked(day)
    wanted = [column for column in known.columns if column.name not in {"first", "newest", "offset", "apart"}]
    end = [ended.c[name] for name in ("ended_at", *_ENDED) if name != "ordered"]
    return (
        select(
            *wanted,
            *end,
            known.c.first.label("offset"),
            func.coalesce(ended.c.state, "open").label("state"),
            func.coalesce(ended.c.executed, filled.c.executed, 0).label("executed"),
            func.coalesce(ended.c.ordered, known.c.quantity).label("ordered"),
            filled.c.dollar_harm,
            ended.c.clock.label("ended_clock"),
            *(marked.c[f"mark_{name}"].label(f"end_{name}") for name in _QUOTE),
        )
        .select_from(known)
        .join(ended, and_(_same_order(known, ended), ended.c.newest == 1), isouter=True)
        .join(filled, _same_order(known, filled), isouter=True)
        .join(marked, _marks(marked, known, ended), isouter=True)
        .where(known.c.newest == 1)
        .order_by(known.c.first, known.c.order_key)
    )


def names(day: str | None) -> Select[Any]:
    """Return every id that each order of the day ever had."""
    reported = [
        select(
            *(fact.c[name] for name in ("trade_date", "counterparty", "order_key")),
            fact.c.order_level.label("level"),
            fact.c.order_id,
            fact.c.cl_ord_id,
        ).where(_on(fact.c.trade_date, day))
        for fact in FACTS
    ]
    return select(union(*reported).subquery("names"))


def _known(day: str | None) -> CTE:
    """Return every fact of each order with its first offset, numbered from the newest."""
    place = ("offset", "part", "counterparty", "session", "trade_date")
    terms = [column.name for column in order()]
    facts = union_all(
        *(
            select(
                *(fact.c[name] for name in place),
                literal(rank).label("rank"),
                _apart(fact).label("apart"),
                *(fact.c[name].label(SHOWN.get(name, name)) for name in terms),
            ).where(_on(fact.c.trade_date, day))
            for rank, fact in enumerate(FACTS)
        )
    ).cte("facts")
    own = [facts.c[name] for name in IDENTITY]
    newest = func.row_number().over(
        partition_by=own, order_by=(facts.c.offset.desc(), facts.c.rank.desc(), facts.c.part.desc())
    )
    first = func.min(facts.c.offset).over(partition_by=own)
    return select(facts, first.label("first"), newest.label("newest")).cte("known")


def _ended(day: str | None) -> CTE:
    """Return every end of each order, numbered from the newest."""
    end = tables.order_outcomes
    own = _identity(end)
    newest = func.row_number().over(partition_by=own, order_by=(end.c.offset.desc(), end.c.part.desc()))
    shown = (end.c.executed, end.c.clock, *(end.c[name] for name in _ENDED))
    named = (end.c.end.label("state"), end.c.at.label("ended_at"), newest.label("newest"))
    return select(*own, *shown, *named).where(_on(end.c.trade_date, day)).cte("ended")


def _marked(day: str | None) -> CTE:
    """Return the quotes at the ends of orders, numbered from the newest of each end."""
    mark = tables.end_marks
    own = [mark.c[name] for name in _OF_A_MARK]
    newest = func.row_number().over(partition_by=own, order_by=(mark.c.offset.desc(), mark.c.part.desc()))
    quote = (mark.c[f"mark_{name}"] for name in _QUOTE)
    return select(*own, *quote, newest.label("newest")).where(_on(mark.c.trade_date, day)).cte("marked")


def _marks(marked: CTE, known: CTE, ended: CTE) -> ColumnElement[bool]:
    """Return whether the quote is that of the order's end as it was last stated."""
    same = (marked.c[name] == known.c[name] for name in _OF_A_MARK[:-1])
    return and_(*same, marked.c.ended_at == ended.c.ended_at, marked.c.newest == 1)


def _filled(day: str | None) -> CTE:
    """Return the shares and the harm of each order's executions that stand."""
    made, now = tables.executions, execution_states
    own = _identity(made)
    shares, harm = (
        cast(func.sum(case((now.c.amended, now.c[name]), else_=made.c[name])), Big)
        for name in ("quantity", "dollar_harm")
    )
    return (
        select(*own, shares.label("executed"), harm.label("dollar_harm"))
        .join_from(made, now, and_(now.c.offset == made.c.offset, now.c.part == made.c.part))
        .where(now.c.state != "busted", _on(made.c.trade_date, day))
        .group_by(*own)
        .cte("filled")
    )


def _apart(fact: Table) -> ColumnElement[str]:
    level, symbol, side = fact.c.order_level, fact.c.order_symbol, fact.c.order_side
    return case((level == Level.LEG.value, level + " " + symbol + " " + func.coalesce(side, "")), else_=level)


def _identity(fact: Table) -> list[ColumnElement[Any]]:
    return [*(fact.c[name] for name in IDENTITY[:-1]), _apart(fact).label("apart")]


def _same_order(one: CTE, other: CTE) -> ColumnElement[bool]:
    return and_(*(one.c[name] == other.c[name] for name in IDENTITY))


def _on(trade_date: ColumnElement[str], day: str | None) -> ColumnElement[bool]:
    return literal(value=True) if day is None else trade_date == day
