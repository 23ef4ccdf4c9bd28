"""The NBBO out of one file, CSV or Parquet: the port `Quotes` over all that it holds, read as far as it is asked.

The file is the whole truth: nothing waits, nothing is stale, and its last quote of a day stays in force to the end of
that day. An answer depends on the file and the request alone, never on what was asked before: every quote that was read
is kept (41 bytes each), and a row whose time goes back is a bad row. What is read is checked, put in order and packed
column by column; the columns of a file are told in quote_rows.py.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from rules.facts import Nanos, Quote
from service.market.around import Around, around
from service.market.calendar import ALWAYS, TradingCalendar
from service.market.enrich import QuotePolicy, answered, in_session, recent_extremes
from service.market.quote_columns import QuoteColumns
from service.market.quote_rows import CsvRows, QuoteFileError, QuoteRows, RowsRead
from service.market.symbols import COMMON, Styles, canonical
from service.market.tape import Tape
from service.market.time_order import TimeOrder
from service.ports import QuoteRequest
from service.processed import Decision

__all__ = ["PARQUET", "BadRow", "FileQuotes", "QuoteFileError", "opened_rows"]

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
        self._parts = iter(self._rows)
        self._order = TimeOrder()

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
            marks=answered(request.marks, self._at),
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
            for quotes in self._read():
                self._tape.extend(quotes)
        return self._tape.mark > at

    def _read(self) -> list[QuoteColumns]:
        """Return the good quotes of the next part of the file."""
        part = next(self._parts, None)
        self._ended = part is None or part.last
        good = [] if part is None else self._good(part)
        return [*good, *self._order.end()] if self._ended else good

    def _good(self, part: RowsRead) -> list[QuoteColumns]:
        """Return the good quotes of a part, and tell of the bad ones in the order in which they were seen."""
        self.rows += part.rows
        quotes, foreign = self._of_the_span(part.quotes)
        taken, misplaced = self._order.put(quotes)
        bad = [(line, line, reason) for line, reason in (*part.bad, *foreign)]
        bad += [(each.seen_at, each.line, each.reason) for each in misplaced]
        for _, line, reason in sorted(bad):
            self._bad(line, reason)
        return taken

    def _of_the_span(self, quotes: QuoteColumns) -> tuple[QuoteColumns, list[tuple[int, str]]]:
        if self._span is None:
            return quotes, []
        inside = (self._span[0] <= quotes.at) & (quotes.at < self._span[1])
        outside = quotes.take(~inside)
        words = [f"time_ns {at} is not of the file's date in New York" for at in outside.at.tolist()]
        return quotes.take(inside), list(zip(outside.line.tolist(), words, strict=True))

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
