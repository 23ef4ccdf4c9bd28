"""The documented columns of the exports about quality and quotes: averages, marks, late quotes, evidence. Pure."""

from __future__ import annotations

from rules.placement import Placement
from service.store.export_kinds import PLACE, Columns, as_they_are, quote_columns, same
from service.store.export_quality import KEY, decimal
from service.store.export_quality_after import PARTS
from service.store.export_text import (
    iso_utc,
    plain_dollars,
    plain_half_dollars,
    plain_seconds,
    plain_shares,
    quotes_text,
)

QUALITY: Columns = {
    **as_they_are("schema", *KEY, "executions", "not_evaluated"),
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

QUALITY_AFTER: Columns = {
    **as_they_are("schema", *KEY),
    "horizon": plain_seconds,
    **as_they_are("marks", "not_evaluated", "past_close"),
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
    **PLACE,
    **as_they_are("execution_id", "exec_id", "order_key", "level", "symbol", "side"),
    "quantity": plain_shares,
    "price": plain_dollars,
    "venue": same,
    "executed_at": iso_utc,
    "state": same,
    "horizon": plain_seconds,
    "at": iso_utc,
    "past_close": same,
    **quote_columns("mark"),
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

FADES: Columns = {
    **PLACE,
    **as_they_are("parent_id", "symbol", "side", "first_key"),
    "first_at": iso_utc,
    **quote_columns("first"),
    "later_key": same,
    "later_at": iso_utc,
    "after": plain_seconds,
    **quote_columns("later"),
    "touch_move": plain_dollars,
    "size_move": plain_shares,
    "not_evaluated_reason": same,
    "baseline_at": iso_utc,
    **quote_columns("baseline"),
    "baseline_touch_move": plain_dollars,
    "baseline_size_move": plain_shares,
    "baseline_reason": same,
    "touch_beyond": plain_dollars,
    "size_beyond": plain_shares,
    "source_mark": iso_utc,
    "released": same,
}

REQUOTES: Columns = {
    **PLACE,
    **as_they_are("kind", "decided_offset", "order_key", "execution_id"),
    "at": iso_utc,
    "reason": same,
    **quote_columns("receipt"),
    **quote_columns("execution"),
    "marketable": same,
    "price_improvement": plain_dollars,
    "effective_spread": plain_dollars,
    "quoted_spread": plain_dollars,
    "outside_amount": plain_dollars,
    **as_they_are("not_evaluated_reason", "possible_flicker"),
    "dollar_harm": plain_dollars,
    "time_to_fill": plain_seconds,
}

FINDING_QUOTES: Columns = {
    **PLACE,
    **as_they_are("finding_id", "rule", "subject", "symbol"),
    "at": iso_utc,
    "begin_at": iso_utc,
    "end_at": iso_utc,
    **as_they_are("complete", "reason"),
    "quotes": quotes_text,
}

NOT_EVALUATED: Columns = {
    **as_they_are(
        "schema", "trade_date", "counterparty", "level", "symbol", "venue", "quote_source", "reason", "executions"
    ),
    "shares": plain_shares,
    "of_executions": same,
    "of_shares": plain_shares,
}
