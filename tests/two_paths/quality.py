"""What `export quality` and `quality_after` must show of market orders, by the second path.

Sums in polars, ratios and text by Decimal.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any

import polars as pl
from polars import Expr, col

from tests.two_paths.sums import PLACES

Sums = dict[str, int]
DOLLARS = 10**9
AMOUNT = 10**15
SECOND = 10**9
AFTER = {
    "realized": "realized_spread",
    "impact": "price_impact",
    "delay": "delay_cost",
    "post_trade": "post_trade_impact",
}
KINDS = {"improved": col("improvement") > 0, "at_quote": col("improvement") == 0, "disimproved": col("improvement") < 0}


def rows(executions: pl.DataFrame, venues: dict[str, str]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return (symbol, venue as exported) → the columns of its row that depend on measures."""
    names = {letter: venue for venue, letter in venues.items()}
    grouped = executions.group_by("symbol", "venue").agg(_sums())
    found = {}
    for row in grouped.to_dicts():
        symbol, venue = row.pop("symbol"), row.pop("venue")
        found[symbol, names.get(venue, venue)] = _shown({name: int(value) for name, value in row.items()})
    return found


def after(marks: pl.DataFrame, venues: dict[str, str]) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Return (symbol, venue as exported, horizon as exported) → the columns of its row that depend on marks."""
    names = {letter: venue for venue, letter in venues.items()}
    shares = _wide("quantity")
    wanted = [
        pl.len().alias("marks"),
        col("realized").is_null().sum().alias("not_evaluated"),
        col("past_close").sum().alias("past_close"),
        shares.sum().alias("shares"),
        *((shares * col(part)).sum().alias(f"{part}_amount") for part in AFTER),
        *(shares.filter(col(part).is_not_null()).sum().alias(f"{part}_shares") for part in AFTER),
    ]
    found = {}
    for row in marks.group_by("symbol", "venue", "horizon").agg(wanted).to_dicts():
        symbol, venue, horizon = (row.pop(name) for name in ("symbol", "venue", "horizon"))
        key = symbol, names.get(venue, venue), f"{horizon // SECOND}.{horizon % SECOND:09d}"
        found[key] = _after_shown({name: int(value) for name, value in row.items()})
    return found


def _after_shown(s: Sums) -> dict[str, Any]:
    return {
        **{name: s[name] for name in ("marks", "not_evaluated", "past_close")},
        "shares": over(s["shares"], 10**6),
        **{f"{part}_shares": over(s[f"{part}_shares"], 10**6) for part in AFTER},
        **{f"{part}_amount": over(s[f"{part}_amount"], AMOUNT) for part in AFTER},
        **{f"average_{name}": over(s[f"{part}_amount"], s[f"{part}_shares"] * DOLLARS) for part, name in AFTER.items()},
        "average_markout": over(-s["realized_amount"], 2 * s["realized_shares"] * DOLLARS),
        "average_reversion": over(-s["post_trade_amount"], 2 * s["post_trade_shares"] * DOLLARS),
    }


def _wide(name: str) -> Expr:
    return col(name).cast(pl.Int128)


def _sums() -> list[Expr]:
    measured = col("improvement").is_not_null()
    shares = _wide("quantity")
    return [
        pl.len().alias("executions"),
        col("reason").count().alias("not_evaluated"),
        shares.sum().alias("shares"),
        shares.filter(measured).sum().alias("measured"),
        *(one for kind, there in KINDS.items() for one in _kind(kind, there)),
        *_timed("all", pl.lit(value=True)),
        (shares * col("effective")).sum().alias("effective"),
        (shares * col("quoted")).sum().alias("quoted"),
        (shares * (col("receipt_bid") + col("receipt_offer"))).filter(measured).sum().alias("doubled_midpoint"),
        *(shares.filter(col("placement") == place).sum().alias(place) for place in PLACES),
        (shares * col("outside")).sum().alias("outside_amount"),
        _wide("beyond").sum().alias("beyond"),
        _wide("harm").sum().alias("harm"),
    ]


def _kind(kind: str, there: Expr) -> list[Expr]:
    shares = _wide("quantity")
    amount = (shares * col("improvement").abs()).filter(there).sum().alias(f"{kind}_amount")
    return [shares.filter(there).sum().alias(f"{kind}_shares"), amount, *_timed(kind, there)]


def _timed(kind: str, there: Expr) -> tuple[Expr, Expr]:
    timed = there & col("time").is_not_null()
    time = (_wide("quantity") * col("time")).filter(timed).sum().alias(f"{kind}_time")
    return time, _wide("quantity").filter(timed).sum().alias(f"{kind}_timed")


def _shown(s: Sums) -> dict[str, Any]:
    net = s["improved_amount"] - s["disimproved_amount"]
    per_share = s["measured"] * DOLLARS
    return {
        "executions": s["executions"],
        "not_evaluated": s["not_evaluated"],
        "shares": over(s["shares"], 10**6),
        "measured_shares": over(s["measured"], 10**6),
        **{f"{kind}_shares": over(s[f"{kind}_shares"], 10**6) for kind in KINDS},
        **{f"{kind}_amount": over(s[f"{kind}_amount"], AMOUNT) for kind in KINDS if kind != "at_quote"},
        **{f"{kind}_time": over(s[f"{kind}_time"], s[f"{kind}_timed"] * SECOND) for kind in KINDS},
        "effective_amount": over(s["effective"], AMOUNT),
        "quoted_amount": over(s["quoted"], AMOUNT),
        "midpoint_amount": over(s["doubled_midpoint"], 2 * AMOUNT),
        "average_effective_spread": over(s["effective"], per_share),
        "average_quoted_spread": over(s["quoted"], per_share),
        "effective_over_quoted": over(s["effective"], s["quoted"]),
        "average_improvement": over(net, per_share),
        "net_improvement_ratio": over(2 * net, s["doubled_midpoint"]),
        "spread_capture": over(net, s["quoted"]),
        "execution_speed": over(s["all_time"], s["all_timed"] * SECOND),
        **{f"{place}_shares": over(s[place], 10**6) for place in PLACES},
        "outside_amount": over(s["outside_amount"], AMOUNT),
        "beyond_displayed_shares": over(s["beyond"], 10**6),
        "dollar_harm": over(s["harm"], DOLLARS),
    }


def over(part: int, whole: int) -> str | None:
    """Return part / whole as decimal text with at most ten digits after the point, None where there is no whole."""
    if not whole:
        return None
    with localcontext(prec=60):
        rounded = (Decimal(part) / Decimal(whole)).quantize(Decimal("1e-10"), rounding=ROUND_HALF_EVEN)
    text = f"{rounded:f}".rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text
