"""Which symbols of a day's executions the quotes did not know, out of the store."""

from __future__ import annotations

import msgspec
from sqlalchemy import and_, case, func, select

from service.store.engine import Database
from service.store.tables import executions
from service.unmatched import NO_STOCK, UNKNOWN


class UnmatchedSymbols(msgspec.Struct, frozen=True, kw_only=True):
    """The executions of a day, and (counterparty, symbol, executions) of every symbol without quotes, most first.

    `others` counts, by the note of their quote, the executions in what is no stock or trades nothing.
    """

    executions: int
    symbols: tuple[tuple[str, str, int], ...]
    others: tuple[tuple[str, int], ...] = ()


def unmatched_symbols(database: Database, day: str) -> UnmatchedSymbols:
    """Return what the quotes did not know of the executions of a trade date."""
    made = executions.c
    unknown = and_(made.execution_quote_state == "absent", made.execution_quote_note == UNKNOWN)
    without = func.sum(case((unknown, 1), else_=0))
    query = (
        select(made.counterparty, made.symbol, func.count(), without)
        .where(made.trade_date == day)
        .group_by(made.counterparty, made.symbol)
        .order_by(without.desc(), made.counterparty, made.symbol)
    )
    other = and_(made.execution_quote_state == "absent", made.execution_quote_note.in_(NO_STOCK))
    by_note = (
        select(made.execution_quote_note, func.count())
        .where(made.trade_date == day, other)
        .group_by(made.execution_quote_note)
        .order_by(func.count().desc(), made.execution_quote_note)
    )
    with database.reading() as connection:
        rows = connection.execute(query).all()
        others = tuple((note, count) for note, count in connection.execute(by_note))
    return UnmatchedSymbols(
        executions=sum(count for _, _, count, _ in rows),
        symbols=tuple((party, symbol, missing) for party, symbol, _, missing in rows if missing),
        others=others,
    )
