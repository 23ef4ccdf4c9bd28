"""The rows of one CSV file of quotes, part by part in columns; and what every reader of rows promises.

`time_ns,symbol,bid,bid_size,offer,offer_size[,state]`, in any order of the columns, header row required. Rows that have
as many fields as the header are read column by column, the others, and what is doubtful in these, one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import compress, repeat
from pathlib import Path
from typing import Protocol, TextIO

import msgspec
import numpy as np

from service.market.column_values import (
    Whole,
    prices_of_texts,
    sizes_of_texts,
    states_of_texts,
    times_of_texts,
)
from service.market.quote_columns import QuoteColumns, checked, of_names, spread
from service.market.quote_text import BadQuote, quote_of
from service.market.update import QuoteUpdate

COLUMNS = ("time_ns", "symbol", "bid", "bid_size", "offer", "offer_size")
STATE = "state"
BLOCK = 2_000_000
"""Characters that are read at once."""

FIRST_PLAIN = ord(" ")
"""What comes before it in ASCII are control characters, some of which are blanks to one and not to another."""


class QuoteFileError(ValueError):
    """The file cannot be used as a source of quotes at all."""


class RowsRead(msgspec.Struct, frozen=True, eq=False):
    """A part of a file: how many rows it had, the good ones, and line (or row) and reason of the bad ones."""

    last: bool
    rows: int
    quotes: QuoteColumns
    bad: list[tuple[int, str]]


class QuoteRows(Protocol):
    """Gives the rows of one file in its order, part by part, each row a quote or what is wrong with it."""

    def __iter__(self) -> Iterator[RowsRead]:
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
            names = fields_of(self._file.readline())
            self._places = places(path, names)
        except QuoteFileError:
            self._file.close()
            raise
        self._commas = len(names) - 1

    def __iter__(self) -> Iterator[RowsRead]:
        number, last = 2, False
        while not last:
            text = self._file.read(BLOCK)
            last = len(text) < BLOCK
            lines = (text + self._file.readline()).removesuffix("\n").split("\n")
            yield RowsRead(last, *self._read(lines, number))
            number += len(lines)

    def close(self) -> None:
        """Let the file go."""
        self._file.close()

    def _read(self, lines: list[str], number: int) -> tuple[int, QuoteColumns, list[tuple[int, str]]]:
        """Read some lines, the first of which has this number: how many rows, the good ones, and the others."""
        numbers = np.arange(number, number + len(lines))
        usual = self._usual(lines)
        if all(usual):
            columns = self._columns(lines, numbers)
        else:
            some = [bool(line) and not line.isspace() for line in lines]
            lines, usual, numbers = list(compress(lines, some)), list(compress(usual, some)), numbers[some]
            columns = spread(
                self._columns(list(compress(lines, usual)), numbers[usual]), np.array(usual, bool), numbers
            )
        return len(lines), *checked(columns, lambda places: [self._quote(lines[place]) for place in places])

    def _usual(self, lines: list[str]) -> list[bool]:
        """Return which lines can be read column by column."""
        text = "".join(lines)
        if not text.isascii() or np.frombuffer(text.encode(), np.uint8).min(initial=FIRST_PLAIN) < FIRST_PLAIN:
            return [False] * len(lines)
        return list(map(self._commas.__eq__, map(str.count, lines, repeat(","))))

    def _columns(self, lines: list[str], numbers: Whole) -> QuoteColumns:
        """Return the quotes of lines that have a field for each column."""
        fields = fields_of(",".join(lines)) if lines else []
        time, symbol, bid, bid_size, offer, offer_size, *state = [
            fields[place :: self._commas + 1] for place in self._places
        ]
        names, codes = of_names(symbol)
        return QuoteColumns(
            line=numbers,
            names=names,
            symbol=codes,
            at=times_of_texts(time),
            bid=prices_of_texts(bid),
            bid_size=sizes_of_texts(bid_size),
            offer=prices_of_texts(offer),
            offer_size=sizes_of_texts(offer_size),
            market=states_of_texts(state[0]) if state else np.zeros(len(lines), np.int8),
        )

    def _quote(self, line: str) -> QuoteUpdate | BadQuote:
        """Read one line."""
        fields = fields_of(line)
        try:
            time, symbol, bid, bid_size, offer, offer_size, *state = [fields[place] for place in self._places]
        except IndexError:
            return BadQuote(f"the row has {len(fields)} fields, fewer than the header")
        try:
            at = int(time) if time.isascii() and time.isdigit() else None
        except ValueError:  # Python reads no number of thousands of digits
            at = None
        if at is None:
            return BadQuote(f"time_ns {time!r} is no whole number of nanoseconds")
        return quote_of(symbol, at, bid, bid_size, offer, offer_size, state[0] if state else None)


def places(path: Path, names: list[str]) -> tuple[int, ...]:
    """Return where each column stands, the state's place last and only when it is there."""
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        expected = f"expected {','.join(COLUMNS)}[,{STATE}]"
        msg = f"quote file {path} lacks {', '.join(missing)} in its header row; {expected}"
        raise QuoteFileError(msg)
    return tuple(names.index(name) for name in (*COLUMNS, STATE) if name in names)


def fields_of(text: str) -> list[str]:
    """Return what stands between the commas."""
    if '"' in text or " " in text:
        return [field.strip() for field in text.replace('"', "").split(",")]
    return text.rstrip().split(",")


def _opened(path: Path) -> TextIO:
    try:
        return path.open(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        msg = f"quote file {path} cannot be opened: {error.strerror}"
        raise QuoteFileError(msg) from error
