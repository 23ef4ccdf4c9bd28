"""A file of quotes read row by row onto a tape, each row a value: what the reading in columns is held against."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb

from service.market.file_quotes import BadRow
from service.market.parquet_rows import FLOATS, WHOLE
from service.market.quote_rows import COLUMNS, STATE
from service.market.quote_text import BadQuote, quote_of
from service.market.symbols import canonical
from service.market.tape import Tape
from service.market.update import QuoteUpdate

Rows = Iterator[tuple[int, QuoteUpdate | BadQuote]]


class RowByRow:
    """All of a file on a tape; `rows` and `bad` say what there was and what was not taken."""

    def __init__(self, path: Path, span: tuple[int, int] | None = None) -> None:
        self.tape = Tape(capacity=None, canonical=canonical)
        self.rows = 0
        self.bad: list[BadRow] = []
        self._name = path.name
        self._span = span
        for quote in self._in_time_order(_parquet(path) if path.suffix == ".parquet" else _csv(path)):
            self.tape.update(quote)

    def _in_time_order(self, rows: Rows) -> Iterator[QuoteUpdate]:
        held: QuoteUpdate | None = None
        held_line = 0
        for line, quote in self._readable(rows):
            if held is not None and quote.at < held.at:
                if quote.at < self.tape.mark:
                    self._bad(line, f"time_ns goes back to {quote.at}; the file must be in time order")
                    continue
                self._bad(held_line, f"time_ns {held.at} lies ahead of the row after it")
            elif held is not None:
                yield held
            held, held_line = quote, line
        if held is not None:
            yield held

    def _readable(self, rows: Rows) -> Iterator[tuple[int, QuoteUpdate]]:
        for line, quote in rows:
            self.rows += 1
            if isinstance(quote, BadQuote):
                self._bad(line, quote.reason)
            elif self._span is not None and not self._span[0] <= quote.at < self._span[1]:
                self._bad(line, f"time_ns {quote.at} is not of the file's date in New York")
            else:
                yield line, quote

    def _bad(self, line: int, reason: str) -> None:
        self.bad.append(BadRow(line, reason, self._name))


def _csv(path: Path) -> Rows:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        names = _fields(file.readline())
        places = [names.index(name) for name in (*COLUMNS, STATE) if name in names]
        for line, text in enumerate(file, start=2):
            if not text.isspace():
                yield line, _quote_of(_fields(text), places)


def _fields(text: str) -> list[str]:
    if '"' in text or " " in text:
        return [field.strip() for field in text.replace('"', "").split(",")]
    return text.rstrip().split(",")


def _quote_of(fields: list[str], places: list[int]) -> QuoteUpdate | BadQuote:
    try:
        time, symbol, bid, bid_size, offer, offer_size, *state = [fields[place] for place in places]
    except IndexError:
        return BadQuote(f"the row has {len(fields)} fields, fewer than the header")
    if not time.isascii() or not time.isdigit():
        return BadQuote(f"time_ns {time!r} is no whole number of nanoseconds")
    return quote_of(symbol, int(time), bid, bid_size, offer, offer_size, state[0] if state else None)


def _parquet(path: Path) -> Rows:
    with duckdb.connect(config={"threads": 1}) as connection:
        described = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
        kinds = {name: kind for name, kind, *_ in described}
        asked = ", ".join(_asked(name, kinds[name]) for name in (*COLUMNS, STATE) if name in kinds)
        found = connection.execute(f"SELECT {asked} FROM read_parquet(?)", [str(path)])
        number = 0
        while rows := found.fetchmany(4096):
            for row in rows:
                number += 1
                yield number, _quote_of_row(row)


def _asked(name: str, kind: str) -> str:
    if name == "time_ns" and kind not in WHOLE:
        return f"epoch_ns({name})"
    if kind in WHOLE:
        return name
    text = f"CAST({name} AS VARCHAR)"
    return f"CASE WHEN isnan({name}) THEN NULL ELSE {text} END" if kind in FLOATS else text


def _quote_of_row(row: tuple[object, ...]) -> QuoteUpdate | BadQuote:
    time, symbol, bid, bid_size, offer, offer_size, *state = row
    if time is None:
        return BadQuote("time_ns is missing")
    return quote_of(str(symbol or ""), time, bid, bid_size, offer, offer_size, state[0] if state else None)  # type: ignore[arg-type]
