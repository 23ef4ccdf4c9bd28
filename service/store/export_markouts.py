"""The question behind `export markouts`: every execution with its marks, and why it has none where it has none.

An execution stands as it is now: of a corrected one the realized spread is measured anew, from the same quotes; what
does not depend on its price stays. A busted one keeps the marks that were taken before.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, case, select

from rules.facts import Level, Nanos, Quote, QuoteState, Side
from service.market.markouts import why_no_marks
from service.store import tables
from service.store.views import execution_states

NONE_YET = "none taken yet"
_CURRENT = ("quantity", "price", "venue")
_REPORTED = ("offset", "counterparty", "session", "trade_date", "execution_id", "exec_id", "order_key", "level")
_ASKED = ("symbol", "side", "executed_at", "clock", "auction", "regular_hours")
_MARK = ("horizon", "at", "past_close", "not_evaluated_reason", "source_mark", "released")
_NUMBERS = ("price_impact", "delay_cost", "post_trade_impact")
ORDER = (
    *(
        "order_side",
        "order_type",
        "time_in_force",
        "limit_price",
        "stop_price",
        "order_quantity",
        "marketable",
        "route",
    ),
    *(f"receipt_{name}" for name in ("bid", "bid_size", "offer", "offer_size", "quote_at", "quote_state")),
)
"""What says of which group an execution's order is."""
_QUOTE = ("bid", "bid_size", "offer", "offer_size", "quote_at", "quote_state", "quote_note")


def markouts(*more: str) -> Select[Any]:
    """Return the executions, each with its marks in the order of their horizons, or once without one.

    `more` names columns of the execution that are wanted besides those of the export.
    """
    made, now, mark = tables.executions, execution_states, tables.markouts
    current = [case((now.c.amended, now.c[name]), else_=made.c[name]).label(name) for name in _CURRENT]
    columns = [
        *(made.c[name] for name in (*_REPORTED, *_ASKED, "execution_quote_state", "execution_quote_note", *more)),
        *current,
        now.c.state,
        *(mark.c[name] for name in (*_MARK, *_NUMBERS, *(f"mark_{one}" for one in _QUOTE))),
        mark.c.offset.label("mark_offset"),
    ]
    taken = and_(mark.c.execution_offset == made.c.offset, mark.c.execution_id == made.c.execution_id)
    return (
        select(*columns)
        .join_from(made, now, and_(now.c.offset == made.c.offset, now.c.part == made.c.part))
        .join(mark, taken, isouter=True)
        .order_by(made.c.offset, made.c.part, mark.c.horizon)
    )


def measured(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row with what follows from the execution's price as it stands, or with why there is no mark."""
    if row["horizon"] is None:
        nothing = dict.fromkeys(("realized_spread", "markout", "reversion"))
        return {**row, **nothing, "not_evaluated_reason": _why(row)}
    spread = None
    if QuoteState(row["mark_quote_state"]).usable:
        spread = Side(row["side"]).sign * (2 * row["price"] - row["mark_bid"] - row["mark_offer"])
    impact = row["post_trade_impact"]
    return {
        **row,
        "realized_spread": spread,
        "markout": None if spread is None else -spread,
        "reversion": None if impact is None else -impact,
        "source_mark": row["source_mark"] or None,  # a source that has not said a word has come nowhere
    }


def _why(row: dict[str, Any]) -> str:
    if row["state"] == "busted":
        return "busted"
    execution = Quote(state=QuoteState(row["execution_quote_state"]), note=row["execution_quote_note"])
    reason = why_no_marks(
        auction=row["auction"],
        level=Level(row["level"]),
        regular_hours=row["regular_hours"],
        execution=execution,
        executed_at=Nanos(row["executed_at"]),
        clock=Nanos(row["clock"]),
    )
    return reason or NONE_YET
