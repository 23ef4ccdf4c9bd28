"""Files of quotes for the tests: rows of (time, symbol, bid, offer) as CSV or as Parquet."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb
import numpy as np

from service.market.packed import MISSING
from service.market.quote_columns import QuoteColumns, of_names
from service.market.update import QuoteUpdate

HEADER = "time_ns,symbol,bid,bid_size,offer,offer_size"
Row = tuple[int, str, str, str]
AS_TEXT = "time_ns::BIGINT AS time_ns, symbol, bid, bid_size, offer, offer_size"


def write_csv(path: Path, rows: Iterable[Row]) -> Path:
    """Write rows, 100 shares on each side."""
    lines = [f"{at},{symbol},{bid},100,{offer},100" for at, symbol, bid, offer in rows]
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return path


def write_parquet(path: Path, rows: Iterable[Row], columns: str = AS_TEXT) -> Path:
    """Write rows as Parquet, each column as the expression over its text says."""
    plain = write_csv(path.with_suffix(".texts"), rows)
    with duckdb.connect() as connection:
        texts = f"read_csv('{plain}', all_varchar = true, header = true)"
        connection.execute(f"COPY (SELECT {columns} FROM {texts}) TO '{path}' (FORMAT parquet)")
    plain.unlink()
    return path


def columns_of(quotes: list[QuoteUpdate], first: int = 0) -> QuoteColumns:
    """Put quotes into columns, the first one under a line."""
    names, codes = of_names([quote.symbol for quote in quotes])
    amounts = [[q.bid, q.bid_size, q.offer, q.offer_size] for q in quotes]
    packed = np.array([[MISSING if v is None else v for v in row] for row in amounts], np.int64).reshape(-1, 4)
    return QuoteColumns(
        np.arange(first, first + len(quotes)),
        names,
        codes,
        np.array([quote.at for quote in quotes], np.int64),
        *packed.T,
        market=np.array([quote.market for quote in quotes], np.int8),
    )
