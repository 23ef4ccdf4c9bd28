"""The rows of one CSV file of quotes, each read or said to be bad; and what every reader of rows promises.

`time_ns,symbol,bid,bid_size,offer,offer_size[,state]`, in any order of the columns, header row required.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, TextIO

from service.market.quote_text import BadQuote, quote_of
from service.market.tape import QuoteUpdate

COLUMNS = ("time_ns", "symbol", "bid", "bid_size", "offer", "offer_size")
STATE = "state"


class QuoteFileError(ValueError):
    """The file cannot be used as a source of quotes at all."""


class QuoteRows(Protocol):
    """Gives the rows of one file in its order, by line or number, each a quote or what is wrong with it."""

    def __iter__(self) -> Iterator[tuple[int, QuoteUpdate | BadQuote]]:
        """Read on from where it is."""
        ...

    def close(self) -> None:
        """Let the file go."""
        ...


class CsvRows:
    """Reads a CSV file; a missing file or a wrong header raises QuoteFileError."""

    def __init__(self, path: Path) -> None:
        self._file = _opened(path)
        try:
            self._places = places(path, _fields(self._file.readline()))
        except QuoteFileError:
            self._file.close()
            raise

    def __iter__(self) -> Iterator[tuple[int, QuoteUpdate | BadQuote]]:
        for line, text in enumerate(self._file, start=2):
            if not text.isspace():
                yield line, _quote_of(_fields(text), self._places)

    def close(self) -> None:
        """Let the file go."""
        self._file.close()


def places(path: Path, names: list[str]) -> tuple[int, ...]:
    """Return where each column stands, the state's place last and only when it is there."""
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        expected = f"expected {','.join(COLUMNS)}[,{STATE}]"
        msg = f"quote file {path} lacks {', '.join(missing)} in its header row; {expected}"
        raise QuoteFileError(msg)
    return tuple(names.index(name) for name in (*COLUMNS, STATE) if name in names)


def _opened(path: Path) -> TextIO:
    try:
        return path.open(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        msg = f"quote file {path} cannot be opened: {error.strerror}"
        raise QuoteFileError(msg) from error


def _fields(text: str) -> list[str]:
    if '"' in text or " " in text:
        return [field.strip() for field in text.replace('"', "").split(",")]
    return text.rstrip().split(",")


def _quote_of(fields: list[str], where: tuple[int, ...]) -> QuoteUpdate | BadQuote:
    try:
        time, symbol, bid, bid_size, offer, offer_size, *state = [fields[place] for place in where]
    except IndexError:
        return BadQuote(f"the row has {len(fields)} fields, fewer than the header")
    if not time.isascii() or not time.isdigit():
        return BadQuote(f"time_ns {time!r} is no whole number of nanoseconds")
    return quote_of(symbol, int(time), bid, bid_size, offer, offer_size, state[0] if state else None)
