"""Every table of the store (design.md §7), as SQLAlchemy Core; what a column means is said here and nowhere else.

Units are those of rules.facts: prices, measures and dollars in 1e-9 dollars, quantities in 1e-6 shares, times in UTC
nanoseconds, all in BIGINT columns. `trade_date` is YYYY-MM-DD in New York. `offset` is the journal offset of the
record that made the row, `part` tells apart the rows that one offset made. Facts are inserted, never updated; what
changes one is a row of its own that names it.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, Text, UniqueConstraint, text

from service.store.columns import Big, blob, fact, flag, key, measures, metadata, number, order, quote, whose, words

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

# --- what it came to: facts ---

message_outcomes = Table(
    "message_outcomes",
    metadata,
    key("offset"),
    words("outcome", nullable=False),
    number("sequence"),
    words("reason"),
    words("trade_date"),
    comment="What became of each inbound message; `trade_date` where a fact of the same offset has one.",
)

executions = Table(
    "executions",
    metadata,
    *fact(),
    *whose(),
    *(words(name, nullable=False) for name in ("execution_id", "exec_id", "dedup_key")),
    blob("content_hash", nullable=False),
    *order(),
    *(words(name, nullable=False) for name in ("level", "symbol", "side")),
    *(number(name, nullable=False) for name in ("quantity", "price")),
    *(words(name, nullable=False) for name in ("venue", "book")),
    *(words(name) for name in ("venue_raw", "liquidity", "fees")),
    flag("auction", nullable=False),
    words("exempt_reason"),
    *(number(name, nullable=False) for name in ("executed_at", "executed_at_digits")),
    number("sent_at"),
    number("cumulative", nullable=False),
    *quote("execution"),
    *measures(),
    *(flag(name, nullable=False) for name in ("regular_hours", "resent")),
    *(words(name) for name in ("clock_suspect", "amends")),
    *(flag(name, nullable=False) for name in ("uncertain", "backfilled")),
    number("declared_delay"),
    blob("decision", nullable=False),
    UniqueConstraint("trade_date", "counterparty", "dedup_key"),
    Index(None, "trade_date", "order_key"),
    comment="One row per execution as it was reported; `decision` is service.processed.Decision as JSON.",
)

order_events = Table(
    "order_events",
    metadata,
    *fact(),
    *whose(),
    words("kind", nullable=False),
    number("at", nullable=False),
    words("reason"),
    *(words(name) for name in ("exec_id", "dedup_key")),
    blob("content_hash", nullable=False),
    *order(),
    blob("decision"),
    UniqueConstraint("trade_date", "counterparty", "dedup_key"),
    Index(None, "trade_date", "order_key"),
    comment="One row per change of an order's state, with the order as the ledger knew it after the change.",
)

amendments = Table(
    "amendments",
    metadata,
    key("offset"),
    key("part"),
    *whose(),
    *(words(name, nullable=False) for name in ("execution_id", "kind")),
    *(words(name) for name in ("exec_id", "dedup_key")),
    blob("content_hash", nullable=False),
    number("at", nullable=False),
    *(number(name) for name in ("quantity", "price")),
    words("venue"),
    flag("measured", nullable=False),
    *measures(),
    UniqueConstraint("trade_date", "counterparty", "dedup_key"),
    Index(None, "execution_id"),
    comment="Busts and corrections: each names the execution it changes; `measured` says whether it measured.",
)

order_outcomes = Table(
    "order_outcomes",
    metadata,
    *fact(),
    *whose(),
    words("end", nullable=False),
    *(number(name, nullable=False) for name in ("at", "ordered", "executed")),
    number("average_price"),
    words("venue", nullable=False),
    blob("venues", nullable=False),
    flag("synthesised", nullable=False),
    *order(),
    Index(None, "trade_date", "order_key"),
    comment="One row per order at its end: the denominators of every fill rate; `venues` is a JSON list.",
)

feed_events = Table(
    "feed_events",
    metadata,
    *fact(),
    *whose(),
    *(words(name, nullable=False) for name in ("kind", "subject")),
    number("at", nullable=False),
    *(blob(name, nullable=False) for name in ("detail", "related")),
    comment="What the watch said about its own sight; `detail` is a JSON object, `related` a JSON list of offsets.",
)

own_orders = Table(
    "own_orders",
    metadata,
    *fact(),
    *whose(),
    *(words(name, nullable=False) for name in ("vendor", "kind", "cl_ord_id")),
    words("previous_id"),
    number("at", nullable=False),
    *(words(name) for name in ("account", "desk", "client", "symbol", "side", "order_type", "time_in_force")),
    *(number(name) for name in ("limit_price", "stop_price", "quantity")),
    flag("held"),
    flag("directed", nullable=False),
    words("capacity"),
    words("order_key"),
    words("dedup_key", nullable=False),
    blob("content_hash", nullable=False),
    flag("backfilled", nullable=False),
    blob("decision"),
    UniqueConstraint("trade_date", "counterparty", "dedup_key"),
    Index(None, "trade_date", "vendor", "cl_ord_id"),
    comment="The firm's own orders, replaces and cancels (35=D, G, F) as they came; `vendor` is who was to get them.",
)

reassessments = Table(
    "reassessments",
    metadata,
    key("seq"),
    number("offset", nullable=False),
    *whose(),
    Column("finding_id", Text, nullable=False, unique=True),
    *(words(name, nullable=False) for name in ("rule", "verdict", "reason", "missing")),
    number("at", nullable=False),
    blob("body"),
    Index(None, "trade_date"),
    comment="Second looks at uncertain findings: stands, changed (`body` is it now), withdrawn or unresolved.",
)

findings = Table(
    "findings",
    metadata,
    key("seq"),
    Column("finding_id", Text, nullable=False, unique=True),
    number("offset", nullable=False),
    *(words(name, nullable=False) for name in ("rule", "scope", "severity")),
    *whose(),
    *(words(name, nullable=False) for name in ("subject", "cause")),
    number("at", nullable=False),
    number("dollar_harm"),
    *(words(name) for name in ("symbol", "venue")),
    blob("body", nullable=False),
    Index(None, "trade_date", "scope"),
    Index(None, "rule", "cause"),
    comment="`seq` is the order of commitment (the caseworker's cursor); `body` is the Finding as canonical JSON.",
)

# --- what people are asked to do: work ---

cases = Table(
    "cases",
    metadata,
    Column("case_id", Big, primary_key=True, autoincrement=True),
    *(words(name, nullable=False) for name in ("rule", "cause", "severity", "state")),
    *whose(),
    *(number(name, nullable=False) for name in ("opened_at", "updated_at", "first_at", "last_at")),
    number("closed_at"),
    number("shelved_until"),
    number("finding_count", nullable=False),
    number("dollar_harm"),
    words("sentence", nullable=False),
    *(words(name) for name in ("symbol", "venue", "assignee")),
    number("head_n", nullable=False),
    blob("head_hash", nullable=False),
    *(number(name, nullable=False) for name in ("uncertain_count", "withdrawn_count")),
    Index(None, "state", "updated_at", "head_n"),
    Index(None, "rule", "cause", "trade_date"),
    Index(None, "trade_date"),
    sqlite_autoincrement=True,
    comment="The current state of each case, re-creatable from case_events; `head_*` is the newest link of its chain.",
)

case_findings = Table(
    "case_findings",
    metadata,
    Column("case_id", Big, ForeignKey("cases.case_id"), primary_key=True, autoincrement=False),
    Column("seq", Big, ForeignKey("findings.seq"), primary_key=True, autoincrement=False),
    UniqueConstraint("seq"),
    comment="Which findings a case holds; a finding is in one case.",
)

case_events = Table(
    "case_events",
    metadata,
    Column("case_id", Big, ForeignKey("cases.case_id"), primary_key=True, autoincrement=False),
    key("n"),
    number("at", nullable=False),
    *(words(name, nullable=False) for name in ("actor", "kind")),
    blob("body", nullable=False),
    *(blob(name, nullable=False) for name in ("prev_hash", "hash")),
    comment="The chained history of each case, n = 1, 2, 3 …; `body` is canonical JSON, appended and never edited.",
)

outbox = Table(
    "outbox",
    metadata,
    Column("outbox_id", Big, primary_key=True, autoincrement=True),
    words("channel", nullable=False),
    Column("case_id", Big, ForeignKey("cases.case_id"), nullable=False),
    number("n", nullable=False),
    words("idempotency_key", nullable=False),
    *(words(name, nullable=False) for name in ("rule", "severity")),
    blob("body", nullable=False),
    number("created_at", nullable=False),
    number("not_before"),
    number("attempts", nullable=False),
    words("error"),
    number("sent_at"),
    *(words(name) for name in ("decision", "reason")),
    UniqueConstraint("channel", "idempotency_key"),
    UniqueConstraint("channel", "case_id", "n"),
    Index(
        "ix_outbox_waiting",
        "outbox_id",
        sqlite_where=text("sent_at IS NULL"),
        postgresql_where=text("sent_at IS NULL"),
    ),
    sqlite_autoincrement=True,
    comment="Alerts waiting while sent_at is null; `decision` (sent, withheld) and its reason are of send time.",
)

# --- what the watch states about a day ---

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
