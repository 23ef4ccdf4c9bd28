"""The rows of one Parquet file of quotes, streamed in the file's order. Its library is the optional part `parquet`.

The columns are those of the CSV. `time_ns` is an integer or a timestamp (without a zone: UTC). A price is an integer in
nanodollars, or dollars as text, decimal or floating point; a size shares in any of these. A floating point number
stands for the shortest decimal that reads as it, which is what was meant when it was written; NaN is a missing side.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from service.market.quote_rows import COLUMNS, STATE, QuoteFileError, places
from service.market.quote_text import BadQuote, quote_of
from service.market.tape import QuoteUpdate

try:
    import duckdb
except ModuleNotFoundError as error:
    msg = "Parquet files of quotes need DuckDB; install the optional part: pip install 'sorwatch[parquet]'"
    raise QuoteFileError(msg) from error

FETCH = 4096
SETTINGS: dict[str, Any] = {
    "threads": 1,
    "memory_limit": "512MB",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
UNSIGNED = tuple(f"U{name}" for name in INTEGERS)
FLOATS = ("FLOAT", "DOUBLE")


class ParquetRows:
    """Reads a Parquet file, never more than a few row groups at once; QuoteFileError when it is none of quotes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        if not path.is_file():
            msg = f"quote file {path} cannot be opened: No such file"
            raise QuoteFileError(msg)
        self._connection = duckdb.connect(config=SETTINGS)
        try:
            kinds = self._kinds()
            places(path, list(kinds))
            asked = ", ".join(_asked(path, name, kinds[name]) for name in (*COLUMNS, STATE) if name in kinds)
            self._found = self._connection.execute(f"SELECT {asked} FROM read_parquet(?)", [str(path)])  # noqa: S608 - names and types are ours
        except duckdb.Error as error:
            self.close()
            raise _unreadable(path, error) from error
        except QuoteFileError:
            self.close()
            raise

    def __iter__(self) -> Iterator[tuple[int, QuoteUpdate | BadQuote]]:
        number = 0
        while rows := self._fetch():
            for row in rows:
                number += 1
                yield number, _quote_of(row)

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    def _kinds(self) -> dict[str, str]:
        """Return the type of each column by its name."""
        described = self._connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(self._path)])
        return {name: kind for name, kind, *_ in described.fetchall()}

    def _fetch(self) -> list[tuple[Any, ...]]:
        try:
            return self._found.fetchmany(FETCH)
        except duckdb.Error as error:
            raise _unreadable(self._path, error) from error


def _asked(path: Path, name: str, kind: str) -> str:
    """Return the expression that gives the column as an integer or a text."""
    whole = kind in (*INTEGERS, *UNSIGNED)
    if name == "time_ns" and not whole:
        if not kind.startswith("TIMESTAMP"):
            msg = f"quote file {path}: time_ns is {kind}; expected an integer of nanoseconds or a timestamp"
            raise QuoteFileError(msg)
        return f"epoch_ns({name})"
    if whole:
        return name
    text = f"CAST({name} AS VARCHAR)"
    return f"CASE WHEN isnan({name}) THEN NULL ELSE {text} END" if kind in FLOATS else text


def _quote_of(row: tuple[Any, ...]) -> QuoteUpdate | BadQuote:
    time, symbol, bid, bid_size, offer, offer_size, *state = row
    if time is None:
        return BadQuote("time_ns is missing")
    return quote_of(str(symbol or ""), time, bid, bid_size, offer, offer_size, state[0] if state else None)


def _unreadable(path: Path, error: duckdb.Error) -> QuoteFileError:
    return QuoteFileError(f"quote file {path} cannot be read as Parquet: {str(error).splitlines()[0]}")
