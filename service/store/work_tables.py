"""The tables of what was found and of the work that people have with it: findings, second looks, cases, their alerts.

Units and shared columns are told in tables.py, where every table is imported from.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, Text, UniqueConstraint, text

from service.store.columns import Big, blob, flag, key, metadata, number, whose, words

reassessments = Table(
    "reassessments",
    metadata,
    key("seq"),
    number("offset", nullable=False),
    *whose(),
    words("finding_id", nullable=False),
    *(words(name, nullable=False) for name in ("rule", "verdict", "reason", "missing")),
    number("at", nullable=False),
    blob("body"),
    words("why"),
    UniqueConstraint("finding_id", "offset"),
    Index(None, "trade_date"),
    comment="Second looks at findings: stands, changed (`body` is it now), withdrawn, unresolved. No `why`: messages.",
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
    Index(None, "offset"),
    comment="`seq` is the order of commitment (the caseworker's cursor); `body` is the Finding as canonical JSON.",
)

finding_quotes = Table(
    "finding_quotes",
    metadata,
    Column("finding_id", Text, primary_key=True),
    words("symbol", nullable=False),
    *(number(name, nullable=False) for name in ("begin_at", "end_at")),
    flag("complete", nullable=False),
    words("reason", nullable=False),
    blob("quotes", nullable=False),
    comment="The quotes around the execution of a finding; `quotes`: [at, bid, size, offer, size, market] as JSON.",
)

OPEN = text("state <> 'closed'")
"""Work that is not done: thousands at most, however many are closed."""

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
    number("incident_seq"),
    number("incident_id"),
    words("desks"),
    words("before_state"),
    number("shelving_id"),
    *(number(name) for name in ("acknowledged_at", "waiting_since", "running_since", "ran")),
    *(number(name) for name in ("vendor_since", "vendor_ran", "resolved_at", "due_at")),
    flag("overdue"),
    *(words(name) for name in ("ticket", "escalated_to", "proposed_by", "reason", "counts_as")),
    *(words(name) for name in ("touched_by", "touched_kind")),
    *(number(name) for name in ("touched_at", "touched_n", "gravity", "sla_at")),
    Index("ix_cases_open", "gravity", "last_at", "case_id", sqlite_where=OPEN, postgresql_where=OPEN),
    *(Index(None, name, "case_id") for name in ("rule", "venue", "symbol")),
    Index(None, "due_at"),
    Index(None, "shelving_id"),
    Index(None, "incident_seq", "incident_id"),
    Index(None, "incident_id"),
    Index(None, "state", "updated_at", "head_n"),
    Index(None, "rule", "cause", "trade_date"),
    Index(None, "trade_date"),
    sqlite_autoincrement=True,
    comment="The current state of each case, re-creatable from case_events; `head_*` is the newest link of its chain.",
)

case_words = Table(
    "case_words",
    metadata,
    Column("word", Text, primary_key=True),
    Column("case_id", Big, ForeignKey("cases.case_id"), primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
    comment="The words by which a case is found again: ids, accounts, tickets, what people wrote (cases/telling.py).",
)

incidents = Table(
    "incidents",
    metadata,
    key("seq"),
    Column("incident_id", Big, unique=True),
    *(words(name, nullable=False) for name in ("kind", "subject", "trade_date")),
    *(number(name, nullable=False) for name in ("first_at", "last_at")),
    number("opened_at"),
    *(words(name, nullable=False) for name in ("rules", "symbols")),
    flag("linking", nullable=False),
    Index(None, "trade_date", "kind", "subject", "last_at"),
    Index("ix_incidents_linking", "seq", sqlite_where=text("linking"), postgresql_where=text("linking")),
    comment="One trouble of one span; an incident, with its number, once several rules found it. JSON lists of names.",
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
    Column("case_id", Big, ForeignKey("cases.case_id")),
    number("n", nullable=False),
    words("idempotency_key", nullable=False),
    *(words(name, nullable=False) for name in ("rule", "severity")),
    blob("body", nullable=False),
    number("created_at", nullable=False),
    number("not_before"),
    number("attempts", nullable=False),
    words("error"),
    number("sent_at"),
    *(words(name) for name in ("decision", "reason", "topic")),
    number("dead_at"),
    *(words(name) for name in ("route", "by")),
    UniqueConstraint("channel", "idempotency_key"),
    Index("ix_outbox_case_id", "case_id"),
    Index(
        "ix_outbox_waiting",
        *("channel", "case_id", "outbox_id"),
        sqlite_where=text("sent_at IS NULL AND dead_at IS NULL"),
        postgresql_where=text("sent_at IS NULL AND dead_at IS NULL"),
    ),
    Index(
        "ix_outbox_dead",
        *("channel", "outbox_id"),
        sqlite_where=text("sent_at IS NULL AND dead_at IS NOT NULL"),
        postgresql_where=text("sent_at IS NULL AND dead_at IS NOT NULL"),
    ),
    Index(
        "ix_outbox_sent",
        *("channel", "decision", "sent_at"),
        sqlite_where=text("sent_at IS NOT NULL"),
        postgresql_where=text("sent_at IS NOT NULL"),
    ),
    sqlite_autoincrement=True,
    comment="Waiting while sent_at is null, dead where dead_at is not; decision, reason and route are of send time.",
)
