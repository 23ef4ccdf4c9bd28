"""The rows of one Parquet file of quotes, part by part in columns. Its library is the optional part `parquet`.

The columns are those of the CSV. `time_ns` is an integer or a timestamp (without a zone: UTC). A price is an integer in
nanodollars, or dollars as text, decimal or floating point; a size shares in any of these. A floating point number
stands for the shortest decimal that reads as it, which is what was meant when it was written; NaN is a missing side.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from service.market import column_values
from service.market.packed import MISSING
from service.market.quote_columns import QuoteColumns, checked, of_names
from service.market.quote_rows import COLUMNS, STATE, QuoteFileError, RowsRead, places
from service.market.quote_text import BAD, LARGEST, BadQuote, quote_of
from service.market.update import QuoteUpdate

try:
    import duckdb
except ModuleNotFoundError as error:
    msg = "Parquet files of quotes need DuckDB; install the optional part: pip install 'sorwatch[parquet]'"
    raise QuoteFileError(msg) from error

WINDOW = 122_880
"""Rows that are read at once: the row group of many writers."""
SETTINGS: dict[str, Any] = {
    "threads": 1,
    "memory_limit": "512MB",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
UNSIGNED = tuple(f"U{name}" for name in INTEGERS)
WHOLE = (*INTEGERS, *UNSIGNED)
FLOATS = ("FLOAT", "DOUBLE")
DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")
MOST_DIGITS = 18
"""So many digits of a decimal are surely a 64-bit integer; more are read as text."""
FEW_DECIMALS = 4
"""With so many decimals every price there is, below 10^10 dollars, can be brought to whole units in 64 bits."""
SCAN = "FROM read_parquet(?, file_row_number = true) WHERE file_row_number BETWEEN ? AND ?"
ONLY = " AND file_row_number IN (SELECT unnest(?::BIGINT[]))"

Read = Callable[..., Any]
"""Makes a column of quotes of what was fetched of a column of the file."""
PRICES: dict[str, Read] = {
    "wholes": column_values.prices_of_wholes,
    "decimals": column_values.prices_of_decimals,
    "floats": column_values.prices_of_floats,
    "texts": column_values.prices_of_texts,
}
SIZES: dict[str, Read] = {
    "wholes": column_values.sizes_of_wholes,
    "decimals": column_values.sizes_of_decimals,
    "floats": column_values.sizes_of_floats,
    "texts": column_values.sizes_of_texts,
}
READERS: dict[str, dict[str, Read]] = {
    "time_ns": {"wholes": np.array},
    "bid": PRICES,
    "bid_size": SIZES,
    "offer": PRICES,
    "offer_size": SIZES,
}


class ParquetRows:
    """Reads a Parquet file a window of rows at a time; QuoteFileError when it is none of quotes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.is_file():
            msg = f"quote file {path} cannot be opened: No such file"
            raise QuoteFileError(msg)
        self._connection = duckdb.connect(config=SETTINGS)
        try:
            self._connection.execute("SET enable_progress_bar = false")
            kinds = self._kinds()
            places(path, list(kinds))
            self._names = [name for name in (*COLUMNS, STATE) if name in kinds]
            asked = {name: _asked(path, name, kinds[name]) for name in self._names}
            packed = {name: _packed(name, kinds[name], asked[name]) for name in self._names}
            self._one_by_one = ", ".join(asked.values())
            self._in_columns = ", ".join(f"{text} AS {name}_" for name, (text, _) in packed.items())
            self._read = {name: read for name, (_, read) in packed.items()}
            self._window(0, 0)
        except duckdb.Error as error:
            self.close()
            raise self._unreadable(error) from error
        except QuoteFileError:
            self.close()
            raise

    def __iter__(self) -> Iterator[RowsRead]:
        first, last = 0, False
        while not last:
            columns = self._window(first, WINDOW)
            last = len(columns) < WINDOW
            yield RowsRead(last, len(columns), *checked(columns, partial(self._again, first)))
            first += len(columns)

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    def _kinds(self) -> dict[str, str]:
        """Return the type of each column by its name."""
        described = self._connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(self._path)])
        return {name: kind for name, kind, *_ in described.fetchall()}

    def _window(self, first: int, rows: int) -> QuoteColumns:
        """Return so many rows from one on."""
        found = self._scan(self._in_columns, first, first + rows - 1).fetchnumpy()
        read = {name: read(found[f"{name}_"]) for name, read in self._read.items()}
        names, codes = read["symbol"]
        return QuoteColumns(
            line=np.arange(first + 1, first + 1 + len(codes)),
            names=names,
            symbol=codes,
            at=read["time_ns"],
            bid=read["bid"],
            bid_size=read["bid_size"],
            offer=read["offer"],
            offer_size=read["offer_size"],
            market=read[STATE] if STATE in read else np.zeros(len(codes), np.int8),
        )

    def _again(self, first: int, places: list[int]) -> list[QuoteUpdate | BadQuote]:
        """Return what some rows of a window say, read one by one."""
        wanted = [first + place for place in places]
        rows = self._scan(f"file_row_number, {self._one_by_one}", wanted[0], wanted[-1], wanted).fetchall()
        return [_quote_of(row) for _, *row in sorted(rows)]

    def _scan(self, asked: str, first: int, last: int, wanted: list[int] | None = None) -> duckdb.DuckDBPyConnection:
        """Return what is asked of the rows from the first to the last, or of those that are wanted among them."""
        only, given = ("", []) if wanted is None else (ONLY, [wanted])
        try:
            return self._connection.execute(f"SELECT {asked} {SCAN}{only}", [str(self._path), first, last, *given])
        except duckdb.Error as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: duckdb.Error) -> QuoteFileError:
        return QuoteFileError(f"quote file {self._path} cannot be read as Parquet: {str(error).splitlines()[0]}")


