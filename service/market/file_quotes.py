"""The NBBO out of one file, CSV or Parquet: the port `Quotes` over all that it holds, read as far as it is asked.

The file is the whole truth: nothing waits, nothing is stale, and its last quote of a day stays in force to the end of
that day. An answer depends on the file and the request alone, never on what was asked before: every quote that was read
is kept (41 bytes each), and a row whose time goes back is a bad row. The columns are told in quote_rows.py.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from rules.facts import Nanos, Quote
from service.market.around import Around, around
from service.market.calendar import ALWAYS, TradingCalendar
from service.market.enrich import QuotePolicy, in_session, recent_extremes
from service.market.quote_rows import CsvRows, QuoteFileError, QuoteRows
from service.market.quote_text import BadQuote
from service.market.symbols import COMMON, Styles, canonical
from service.market.tape import QuoteUpdate, Tape
from service.ports import QuoteRequest
from service.processed import Decision

__all__ = ["PARQUET", "BadRow", "FileQuotes", "QuoteFileError", "opened_rows"]

CHUNK = 4096
BAD_ROWS_KEPT = 100
PARQUET = ".parquet"
Span = tuple[int, int]
"""First nanosecond and the one after the last."""


class BadRow(msgspec.Struct, frozen=True):
    """A row that was not taken: its line in a CSV file (the header is line 1), its row in Parquet (from 1)."""

    line: int
    reason: str
    file: str = ""


class FileQuotes:
    """Answers every request from one quote file; `bad_rows` counts what was not taken, `first_bad` names some.

    `report` is told the first bad rows as they are met; a quote outside of `span` is one. A missing file or a wrong
    header raises QuoteFileError.
    """

    def __init__(
        self,
        path: Path,
        *,
        calendar: TradingCalendar = ALWAYS,
        extended_hours: bool = False,
        symbols: Styles = COMMON,
        span: Span | None = None,
        report: Callable[[BadRow], None] = lambda _: None,
    ) -> None:
        self.rows = 0
        self.bad_rows = 0
        self.first_bad: list[BadRow] = []
        self._policy = QuotePolicy(calendar=calendar, extended_hours=extended_hours)
        self._report = report
        self._tape = Tape(capacity=None, canonical=lambda symbol: canonical(symbol, symbols))
        self._ended = False
        self._lock = threading.Lock()
        self._name = path.name
        self._span = span
        self._rows = opened_rows(path)
        self._stream = self._in_time_order()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what was read stays."""
        self._ended = True
        self._rows.close()

    @property
    def mark(self) -> Nanos:
        """Return how far the file has been read, by its own time."""
        return self._tape.mark

    def decide(self, request: QuoteRequest, now: Nanos) -> Decision:
        """Return the file's quotes as of the times asked for; reading on until it has passed them, never waiting."""
        del now
        with self._lock:
            return self._decided(request)

    def _decided(self, request: QuoteRequest) -> Decision:
        latest = request.latest
        passed = latest is None or self._read_past(latest)
        execution = self._quote(request.symbol, request.execution_at)
        recent = recent_extremes(request, execution, self._tape, self._policy)
        return Decision(
            at_receipt=self._quote(request.symbol, request.receipt_at),
            at_execution=execution,
            # how far the file happens to have been read would depend on what was asked before
            mark=(latest or Nanos(0)) if passed else self._tape.mark,
            reason="mark" if passed else "end",
            lowest_bid=recent.lowest_bid,
            highest_offer=recent.highest_offer,
            marks=tuple([self._at(wanted.symbol, wanted.at) for wanted in request.marks]),
        )

    def around(self, symbol: str, at: Nanos, span: Nanos, *, final: bool = True) -> Around:
        """Return the file's quotes around an instant; the file is the whole truth, so that they are complete."""
        del final
        with self._lock:
            self._read_past(Nanos(at + span))
            found = around(self._tape, symbol, at, span)
        cut = found.reason.startswith("only")
        return found if cut else msgspec.structs.replace(found, complete=True, reason="")

    def _quote(self, symbol: str, at: Nanos | None) -> Quote | None:
        return None if at is None else self._at(symbol, at)

    def _at(self, symbol: str, at: Nanos) -> Quote:
        return in_session(self._tape.as_of(symbol, at), at, self._policy)

    def _read_past(self, at: Nanos) -> bool:
        """Read until the mark is later than `at`; return whether it is, False when the file ends before."""
        while self._tape.mark <= at and not self._ended:
            taken = 0
            for quote in islice(self._stream, CHUNK):
                self._tape.update(quote)
                taken += 1
            self._ended = taken < CHUNK
        return self._tape.mark > at

    def _in_time_order(self) -> Iterator[QuoteUpdate]:
        """Yield the good rows; of two that are out of order, the one that would shut out more of the file is bad."""
        held: QuoteUpdate | None = None
        held_line = 0
        for line, quote in self._readable():
            if held is not None and quote.at < held.at:
                if quote.at < self._tape.mark:
                    self._bad(line, f"time_ns goes back to {quote.at}; the file must be in time order")
                    continue
                self._bad(held_line, f"time_ns {held.at} lies ahead of the row after it")
            elif held is not None:
                yield held
            held, held_line = quote, line
        if held is not None:
            yield held

    def _readable(self) -> Iterator[tuple[int, QuoteUpdate]]:
        for line, quote in self._rows:
            self.rows += 1
            if isinstance(quote, BadQuote):
                self._bad(line, quote.reason)
            elif self._span is not None and not self._span[0] <= quote.at < self._span[1]:
                self._bad(line, f"time_ns {quote.at} is not of the file's date in New York")
            else:
                yield line, quote

    def _bad(self, line: int, reason: str) -> None:
        self.bad_rows += 1
        if len(self.first_bad) < BAD_ROWS_KEPT:
            row = BadRow(line, reason, self._name)
            self.first_bad.append(row)
            self._report(row)


def opened_rows(path: Path) -> QuoteRows:
    """Return the rows of a file by its kind; raise QuoteFileError when it cannot be read as quotes."""
    if path.suffix != PARQUET:
        return CsvRows(path)
    from service.market.parquet_rows import ParquetRows  # noqa: PLC0415 - its library is an optional part

    return ParquetRows(path)
