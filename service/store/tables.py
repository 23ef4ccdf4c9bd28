"""Every table of the store (design.md §7), as SQLAlchemy Core; what a column means is said here and nowhere else.

Units are those of rules.facts: prices, measures and dollars in 1e-9 dollars, quantities in 1e-6 shares, times in UTC
nanoseconds, all in BIGINT columns. `trade_date` is YYYY-MM-DD in New York. `offset` is the journal offset of the
record that made the row, `part` tells apart the rows that one offset made. Facts are inserted, never updated; what
changes one is a row of its own that names it.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text, text

from service.store.access_tables import access_log as access_log
from service.store.access_tables import api_tokens as api_tokens
from service.store.access_tables import logins as logins
from service.store.access_tables import users as users
from service.store.audit_tables import sealed_heads as sealed_heads
from service.store.audit_tables import seals as seals
from service.store.columns import Big, blob, key, metadata, number, words
from service.store.desk_tables import bulks as bulks
from service.store.desk_tables import principals as principals
from service.store.desk_tables import saved_views as saved_views
from service.store.desk_tables import shelvings as shelvings
from service.store.fact_tables import amendments as amendments
from service.store.fact_tables import end_marks as end_marks
from service.store.fact_tables import executions as executions
from service.store.fact_tables import fades as fades
from service.store.fact_tables import feed_events as feed_events
from service.store.fact_tables import markouts as markouts
from service.store.fact_tables import message_outcomes as message_outcomes
from service.store.fact_tables import order_events as order_events
from service.store.fact_tables import order_outcomes as order_outcomes
from service.store.fact_tables import own_orders as own_orders
from service.store.fact_tables import register_changes as register_changes
from service.store.fact_tables import requotes as requotes
from service.store.work_tables import case_events as case_events
from service.store.work_tables import case_findings as case_findings
from service.store.work_tables import case_words as case_words
from service.store.work_tables import cases as cases
from service.store.work_tables import finding_quotes as finding_quotes
from service.store.work_tables import findings as findings
from service.store.work_tables import incidents as incidents
from service.store.work_tables import outbox as outbox
from service.store.work_tables import reassessments as reassessments

# --- what came ---

journal = Table(
    "journal",
    metadata,
    key("offset"),
    words("kind", nullable=False),
    *(words(name, nullable=False) for name in ("counterparty", "session", "epoch")),
    number("received_at"),
    blob("body", nullable=False),
    Index(
        "ix_journal_backfill",
        "counterparty",
        "session",
        "offset",
        sqlite_where=text("kind = 'backfill'"),
        postgresql_where=text("kind = 'backfill'"),
    ),
    Index("ix_journal_file", "offset", sqlite_where=text("kind = 'file'"), postgresql_where=text("kind = 'file'")),
    comment="Everything that can change a finding, in the one order in which the core reads it; never updated.",
)

session_points = Table(
    "session_points",
    metadata,
    *(Column(name, Text, primary_key=True) for name in ("counterparty", "session", "epoch")),
    number("expected", nullable=False),
    number("turn", nullable=False),
    comment="Per epoch: every message below `expected` is in the journal. The highest `turn` is the newest.",
)

# --- what the watch states about a day ---

not_evaluated = Table(
    "not_evaluated",
    metadata,
    *(Column(name, Text, primary_key=True) for name in ("trade_date", "rule", "reason")),
    number("count", nullable=False),
    comment="How many facts of a trade date each rule did not evaluate, and why; added up with every batch.",
)

statements = Table(
    "statements",
    metadata,
    key("seq"),
    *(words(name, nullable=False) for name in ("kind", "counterparty", "session", "trade_date", "state")),
    number("at", nullable=False),
    words("actor"),
    blob("body", nullable=False),
    *(blob(name, nullable=False) for name in ("prev_hash", "hash")),
    Index(None, "trade_date", "kind"),
    comment="Certificates of completeness, readiness, closes of day and signatures under them: one chain, append-only.",
)

# --- the house's own bookkeeping ---

offsets = Table(
    "offsets",
    metadata,
    Column("name", Text, primary_key=True),
    number("value", nullable=False),
    comment="How far each reader has come: `processed` (journal offset), `caseworker` (findings.seq).",
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("schema", Text, primary_key=True),
    key("offset"),
    blob("state", nullable=False),
    words("day"),
    comment="The core's state after an offset; a cache of what the journal says, so old ones are dropped.",
)

versions = Table(
    "versions",
    metadata,
    key("offset"),
    *(words(name, nullable=False) for name in ("kind", "name", "hash")),
    number("activated_at"),
    Index(None, "kind", "name"),
    comment="Where in the journal each version of rulebook, register, dialect, calendar and limits came into force.",
)

proposal_events = Table(
    "proposal_events",
    metadata,
    key("seq"),
    *(number(name, nullable=False) for name in ("proposal", "at")),
    *(words(name, nullable=False) for name in ("actor", "state")),
    *(blob(name, nullable=False) for name in ("body", "prev_hash", "hash")),
    comment="What people and the daemon did with proposals of versions: one chain, append-only.",
)

proposal_backtests = Table(
    "proposal_backtests",
    metadata,
    Column("seq", Big, primary_key=True, autoincrement=True),
    number("proposal", nullable=False),
    *(words(name, nullable=False) for name in ("asked_by", "days", "state")),
    *(number(name, nullable=False) for name in ("begun_at", "beat_at", "done")),
    number("ended_at"),
    *(words(name) for name in ("ended_by", "why", "digest")),
    blob("body"),
    Index(None, "proposal", "seq"),
    Index(None, "state"),
    sqlite_autoincrement=True,
    comment="Backtests of proposals: over which days (JSON list), and what came of each (`body`, by its `digest`).",
)
