"""The kinds of column the tables are made of, and the groups of them that several tables share.

Refuses to name a table: tables.py does.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, MetaData, Text

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)

Big = BigInteger().with_variant(Integer(), "sqlite")
"""64 bits on both; SQLite makes a primary key of it the row id only when it is spelt INTEGER."""


def key(name: str) -> Column[int]:
    """Return the column of a primary key whose values are ours, not the database's."""
    return Column(name, Big, primary_key=True, autoincrement=False)


def number(name: str, *, nullable: bool = True) -> Column[int]:
    """Return a column of 64-bit integers."""
    return Column(name, Big, nullable=nullable)


def words(name: str, *, nullable: bool = True) -> Column[str]:
    """Return a column of text."""
    return Column(name, Text, nullable=nullable)


def flag(name: str, *, nullable: bool = True) -> Column[bool]:
    """Return a column of true or false."""
    return Column(name, Boolean, nullable=nullable)


def blob(name: str, *, nullable: bool = True) -> Column[bytes]:
    """Return a column of bytes."""
    return Column(name, LargeBinary, nullable=nullable)


def whose() -> list[Column[str]]:
    """Return whose a fact is and of which trade date."""
    return [words(name, nullable=False) for name in ("counterparty", "session", "trade_date")]


def fact() -> list[Column[int]]:
    """Return where a fact stands in the journal, and our two clocks for it (rules.facts.Fact)."""
    return [key("offset"), key("part"), number("received_at"), number("clock", nullable=False)]


def quote(prefix: str) -> list[Column[int] | Column[str]]:
    """Return the columns of one reference quote (rules.facts.Quote)."""
    numbers = [number(f"{prefix}_{name}") for name in ("bid", "bid_size", "offer", "offer_size", "quote_at")]
    return [*numbers, words(f"{prefix}_quote_state", nullable=False), words(f"{prefix}_quote_note")]


def order() -> list[Column[int] | Column[str] | Column[bool]]:
    """Return the columns of the order as the ledger knew it (rules.facts.Order)."""
    return [
        words("order_key", nullable=False),
        *(words(name) for name in ("order_id", "cl_ord_id", "parent_id")),
        words("order_level", nullable=False),
        *(words(name) for name in ("account", "desk", "client")),
        words("order_symbol", nullable=False),
        words("order_side"),
        words("order_type", nullable=False),
        words("time_in_force", nullable=False),
        *(number(name) for name in ("limit_price", "stop_price", "order_quantity")),
        flag("held"),
        flag("directed", nullable=False),
        words("capacity"),
        *(number(name) for name in ("order_received_at", "working_at")),
        flag("marketable"),
        *quote("receipt"),
        number("firm_received_at"),
        words("route"),
    ]


def measures() -> list[Column[int] | Column[str] | Column[bool]]:
    """Return the columns of the numbers of one execution (rules.facts.Measures)."""
    names = ("price_improvement", "effective_spread", "quoted_spread", "outside_amount", "time_to_fill", "dollar_harm")
    return [*(number(name) for name in names), words("not_evaluated_reason"), flag("possible_flicker")]
