"""What `export fades` shows beside the quotes: how the far side moved, with and without the parent's orders. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rules.facts import Side
from rules.fade import Moved, moved
from service.store.export_ended import receipt

_QUOTE = ("bid", "bid_size", "offer", "offer_size", "quote_at", "quote_state")


def with_moves(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row with both moves, and by how much the first is the greater."""
    side, first = Side(row["side"]), receipt(row, "first")
    move = moved(side, ("first child", first), ("later child", receipt(row, "later")))
    before = moved(side, ("baseline", receipt(row, "mark")), ("first child", first)) if row["released"] else Moved()
    return {
        **row,
        "after": row["later_at"] - row["first_at"],
        "touch_move": move.touch,
        "size_move": move.size,
        "not_evaluated_reason": move.why,
        **{f"baseline_{name}": row[f"mark_{name}"] for name in _QUOTE},
        "baseline_touch_move": before.touch,
        "baseline_size_move": before.size,
        "baseline_reason": before.why if row["released"] else row["mark_quote_note"],
        "touch_beyond": _less(move.touch, before.touch),
        "size_beyond": _less(move.size, before.size),
        "source_mark": row["source_mark"] or None,  # a source that has not said a word has come nowhere
    }


def _less(move: int | None, before: int | None) -> int | None:
    return None if move is None or before is None else move - before
