"""What came after the executions, by the groups of `export quality` and by horizon: sums and their averages. Pure.

Out of the rows of `export markouts`, so of executions as they stand now; busted ones are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from rules.facts import PRICE_SCALE, QUANTITY_SCALE
from service.market.aggregate_marks import Marks, Weighted
from service.store.export_derived import with_order_class
from service.store.export_quality import KEY

PARTS = {
    "realized": "realized_spread",
    "impact": "price_impact",
    "delay": "delay_cost",
    "post_trade": "post_trade_impact",
}
"""The numbers of a mark by the first word of their columns."""


def quality_after(rows: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield one row a group and horizon, in the order of both; `rows` are measured at the price that stands now."""
    groups: dict[tuple[Any, ...], Marks] = {}
    schema = None
    for row in rows:
        if row["state"] == "busted" or row["horizon"] is None:
            continue
        schema, known = row["schema"], with_order_class(row)
        key = (*(known[name] for name in KEY), known["horizon"])
        groups.setdefault(key, Marks()).add(
            known["quantity"],
            past_close=known["past_close"],
            **{part: known[name] for part, name in PARTS.items()},
        )
    for key in sorted(groups, key=lambda words: tuple(word or "" for word in words[:-1]) + words[-1:]):
        yield {"schema": schema, **dict(zip((*KEY, "horizon"), key, strict=True)), **_shown(groups[key])}


def _shown(sums: Marks) -> dict[str, Any]:
    """Return the columns of one group; amounts in dollars, averages in dollars a share."""
    parts: dict[str, Any] = {}
    for part, name in PARTS.items():
        weighted: Weighted = getattr(sums, part)
        parts[f"{part}_shares"] = weighted.shares
        parts[f"{part}_amount"] = Fraction(weighted.amount, PRICE_SCALE * QUANTITY_SCALE)
        parts[f"average_{name}"] = _dollars(weighted.average)
    return {
        "marks": sums.count,
        "not_evaluated": sums.not_evaluated,
        "past_close": sums.past_close,
        "shares": sums.shares,
        **parts,
        "average_markout": _dollars(sums.realized.average, -2),
        "average_reversion": _dollars(sums.post_trade.average, -2),
    }


def _dollars(average: Fraction | None, over: int = 1) -> Fraction | None:
    return None if average is None else average / (PRICE_SCALE * over)
