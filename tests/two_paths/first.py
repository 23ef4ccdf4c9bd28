"""The first path: a day replayed down the whole road into a store, and read back out of its exports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from service.replay import Summary
from service.replay_file import replay_file
from service.store.engine import Database
from service.store.export import SqlRecords

EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
Row = dict[str, Any]
QUOTE = {"bid": 9, "bid_size": 6, "offer": 9, "offer_size": 6}


def replayed(fixlog: Path, quotes: Path, store: Path) -> Summary:
    """Send the log down the road into a store of its own."""
    return replay_file(fixlog, quotes=quotes, folder=fixlog.parent, store_url=url(store))


def url(store: Path) -> str:
    """Return the URL of a store that is a file."""
    return f"sqlite:///{store}"


def exported(store: Path, what: str) -> list[dict[str, Any]]:
    """Return the rows of an export as a user gets them."""
    with Database(url(store)) as database:
        return list(SqlRecords(database).rows(what, None))


def executions(rows: Iterable[dict[str, Any]]) -> Iterator[Row]:
    """Yield the measures of each exported execution, texts as integers: 1e-9 dollars, 1e-6 shares, nanoseconds."""
    for row in rows:
        yield {
            "number": _number(row["exec_id"]),
            "venue": row["venue"],
            "sign": 1 if row["side"] == "buy" else -1,
            "price": nano(row["price"]),
            "quantity": micro(row["quantity"]),
            **_quote(row, "execution"),
            **_quote(row, "receipt"),
            "improvement": nano(row["price_improvement"]),
            "effective": nano(row["effective_spread"]),
            "quoted": nano(row["quoted_spread"]),
            "outside": nano(row["outside_amount"]),
            "time": nano(row["time_to_fill"]),
            "harm": nano(row["dollar_harm"]),
            "placement": row["placement"],
            "beyond": micro(row["beyond_displayed"]),
            "flicker": row["possible_flicker"],
            "reason": row["not_evaluated_reason"],
        }


def marks(rows: Iterable[dict[str, Any]]) -> Iterator[Row]:
    """Yield the numbers of each exported mark."""
    for row in rows:
        if row["horizon"] is None:
            continue
        yield {
            "number": _number(row["exec_id"]),
            "venue": row["venue"],
            "quantity": micro(row["quantity"]),
            "horizon": nano(row["horizon"]),
            "instant": at(row["at"]),
            "past_close": row["past_close"],
            **_quote(row, "mark"),
            "realized": nano(row["realized_spread"]),
            "impact": nano(row["price_impact"]),
            "delay": nano(row["delay_cost"]),
            "post_trade": nano(row["post_trade_impact"]),
            "mark_reason": row["not_evaluated_reason"],
        }


def _number(exec_id: str) -> int:
    return int(exec_id.removeprefix("E"))


def _quote(row: dict[str, Any], prefix: str) -> Row:
    return {
        **{f"{prefix}_{name}": _whole(row[f"{prefix}_{name}"], digits) for name, digits in QUOTE.items()},
        f"{prefix}_at": at(row[f"{prefix}_quote_at"]),
        f"{prefix}_state": row[f"{prefix}_quote_state"],
    }


def nano(text: str | None) -> int | None:
    """Return decimal dollars in 1e-9 dollars, or seconds in nanoseconds."""
    return _whole(text, 9)


def micro(text: str | None) -> int | None:
    """Return decimal shares in 1e-6 shares."""
    return _whole(text, 6)


def _whole(text: str | None, digits: int) -> int | None:
    if text is None:
        return None
    value = Decimal(text).scaleb(digits)
    assert value == int(value), text
    return int(value)


def at(text: str | None) -> int | None:
    """Return an exported time in UTC nanoseconds."""
    if text is None:
        return None
    seconds, _, fraction = text.removesuffix("Z").partition(".")
    return int((datetime.fromisoformat(f"{seconds}+00:00") - EPOCH).total_seconds()) * 1_000_000_000 + int(fraction)
