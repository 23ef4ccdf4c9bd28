"""The tables of what supervisors lay down: shelvings of a scope, decisions over many cases, who answers for a day.

Units and shared columns are told in tables.py, where every table is imported from.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from service.store.columns import Big, blob, flag, metadata, number, words

shelvings = Table(
    "shelvings",
    metadata,
    Column("shelving_id", Big, primary_key=True, autoincrement=True),
    *(words(name) for name in ("rule", "venue", "symbol", "counterparty", "cause")),
    *(words(name, nullable=False) for name in ("actor", "why")),
    *(number(name, nullable=False) for name in ("begins_at", "until")),
    number("ended_at"),
    words("ended_by"),
    Index(None, "until"),
    sqlite_autoincrement=True,
    comment="Scopes shelved for a bounded time; a null names nothing. What each hid: `shelving_id` of cases.",
)

bulks = Table(
    "bulks",
    metadata,
    Column("bulk_id", Text, primary_key=True),
    words("action", nullable=False),
    *(blob(name, nullable=False) for name in ("actor", "given", "case_ids", "refused")),
    *(number(name, nullable=False) for name in ("created_at", "taken", "acted")),
    number("finished_at"),
    comment="One decision over many cases: JSON of who, what goes with it and which; `taken` are behind it by now.",
)

saved_views = Table(
    "saved_views",
    metadata,
    Column("view_id", Big, primary_key=True, autoincrement=True),
    *(words(name, nullable=False) for name in ("owner", "name", "query")),
    flag("shared", nullable=False),
    number("at", nullable=False),
    Index(None, "owner"),
    sqlite_autoincrement=True,
    comment="Filters of the queue that people keep, for themselves or for the firm; `owner` as names are compared.",
)

principals = Table(
    "principals",
    metadata,
    Column("seq", Big, primary_key=True, autoincrement=True),
    *(words(name, nullable=False) for name in ("trade_date", "principal", "deputies", "actor", "note")),
    number("at", nullable=False),
    Index(None, "trade_date", "seq"),
    sqlite_autoincrement=True,
    comment="Who answers for a trade date and who covers (JSON list); appended, the newest of a date counts.",
)
