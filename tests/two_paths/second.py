"""The second path: every measure of a day by polars, from its files, with formulas and an as-of join of its own.

Nothing of the product is imported here, on purpose. Prices are 1e-9 dollars, shares 1e-6, times UTC nanoseconds; sums
are 128 bits wide. The formulas are those of the reports (Rule 605 and what the README says of the exports).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import polars as pl
from polars import Expr, col, lit, when

SECOND = 1_000_000_000
HORIZONS = (50_000_000, SECOND, 15 * SECOND, 60 * SECOND, 300 * SECOND)
MILLION = 1_000_000
NEVER = 2**63 - 1
BANDED = {"bid": "bid_not_executable", "offer": "offer_not_executable"}
NEITHER = "neither_executable"
SHUT = ["halted", "closed"]


class Day(NamedTuple):
    """What both paths are about: quotes and executions, and when regular hours begin and end.

    `quotes`: symbol, at, bid, bid_size, offer, offer_size, market, in the order of the file, null where there is none;
    `market` is "halted", "closed" or else says which side a price band takes away.
    `executions`: number, symbol, venue, sign, price, quantity, received, at.
    """

    quotes: pl.DataFrame
    executions: pl.DataFrame
    opens: int
    closes: int


def read_csv(quotes: Path, executions: Path, opens: int, closes: int) -> Day:
    """Return the day of two files with decimal text in them."""
    told = pl.read_csv(quotes, infer_schema=False).select(
        "symbol",
        col("time_ns").cast(pl.Int64).alias("at"),
        *(_whole(name, 9) for name in ("bid", "offer")),
        *(_whole(name, 6) for name in ("bid_size", "offer_size")),
        col("state").fill_null("normal").alias("market"),
    )
    for side, banded in BANDED.items():
        counts = ~col("market").is_in([banded, NEITHER])
        told = told.with_columns(when(counts).then(col(name)) for name in (side, f"{side}_size"))
    done = pl.read_csv(executions, infer_schema=False).select(
        "symbol",
        "venue",
        *(col(name).cast(pl.Int64) for name in ("number", "received", "at")),
        when(col("side") == "1").then(1).otherwise(-1).cast(pl.Int64).alias("sign"),
        _whole("price", 9),
        _whole("shares", 6).alias("quantity"),
    )
    return Day(told, done, opens, closes)


def _whole(name: str, digits: int) -> Expr:
    """Read decimal text as an integer of that many digits after the point, null where there is no text."""
    parts = col(name).str.split_exact(".", 1).struct
    fraction = parts.field("field_1").fill_null("").str.pad_end(digits, "0")
    return (parts.field("field_0") + fraction).cast(pl.Int64).alias(name)


def executions(day: Day) -> pl.DataFrame:
    """Return one row an execution with both quotes and its measures."""
    frame = as_of(as_of(day.executions, day, "at", "execution"), day, "received", "receipt")
    working = when(col("received") < day.opens).then(day.opens).otherwise(col("received"))
    known = (col("received") < day.closes) & (col("at") >= working)
    frame = frame.with_columns(
        improvement=_when("receipt", col("sign") * (_far("receipt") - col("price"))),
        effective=_when("receipt", _spread("receipt")),
        quoted=_when("receipt", col("receipt_offer") - col("receipt_bid")),
        at_execution=_when("execution", _spread("execution")),
        gained=_when("execution", col("sign") * (_far("execution") - col("price"))),
        near=_when("execution", col("sign") * (col("price") - _near("execution"))),
        time=when(known).then(col("at") - working),
        reason=pl.coalesce("execution_reason", "receipt_reason"),
    )
    displayed = when(col("sign") > 0).then(col("execution_offer_size")).otherwise(col("execution_bid_size"))
    beyond = when(col("quantity") > displayed).then(col("quantity") - displayed).otherwise(0)
    frame = frame.with_columns(
        outside=when(col("gained") < 0).then(-col("gained")).when(col("gained").is_not_null()).then(0),
        placement=_placement(),
        beyond=when(displayed.is_not_null()).then(_when("execution", beyond)),
    )
    lost = when(col("improvement") < 0).then(-col("improvement")).otherwise(col("outside").fill_null(0))
    cost = (col("quantity").cast(pl.Int128) * lost + (MILLION - 1)) // MILLION
    harmed = col("improvement").is_not_null() | col("outside").is_not_null()
    frame = frame.with_columns(harm=when(harmed).then(cost).cast(pl.Int64))
    return frame.join(_flickers(frame, day), on="number", how="left").with_columns(
        flicker=when(col("outside") > 0).then(col("flicker")).when(col("outside") == 0).then(lit(value=False))
    )


def marks(day: Day, measured: pl.DataFrame) -> pl.DataFrame:
    """Return one row an execution and horizon, for the executions in regular hours or with a usable quote."""
    open_then = (col("at") >= day.opens) & (col("at") < day.closes)
    after = col("at") + col("horizon")
    asked = (
        measured.filter(open_then | col("execution_usable"))
        .join(pl.DataFrame({"horizon": HORIZONS}), how="cross")
        .with_columns(past_close=after >= day.closes, instant=pl.min_horizontal(after, lit(day.closes - 1)))
    )
    frame = as_of(asked, day, "instant", "mark")
    middles = {name: col(f"{name}_bid") + col(f"{name}_offer") for name in ("mark", "receipt", "execution")}
    marked = col("mark_usable")
    frame = frame.with_columns(
        realized=when(marked).then(col("sign") * (2 * col("price") - middles["mark"])),
        impact=when(marked & col("receipt_usable")).then(col("sign") * (middles["mark"] - middles["receipt"])),
        post_trade=when(marked & col("execution_usable")).then(col("sign") * (middles["mark"] - middles["execution"])),
        delay=when(marked & col("receipt_usable") & col("execution_usable")).then(
            col("sign") * (middles["execution"] - middles["receipt"])
        ),
        mark_reason=pl.coalesce("mark_reason", "reason"),
    )
    return frame.sort("number", "horizon")


def as_of(asked: pl.DataFrame, day: Day, instant: str, prefix: str) -> pl.DataFrame:
    """Return the rows with the last quote at or before the instant; of one time, the last of the file."""
    names = ("at", "bid", "offer", "bid_size", "offer_size", "market")
    last = day.quotes.unique(["symbol", "at"], keep="last", maintain_order=True).sort("at", maintain_order=True)
    right = last.select("symbol", *(col(name).alias(f"{prefix}_{name}") for name in names))
    found = asked.sort(instant).join_asof(
        right, left_on=instant, right_on=f"{prefix}_at", by="symbol", strategy="backward", check_sortedness=False
    )
    market = col(f"{prefix}_market")
    none = col(f"{prefix}_bid").is_null() & col(f"{prefix}_offer").is_null() & ~market.is_in(SHUT)
    state = _state(prefix, none, (col(instant) < day.opens) | (col(instant) >= day.closes))
    found = found.with_columns(state.alias(f"{prefix}_state"))
    usable = col(f"{prefix}_state").is_in(["normal", "locked"])
    note = when(col(f"{prefix}_at").is_null()).then(lit(": before the first quote"))
    for words, there in _none_notes(none, market):
        note = note.when(there).then(lit(f": {words}"))
    reason = lit(f"{prefix} ") + col(f"{prefix}_state") + note.otherwise(lit(""))
    return found.with_columns(usable.alias(f"{prefix}_usable"), when(~usable).then(reason).alias(f"{prefix}_reason"))


def _none_notes(none: Expr, market: Expr) -> Iterator[tuple[str, Expr]]:
    """Yield the words for each way in which a market has neither side."""
    for side, banded in BANDED.items():
        yield f"the {side} is not executable (price band)", none & (market == banded)
    yield "neither side is executable (price band)", none & (market == NEITHER)
    yield "no bid and no offer", none


def _state(prefix: str, none: Expr, closed: Expr) -> Expr:
    at, bid, offer = (col(f"{prefix}_{name}") for name in ("at", "bid", "offer"))
    return (
        when(at.is_null() | none)
        .then(lit("absent"))
        .when(closed | (col(f"{prefix}_market") == "closed"))
        .then(lit("closed"))
        .when(col(f"{prefix}_market") == "halted")
        .then(lit("halted"))
        .when(bid.is_null() | offer.is_null())
        .then(lit("one_sided"))
        .when(bid == offer)
        .then(lit("locked"))
        .when(bid > offer)
        .then(lit("crossed"))
        .otherwise(lit("normal"))
    )


def _when(prefix: str, value: Expr) -> Expr:
    return when(col(f"{prefix}_usable")).then(value)


def _far(prefix: str) -> Expr:
    return when(col("sign") > 0).then(col(f"{prefix}_offer")).otherwise(col(f"{prefix}_bid"))


def _near(prefix: str) -> Expr:
    return when(col("sign") > 0).then(col(f"{prefix}_bid")).otherwise(col(f"{prefix}_offer"))


def _spread(prefix: str) -> Expr:
    return col("sign") * (2 * col("price") - col(f"{prefix}_bid") - col(f"{prefix}_offer"))


def _placement() -> Expr:
    """Name the place between worse than the far side (gained below 0) and better than the near one (near below 0)."""
    return (
        when(col("gained") == 0)
        .then(lit("far_touch"))
        .when(col("gained") < 0)
        .then(lit("outside"))
        .when(col("near") == 0)
        .then(lit("near_touch"))
        .when(col("near") < 0)
        .then(lit("beyond_near_touch"))
        .when(col("gained") == col("near"))
        .then(lit("midpoint"))
        .when(col("gained") > 0)
        .then(lit("inside"))
    )


def _flickers(measured: pl.DataFrame, day: Day) -> pl.DataFrame:
    """Return for what lies outside whether the far side was as bad at any time of the second before."""
    outside = measured.filter(col("outside") > 0).select("number", "sign", "price", "at", col("symbol").alias("of"))
    told = day.quotes.with_columns(until=col("at").shift(-1).over("symbol").fill_null(NEVER)).select(
        "symbol", "bid", "offer", "market", "until", since=col("at")
    )
    seen = outside.join_where(
        told.filter(~col("market").is_in(SHUT)),
        col("of") == col("symbol"),
        col("since") <= col("at"),
        (col("until") > col("at") - SECOND) | (col("since") > col("at") - SECOND),
    )
    worst = seen.group_by("number").agg(
        when(col("sign").first() > 0).then(col("offer").max()).otherwise(col("bid").min()).alias("worst")
    )
    return outside.join(worst, on="number", how="left").select(
        "number", flicker=col("sign") * (col("price") - col("worst")) <= 0
    )
