"""The sums of a day by venue out of both paths, under the same names, and the averages that a table shows of them.

Those of the first path are added up from exported rows in plain Python, those of the second by polars in 128 bits; what
is added is shares × dollars, in 1e-15 dollars. `all` stands for every venue.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any

import polars as pl
from polars import Expr, col

PLACES = ("outside", "far_touch", "inside", "midpoint", "near_touch", "beyond_near_touch")
SPREADS = ("effective", "quoted", "improvement", "at_execution")
AFTER = ("realized", "impact", "delay", "post_trade")
ALL = "all"
Sums = dict[str, dict[str, int]]
"""Venue → name → sum; a name that would be 0 is left out."""


def of_rows(executions: Iterable[dict[str, Any]], marks: Iterable[dict[str, Any]]) -> Sums:
    """Return the sums of exported rows."""
    sums: dict[str, Counter[str]] = {}
    for row in executions:
        for venue in (row["venue"], ALL):
            sums.setdefault(venue, Counter()).update(dict(_of_execution(row)))
    for row in marks:
        for venue in (row["venue"], ALL):
            sums[venue].update(dict(_of_mark(row)))
    return {venue: {name: value for name, value in known.items() if value} for venue, known in sums.items()}


def _of_execution(row: dict[str, Any]) -> Iterator[tuple[str, int]]:
    quantity = row["quantity"]
    yield "executions", 1
    yield "shares", quantity
    yield "flickers", bool(row["flicker"])
    yield "harm", row["harm"] or 0
    yield "beyond", row["beyond"] or 0
    if row["reason"] is not None:
        yield "not evaluated", 1
        yield f"not evaluated: {row['reason']}", 1
    values = {**row, "at_execution": _at_execution(row)}
    for name in SPREADS:
        if values[name] is not None:
            yield name, quantity * values[name]
            yield f"{name}_shares", quantity
    if row["placement"] is not None:
        far = row["execution_offer"] if row["sign"] > 0 else row["execution_bid"]
        yield f"{row['placement']}_shares", quantity
        yield f"{row['placement']}_amount", quantity * abs(far - row["price"])


def _at_execution(row: dict[str, Any]) -> int | None:
    """Return the effective spread against the quote at execution, which no export shows but both its quotes say."""
    if row["execution_state"] not in {"normal", "locked"}:
        return None
    return int(row["sign"] * (2 * row["price"] - row["execution_bid"] - row["execution_offer"]))


def _of_mark(row: dict[str, Any]) -> Iterator[tuple[str, int]]:
    yield f"marks_{row['horizon']}", 1
    for name in AFTER:
        if row[name] is not None:
            yield f"{name}_{row['horizon']}", row["quantity"] * row[name]
            yield f"{name}_{row['horizon']}_shares", row["quantity"]


def of_frames(executions: pl.DataFrame, marks: pl.DataFrame) -> Sums:
    """Return the sums of the second path's frames."""
    sums: Sums = {}
    for frame, wanted in ((executions, _execution_sums(executions)), (marks, _mark_sums())):
        whole = frame.with_columns(venue=pl.lit(ALL))
        for rows in (frame, whole):
            for row in rows.group_by("venue").agg(wanted).to_dicts():
                venue = sums.setdefault(row.pop("venue"), {})
                venue.update({name: int(value) for name, value in row.items() if value})
    return sums


def _execution_sums(executions: pl.DataFrame) -> list[Expr]:
    reasons = executions["reason"].drop_nulls().unique().sort()
    return [
        pl.len().alias("executions"),
        col("quantity").cast(pl.Int128).sum().alias("shares"),
        col("flicker").sum().alias("flickers"),
        col("harm").cast(pl.Int128).sum(),
        col("beyond").cast(pl.Int128).sum(),
        col("reason").count().alias("not evaluated"),
        *((col("reason") == reason).sum().alias(f"not evaluated: {reason}") for reason in reasons),
        *(one for name in SPREADS for one in _weighted(name, name, col(name).is_not_null())),
        *(one for place in PLACES for one in _placed(place)),
    ]


def _mark_sums() -> list[Expr]:
    from tests.two_paths.second import HORIZONS  # noqa: PLC0415 - the first path must not depend on it

    return [
        *((col("horizon") == length).sum().alias(f"marks_{length}") for length in HORIZONS),
        *(
            one
            for length in HORIZONS
            for name in AFTER
            for one in _weighted(name, f"{name}_{length}", (col("horizon") == length) & col(name).is_not_null())
        ),
    ]


def _weighted(column: str, name: str, counts: Expr) -> tuple[Expr, Expr]:
    amount = (col("quantity").cast(pl.Int128) * col(column)).filter(counts).sum().alias(name)
    return amount, col("quantity").cast(pl.Int128).filter(counts).sum().alias(f"{name}_shares")


def _placed(place: str) -> tuple[Expr, Expr]:
    there = col("placement") == place
    amount = (col("quantity").cast(pl.Int128) * col("gained").abs()).filter(there).sum().alias(f"{place}_amount")
    return amount, col("quantity").cast(pl.Int128).filter(there).sum().alias(f"{place}_shares")


def average(sums: dict[str, int], name: str, shares: str | None = None) -> Fraction | None:
    """Return Σq·x / Σq in dollars a share, None where there is nothing to divide by."""
    count = sums.get(shares or f"{name}_shares", 0)
    return Fraction(sums.get(name, 0), count * 10**9) if count else None
