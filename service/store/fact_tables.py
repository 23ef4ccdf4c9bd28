"""The tables of the facts that the journal came to: executions, orders, what amends them, what the watch saw of itself.

Units and shared columns are told in tables.py, where every table is imported from.
"""

from __future__ import annotations

from sqlalchemy import Index, Table, UniqueConstraint

from service.store.columns import blob, fact, flag, key, measures, metadata, number, order, quote, whose, words

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
    number("worst_touch"),
    number("fee"),
    blob("decision", nullable=False),
    *(words(name) for name in ("quote_source", "compared_source")),
    *(number(name) for name in ("bid_apart", "offer_apart", "quote_lag")),
    words("session_of_day"),
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
    words("session_of_day"),
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
    blob("decision"),
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
    words("notional"),  # outgrows 64 bits
    blob("venue_shares"),
    *(number(name) for name in ("pending_time", "working_time", "held_time")),
    words("session_of_day"),
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

requotes = Table(
    "requotes",
    metadata,
    key("offset"),
    key("part"),
    *whose(),
    words("kind", nullable=False),
    number("decided_offset", nullable=False),
    *(words(name) for name in ("order_key", "execution_id")),
    *quote("receipt"),
    *quote("execution"),
    flag("marketable"),
    *measures(),
    number("worst_touch"),
    number("at", nullable=False),
    words("reason", nullable=False),
    blob("decision"),
    Index(None, "decided_offset"),
    Index(None, "execution_id"),
    comment="What late quotes made of a decision, and of each execution and order's end that was judged by it.",
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
    words("route"),
    blob("decision"),
    UniqueConstraint("trade_date", "counterparty", "dedup_key"),
    Index(None, "trade_date", "vendor", "cl_ord_id"),
    comment="The firm's own orders, replaces and cancels (35=D, G, F) as they came; `vendor` is who was to get them.",
)

end_marks = Table(
    "end_marks",
    metadata,
    key("offset"),
    key("part"),
    *whose(),
    *(words(name, nullable=False) for name in ("order_key", "level", "symbol")),
    *(number(name, nullable=False) for name in ("ended_at", "at")),
    flag("past_close", nullable=False),
    *quote("mark"),
    number("source_mark", nullable=False),
    words("released", nullable=False),
    Index(None, "trade_date", "order_key"),
    comment="Where the market stood when orders ended with shares unexecuted, at the record that took it.",
)

fades = Table(
    "fades",
    metadata,
    key("offset"),
    key("part"),
    *whose(),
    *(words(name, nullable=False) for name in ("parent_id", "symbol", "side")),
    words("first_key", nullable=False),
    number("first_at", nullable=False),
    *quote("first"),
    words("later_key", nullable=False),
    number("later_at", nullable=False),
    *quote("later"),
    number("baseline_at", nullable=False),
    *quote("mark"),
    number("source_mark"),
    words("released"),
    comment="Quotes at a parent's first child, at a later one, and (mark) as long before the first.",
)

markouts = Table(
    "markouts",
    metadata,
    key("offset"),
    key("part"),
    *whose(),
    words("execution_id", nullable=False),
    *(number(name, nullable=False) for name in ("execution_offset", "horizon", "at")),
    flag("past_close", nullable=False),
    number("price", nullable=False),
    *quote("mark"),
    *(number(name) for name in ("realized_spread", "price_impact", "delay_cost", "post_trade_impact")),
    words("not_evaluated_reason"),
    number("source_mark", nullable=False),
    words("released", nullable=False),
    Index(None, "execution_offset"),
    comment="Where the market stood after executions: one row per execution and horizon, at the record that took it.",
)

register_changes = Table(
    "register_changes",
    metadata,
    *fact(),
    *whose(),
    *(words(name, nullable=False) for name in ("venue", "change")),
    *(blob(name, nullable=False) for name in ("before", "after")),
    *(words(name, nullable=False) for name in ("proposer", "approver", "why")),
    *(number(name) for name in ("proposal", "effective")),
    Index(None, "counterparty", "venue"),
    comment="Each venue that a version of a counterparty's register changed; the approvals before and after as JSON.",
)
