"""The documented columns of each export, in order: from which stored cell each comes and as what text. Pure.

EXPORT_SCHEMA goes up when a column is renamed, removed or changes its meaning; a new column at the end keeps it.
Prices, measures and dollars are exact decimal texts in dollars (a share, `dollar_harm` in all), quantities and sizes
exact decimal texts in shares, `time_to_fill` seconds with nine digits, times ISO 8601 in UTC with nanoseconds; what is
not known is null. When an execution was corrected, its quantity, price, venue and measures are the corrected ones. The
`raw` of a message is byte for byte a character (latin-1), SOH as U+0001. `quotes` is a JSON list in one text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rules.placement import Placement
from service.store.export_quality import KEY, decimal
from service.store.export_quality_after import PARTS
from service.store.export_text import (
    iso_utc,
    plain_dollars,
    plain_doubled,
    plain_half_dollars,
    plain_seconds,
    plain_shares,
    quotes_text,
    raw_text,
)

EXPORT_SCHEMA = 1

Text = Callable[[Any], object]
Columns = dict[str, Text]


def same(value: Any) -> object:
    """Return the value as it is."""
    return value


def _quote(prefix: str) -> Columns:
    return {
        f"{prefix}_bid": plain_dollars,
        f"{prefix}_bid_size": plain_shares,
        f"{prefix}_offer": plain_dollars,
        f"{prefix}_offer_size": plain_shares,
        f"{prefix}_quote_at": iso_utc,
        f"{prefix}_quote_state": same,
    }


def _same(*names: str) -> Columns:
    return dict.fromkeys(names, same)


_PLACE = _same("schema", "offset", "counterparty", "session", "trade_date")

EXECUTIONS: Columns = {
    **_PLACE,
    **_same("exec_id", "order_id", "cl_ord_id", "parent_id", "level", "account", "symbol", "side"),
    "quantity": plain_shares,
    "price": plain_dollars,
    **_same("order_type", "time_in_force"),
    "limit_price": plain_dollars,
    **_same("held", "capacity", "liquidity", "fees", "venue", "venue_raw"),
    "executed_at": iso_utc,
    "received_at": iso_utc,
    "state": same,
    **_quote("receipt"),
    **_quote("execution"),
    "price_improvement": plain_dollars,
    "effective_spread": plain_dollars,
    "quoted_spread": plain_dollars,
    "outside_amount": plain_dollars,
    **_same("exempt_reason", "not_evaluated_reason"),
    "dollar_harm": plain_dollars,
    "time_to_fill": plain_seconds,
    **_same("execution_id", "order_key", "uncertain", "backfilled"),
    "firm_received_at": iso_utc,
    **_same("placement", "receipt_placement"),
    "beyond_displayed": plain_shares,
    **_same("possible_flicker", "order_class", "route"),
    **dict.fromkeys(("fee", "net_price", "net_improvement"), plain_dollars),
    **_same("shares_bucket", "dollars_bucket", "time_bucket", "fee_source"),
    **_same("quote_source", "compared_source"),
    "bid_apart": plain_dollars,
    "offer_apart": plain_dollars,
    "quote_lag": plain_seconds,
    "requoted": same,
}

QUALITY_AFTER: Columns = {
    **_same("schema", *KEY),
    "horizon": plain_seconds,
    **_same("marks", "not_evaluated", "past_close"),
    "shares": plain_shares,
    **{
        column: text
        for part, name in PARTS.items()
        for column, text in (
            (f"{part}_shares", plain_shares),
            (f"{part}_amount", decimal),
            (f"average_{name}", decimal),
        )
    },
    **dict.fromkeys(("average_markout", "average_reversion"), decimal),
}

MARKOUTS: Columns = {
    **_PLACE,
    **_same("execution_id", "exec_id", "order_key", "level", "symbol", "side"),
    "quantity": plain_shares,
    "price": plain_dollars,
    "venue": same,
    "executed_at": iso_utc,
    "state": same,
    "horizon": plain_seconds,
    "at": iso_utc,
    "past_close": same,
    **_quote("mark"),
    "mark_quote_note": same,
    "realized_spread": plain_dollars,
    "price_impact": plain_dollars,
    "delay_cost": plain_dollars,
    "post_trade_impact": plain_dollars,
    "markout": plain_half_dollars,
    "reversion": plain_half_dollars,
    "not_evaluated_reason": same,
    "mark_offset": same,
    "source_mark": iso_utc,
    "released": same,
}

ORDERS: Columns = {
    **_PLACE,
    **_same("order_key", "order_id", "cl_ord_id", "parent_id", "level", "account", "symbol", "side"),
    "quantity": plain_shares,
    **_same("order_type", "time_in_force"),
    "limit_price": plain_dollars,
    "stop_price": plain_dollars,
    **_same("held", "directed", "capacity", "marketable"),
    "received_at": iso_utc,
    "working_at": iso_utc,
    **_quote("receipt"),
    "state": same,
    "ended_at": iso_utc,
    "executed": plain_shares,
    "average_price": plain_dollars,
    **_same("venue", "synthesised"),
    "firm_received_at": iso_utc,
    **_same("order_class", "route", "shares_bucket", "dollars_bucket"),
    "fill_ratio": decimal,
    "arrival_slippage": decimal,
    "arrival_slippage_dollars": plain_doubled,
    **_same("arrival_reason", "venue_shares"),
    **dict.fromkeys(("pending_time", "working_time", "held_time"), plain_seconds),
    "dollar_harm": plain_dollars,
    **_quote("end"),
    "end_quote_note": same,
    "shortfall": decimal,
    "shortfall_dollars": plain_doubled,
    "shortfall_reason": same,
}

FADES: Columns = {
    **_PLACE,
    **_same("parent_id", "symbol", "side", "first_key"),
    "first_at": iso_utc,
    **_quote("first"),
    "later_key": same,
    "later_at": iso_utc,
    "after": plain_seconds,
    **_quote("later"),
    "touch_move": plain_dollars,
    "size_move": plain_shares,
    "not_evaluated_reason": same,
    "baseline_at": iso_utc,
    **_quote("baseline"),
    "baseline_touch_move": plain_dollars,
    "baseline_size_move": plain_shares,
    "baseline_reason": same,
    "touch_beyond": plain_dollars,
    "size_beyond": plain_shares,
    "source_mark": iso_utc,
    "released": same,
}

PARENTS: Columns = {
    **_PLACE,
    **_same("order_key", "order_id", "cl_ord_id", "level", "account", "symbol", "side"),
    "quantity": plain_shares,
    **_same("state", "children", "counted"),
    "executed": plain_shares,
    **dict.fromkeys(("fill_ratio", "average_price"), decimal),
    **_same("venue_shares", "executions", "not_evaluated"),
    "dollar_harm": plain_dollars,
    **dict.fromkeys(("received_at", "firm_received_at", "ended_at"), iso_utc),
    "receipt_at_whom": same,
    **_quote("receipt"),
    "arrival_slippage": decimal,
    "arrival_slippage_dollars": plain_doubled,
    "arrival_reason": same,
    **dict.fromkeys(("first_child_after", "last_child_after"), plain_seconds),
    "child_clocks": same,
}

QUALITY: Columns = {
    **_same("schema", *KEY, "executions", "not_evaluated"),
    **dict.fromkeys(("shares", "measured_shares", "improved_shares"), plain_shares),
    **dict.fromkeys(("improved_amount", "improved_time"), decimal),
    "at_quote_shares": plain_shares,
    "at_quote_time": decimal,
    "disimproved_shares": plain_shares,
    **dict.fromkeys(("disimproved_amount", "disimproved_time"), decimal),
    **dict.fromkeys(("effective_amount", "quoted_amount", "midpoint_amount"), decimal),
    **dict.fromkeys(("average_effective_spread", "average_quoted_spread", "effective_over_quoted"), decimal),
    **dict.fromkeys(("average_improvement", "net_improvement_ratio", "spread_capture", "execution_speed"), decimal),
    **{f"{place.value}_shares": plain_shares for place in Placement},
    "outside_amount": decimal,
    "beyond_displayed_shares": plain_shares,
    **dict.fromkeys(("dollar_harm", "fee"), plain_dollars),
    "fee_shares": plain_shares,
    **dict.fromkeys(("average_fee", "average_net_improvement"), decimal),
}

REQUOTES: Columns = {
    **_PLACE,
    **_same("kind", "decided_offset", "order_key", "execution_id"),
    "at": iso_utc,
    "reason": same,
    **_quote("receipt"),
    **_quote("execution"),
    "marketable": same,
    "price_improvement": plain_dollars,
    "effective_spread": plain_dollars,
    "quoted_spread": plain_dollars,
    "outside_amount": plain_dollars,
    **_same("not_evaluated_reason", "possible_flicker"),
    "dollar_harm": plain_dollars,
    "time_to_fill": plain_seconds,
}

FINDING_QUOTES: Columns = {
    **_PLACE,
    **_same("finding_id", "rule", "subject", "symbol"),
    "at": iso_utc,
    "begin_at": iso_utc,
    "end_at": iso_utc,
    **_same("complete", "reason"),
    "quotes": quotes_text,
}

OWN_ORDERS: Columns = {
    **_PLACE,
    **_same("vendor", "kind", "cl_ord_id", "previous_id"),
    "at": iso_utc,
    **_same("account", "desk", "client", "symbol", "side", "order_type", "time_in_force"),
    "limit_price": plain_dollars,
    "stop_price": plain_dollars,
    "quantity": plain_shares,
    **_same("held", "directed", "capacity", "order_key", "backfilled"),
    "received_at": iso_utc,
    "route": same,
}

UNMATCHED: Columns = {
    **_PLACE,
    **_same("whose", "why", "own_id", "order_key", "cl_ord_id", "account", "symbol", "side"),
    "ordered_shares": plain_shares,
    "executed_shares": plain_shares,
    "sent_at": iso_utc,
}

NOT_EVALUATED: Columns = {
    **_same("schema", "trade_date", "counterparty", "level", "symbol", "venue", "quote_source", "reason", "executions"),
    "shares": plain_shares,
    "of_executions": same,
    "of_shares": plain_shares,
}

EXCEPTIONS: Columns = {
    **_same("schema", "case_id", "counterparty", "session", "trade_date", "rule", "severity", "state", "cause"),
    "sentence": same,
    "opened_at": iso_utc,
    "updated_at": iso_utc,
    "closed_at": iso_utc,
    "first_at": iso_utc,
    "last_at": iso_utc,
    "finding_count": same,
    "dollar_harm": plain_dollars,
    **_same("symbol", "venue", "assignee", "uncertain_count", "withdrawn_count"),
}

MESSAGES: Columns = {
    **_same("schema", "offset", "counterparty", "session", "trade_date", "epoch", "sequence", "outcome", "reason"),
    "received_at": iso_utc,
    "raw": raw_text,
    "backfilled": same,
}

STATEMENTS: Columns = {
    **_same("schema", "seq", "kind", "counterparty", "session", "trade_date", "state"),
    "at": iso_utc,
    "actor": same,
    "body": bytes.decode,
    "prev_hash": bytes.hex,
    "hash": bytes.hex,
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
    "messages": MESSAGES,
    "statements": STATEMENTS,
}


def shown(columns: Columns, row: Mapping[str, Any]) -> dict[str, object]:
    """Return one row as the export shows it: every column, null where nothing is known."""
    return {name: None if row[name] is None else text(row[name]) for name, text in columns.items()}