def _asked(path: Path, name: str, kind: str) -> str:
    """Return the expression that gives the column as an integer or a text."""
    if name == "time_ns" and kind not in WHOLE:
        if not kind.startswith("TIMESTAMP"):
            msg = f"quote file {path}: time_ns is {kind}; expected an integer of nanoseconds or a timestamp"
            raise QuoteFileError(msg)
        return f"epoch_ns({name})"
    if kind in WHOLE:
        return name
    text = f"CAST({name} AS VARCHAR)"
    return f"CASE WHEN isnan({name}) THEN NULL ELSE {text} END" if kind in FLOATS else text


def _packed(name: str, kind: str, asked: str) -> tuple[str, Read]:
    """Return the expression that gives the column without nulls, and what reads it when it was fetched."""
    if name in {"symbol", STATE}:
        # an integer is asked as one, and zero is no name
        text = f"COALESCE(CAST({asked if kind not in WHOLE else f'NULLIF({name}, 0)'} AS VARCHAR), '')"
        return text, of_names if name == "symbol" else column_values.states_of_texts
    if name == "time_ns" or kind in WHOLE:
        return _integer(asked, f"{asked} BETWEEN 0 AND {LARGEST}", f"TRY_CAST({asked} AS BIGINT)"), READERS[name][
            "wholes"
        ]
    return _fraction(name, kind, asked)


def _fraction(name: str, kind: str, asked: str) -> tuple[str, Read]:
    decimal = DECIMAL.fullmatch(kind)
    if decimal is not None and int(decimal[1]) <= MOST_DIGITS:
        scale = int(decimal[2])
        wide = name if scale <= FEW_DECIMALS else f"CAST({name} AS DECIMAL(38, {scale}))"
        good = f"{name} >= 0 AND {name} < {10 ** (MOST_DIGITS - 2 * FEW_DECIMALS)}"
        units = f"CAST({wide} * {10**scale} AS BIGINT)"
        return _integer(name, good, units), partial(READERS[name]["decimals"], scale=scale)
    if kind == "DOUBLE":
        return f"COALESCE({name}, 'NaN'::DOUBLE)", READERS[name]["floats"]
    return f"COALESCE({asked}, '')", READERS[name]["texts"]


def _integer(asked: str, good: str, value: str) -> str:
    """Return the expression of a 64-bit integer, of what is missing and of what is bad."""
    return f"CAST(CASE WHEN {asked} IS NULL THEN {MISSING} WHEN {good} THEN {value} ELSE {BAD} END AS BIGINT)"


def _quote_of(row: list[Any]) -> QuoteUpdate | BadQuote:
    time, symbol, bid, bid_size, offer, offer_size, *state = row
    if time is None:
        return BadQuote("time_ns is missing")
    return quote_of(str(symbol or ""), time, bid, bid_size, offer, offer_size, state[0] if state else None)
