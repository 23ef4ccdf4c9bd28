"""The documented columns of each export, in order: from which stored cell each comes and as what text. Pure.

EXPORT_SCHEMA goes up when a column is renamed, removed or changes its meaning; a new column at the end keeps it.
Prices, measures and dollars are exact decimal texts in dollars (a share, `dollar_harm` in all), quantities and sizes
exact decimal texts in shares, `time_to_fill` seconds with nine digits, times ISO 8601 in UTC with nanoseconds; what is
not known is null. When an execution was corrected, its quantity, price, venue and measures are the corrected ones. The
`raw` of a message is byte for byte a character (latin-1), SOH as U+0001. `quotes`, `rules` and
`case_ids` are JSON lists in one text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.store.export_columns_market import (
    FADES,
    FINDING_QUOTES,
    MARKOUTS,
    NOT_EVALUATED,
    QUALITY,
    QUALITY_AFTER,
    REQUOTES,
)
from service.store.export_kinds import PLACE, Columns, as_they_are, quote_columns, same
from service.store.export_quality import decimal
from service.store.export_text import (
    iso_utc,
    plain_dollars,
    plain_doubled,
    plain_seconds,
    plain_shares,
    raw_text,
)

EXPORT_SCHEMA = 1


EXECUTIONS: Columns = {
    **PLACE,
    **as_they_are("exec_id", "order_id", "cl_ord_id", "parent_id", "level", "account", "symbol", "side"),
    "quantity": plain_shares,
    "price": plain_dollars,
    **as_they_are("order_type", "time_in_force"),
    "limit_price": plain_dollars,
    **as_they_are("held", "capacity", "liquidity", "fees", "venue", "venue_raw"),
    "executed_at": iso_utc,
    "received_at": iso_utc,
    "state": same,
    **quote_columns("receipt"),
    **quote_columns("execution"),
    "price_improvement": plain_dollars,
    "effective_spread": plain_dollars,
    "quoted_spread": plain_dollars,
    "outside_amount": plain_dollars,
    **as_they_are("exempt_reason", "not_evaluated_reason"),
    "dollar_harm": plain_dollars,
    "time_to_fill": plain_seconds,
    **as_they_are("execution_id", "order_key", "uncertain", "backfilled"),
    "firm_received_at": iso_utc,
    **as_they_are("placement", "receipt_placement"),
    "beyond_displayed": plain_shares,
    **as_they_are("possible_flicker", "order_class", "route"),
    **dict.fromkeys(("fee", "net_price", "net_improvement"), plain_dollars),
    **as_they_are("shares_bucket", "dollars_bucket", "time_bucket", "fee_source"),
    **as_they_are("quote_source", "compared_source"),
    "bid_apart": plain_dollars,
    "offer_apart": plain_dollars,
    "quote_lag": plain_seconds,
    **as_they_are("requoted", "session_of_day"),
}


ORDERS: Columns = {
    **PLACE,
    **as_they_are("order_key", "order_id", "cl_ord_id", "parent_id", "level", "account", "symbol", "side"),
    "quantity": plain_shares,
    **as_they_are("order_type", "time_in_force"),
    "limit_price": plain_dollars,
    "stop_price": plain_dollars,
    **as_they_are("held", "directed", "capacity", "marketable"),
    "received_at": iso_utc,
    "working_at": iso_utc,
    **quote_columns("receipt"),
    "state": same,
    "ended_at": iso_utc,
    "executed": plain_shares,
    "average_price": plain_dollars,
    **as_they_are("venue", "synthesised"),
    "firm_received_at": iso_utc,
    **as_they_are("order_class", "route", "shares_bucket", "dollars_bucket"),
    "fill_ratio": decimal,
    "arrival_slippage": decimal,
    "arrival_slippage_dollars": plain_doubled,
    **as_they_are("arrival_reason", "venue_shares"),
    **dict.fromkeys(("pending_time", "working_time", "held_time"), plain_seconds),
    "dollar_harm": plain_dollars,
    **quote_columns("end"),
    "end_quote_note": same,
    "shortfall": decimal,
    "shortfall_dollars": plain_doubled,
    **as_they_are("shortfall_reason", "session_of_day"),
}


PARENTS: Columns = {
    **PLACE,
    **as_they_are("order_key", "order_id", "cl_ord_id", "level", "account", "symbol", "side"),
    "quantity": plain_shares,
    **as_they_are("state", "children", "counted"),
    "executed": plain_shares,
    **dict.fromkeys(("fill_ratio", "average_price"), decimal),
    **as_they_are("venue_shares", "executions", "not_evaluated"),
    "dollar_harm": plain_dollars,
    **dict.fromkeys(("received_at", "firm_received_at", "ended_at"), iso_utc),
    "receipt_at_whom": same,
    **quote_columns("receipt"),
    "arrival_slippage": decimal,
    "arrival_slippage_dollars": plain_doubled,
    "arrival_reason": same,
    **dict.fromkeys(("first_child_after", "last_child_after"), plain_seconds),
    "child_clocks": same,
}


OWN_ORDERS: Columns = {
    **PLACE,
    **as_they_are("vendor", "kind", "cl_ord_id", "previous_id"),
    "at": iso_utc,
    **as_they_are("account", "desk", "client", "symbol", "side", "order_type", "time_in_force"),
    "limit_price": plain_dollars,
    "stop_price": plain_dollars,
    "quantity": plain_shares,
    **as_they_are("held", "directed", "capacity", "order_key", "backfilled"),
    "received_at": iso_utc,
    "route": same,
}

UNMATCHED: Columns = {
    **PLACE,
    **as_they_are("whose", "why", "own_id", "order_key", "cl_ord_id", "account", "symbol", "side"),
    "ordered_shares": plain_shares,
    "executed_shares": plain_shares,
    "sent_at": iso_utc,
}


EXCEPTIONS: Columns = {
    **as_they_are("schema", "case_id"),
    "counterparty": lambda name: name or None,
    **as_they_are("session", "trade_date", "rule", "severity", "state", "cause", "sentence"),
    "opened_at": iso_utc,
    "updated_at": iso_utc,
    "closed_at": iso_utc,
    "first_at": iso_utc,
    "last_at": iso_utc,
    "finding_count": same,
    "dollar_harm": plain_dollars,
    **as_they_are("symbol", "venue", "assignee", "uncertain_count", "withdrawn_count", "incident_id"),
    **as_they_are("reason", "counts_as", "proposed_by", "escalated_to", "ticket"),
    "acknowledged_at": iso_utc,
    "shelved_until": iso_utc,
    "resolved_at": iso_utc,
}

INCIDENTS: Columns = {
    **as_they_are("schema", "incident_id", "trade_date", "kind", "subject", "severity"),
    **dict.fromkeys(("opened_at", "first_at", "last_at"), iso_utc),
    **as_they_are("rules", "exceptions", "waiting", "finding_count"),
    "dollar_harm": plain_dollars,
    "case_ids": same,
}

MESSAGES: Columns = {
    **as_they_are(
        "schema", "offset", "counterparty", "session", "trade_date", "epoch", "sequence", "outcome", "reason"
    ),
    "received_at": iso_utc,
    "raw": raw_text,
    "backfilled": same,
}

STATEMENTS: Columns = {
    **as_they_are("schema", "seq", "kind", "counterparty", "session", "trade_date", "state"),
    "at": iso_utc,
    "actor": same,
    "body": bytes.decode,
    "prev_hash": bytes.hex,
    "hash": bytes.hex,
}

REGISTER_CHANGES: Columns = {
    **PLACE,
    **as_they_are("venue", "change", "proposer", "approver", "why", "proposal"),
    **dict.fromkeys(("effective", "received_at"), iso_utc),
    **dict.fromkeys(("before", "after"), bytes.decode),
}

EXPORTS: dict[str, Columns] = {
    "executions": EXECUTIONS,
    "quality": QUALITY,
    "markouts": MARKOUTS,
    "quality_after": QUALITY_AFTER,
    "orders": ORDERS,
    "requotes": REQUOTES,
    "finding_quotes": FINDING_QUOTES,
    "parents": PARENTS,
    "fades": FADES,
    "own_orders": OWN_ORDERS,
    "unmatched": UNMATCHED,
    "not_evaluated": NOT_EVALUATED,
    "exceptions": EXCEPTIONS,
    "incidents": INCIDENTS,
    "messages": MESSAGES,
    "statements": STATEMENTS,
    "register_changes": REGISTER_CHANGES,
}


def shown(columns: Columns, row: Mapping[str, Any]) -> dict[str, object]:
    """Return one row as the export shows it: every column, null where nothing is known."""
    return {name: None if row[name] is None else text(row[name]) for name, text in columns.items()}
