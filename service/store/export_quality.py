"""Execution quality by symbol, venue, route and order class: sums that add up further, and their averages. Pure.

Out of executions as they stand now, busted ones left out; each level of the copy is apart, so that a share counts once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from rules.facts import PRICE_SCALE, QUANTITY_SCALE, SECOND, Measures, Side
from rules.placement import Placement
from service.exact_text import plain
from service.market.aggregate import Executions, Measured
from service.store.export_derived import quote, with_placements

KEY = ("trade_date", "counterparty", "level", "symbol", "venue", "route", "order_class")
DIGITS = 10
_MEASURES = tuple(name for name in Measures.__struct_fields__ if name != "possible_flicker")


def quality(rows: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield one row a group, in the order of its key; `rows` are executions with what is derived of them."""
    groups: dict[tuple[Any, ...], Executions] = {}
    schema = None
    for row in rows:
        if row["state"] == "busted":
            continue
        schema, known = row["schema"], with_placements(row)
        groups.setdefault(tuple(known[name] for name in KEY), Executions()).add(_stored(row))
    for key in sorted(groups, key=lambda words: tuple(word or "" for word in words)):
        yield {"schema": schema, **dict(zip(KEY, key, strict=True)), **_shown(groups[key])}


def decimal(value: Fraction) -> str:
    """Return a ratio as decimal text with at most ten digits after the point, rounded half to even."""
    scale: int = 10**DIGITS
    return plain(round(value * scale), scale)


def _stored(row: Mapping[str, Any]) -> Measured:
    return Measured(
        side=Side(row["side"]),
        quantity=row["quantity"],
        price=row["price"],
        fee=row["fee"],
        at_receipt=quote(row, "receipt"),
        at_execution=quote(row, "execution"),
        measures=Measures(**{name: row[name] for name in _MEASURES}),
    )


def _shown(sums: Executions) -> dict[str, Any]:
    """Return the columns of one group; amounts in dollars, averages in dollars a share or seconds."""
    dollars, shares = PRICE_SCALE, PRICE_SCALE * QUANTITY_SCALE
    return {
        "executions": sums.count,
        "not_evaluated": sums.not_evaluated,
        "shares": sums.shares,
        "measured_shares": sums.measured_shares,
        "improved_shares": sums.improved.shares,
        "improved_amount": Fraction(sums.improved.amount, shares),
        "improved_time": _over(sums.improved.average_time, SECOND),
        "at_quote_shares": sums.at_quote.shares,
        "at_quote_time": _over(sums.at_quote.average_time, SECOND),
        "disimproved_shares": sums.disimproved.shares,
        "disimproved_amount": Fraction(sums.disimproved.amount, shares),
        "disimproved_time": _over(sums.disimproved.average_time, SECOND),
        "effective_amount": Fraction(sums.effective, shares),
        "quoted_amount": Fraction(sums.quoted, shares),
        "midpoint_amount": Fraction(sums.doubled_midpoint, 2 * shares),
        "average_effective_spread": _over(sums.average_effective_spread, dollars),
        "average_quoted_spread": _over(sums.average_quoted_spread, dollars),
        "effective_over_quoted": sums.effective_over_quoted,
        "average_improvement": _over(sums.average_improvement, dollars),
        "net_improvement_ratio": sums.net_improvement_ratio,
        "spread_capture": sums.spread_capture,
        "execution_speed": _over(sums.execution_speed, SECOND),
        **{f"{place.value}_shares": sums.placed(place).shares for place in Placement},
        "outside_amount": Fraction(sums.outside.amount, shares),
        "beyond_displayed_shares": sums.beyond_displayed,
        "dollar_harm": sums.dollar_harm,
        "fee": sums.fee if sums.fee_shares else None,
        "fee_shares": sums.fee_shares,
        "average_fee": _over(sums.average_fee, dollars),
        "average_net_improvement": _over(sums.average_net_improvement, dollars),
    }


def _over(value: Fraction | None, scale: int) -> Fraction | None:
    return None if value is None else value / scale
