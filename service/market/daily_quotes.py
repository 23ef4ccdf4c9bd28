"""The NBBO out of a folder with one file a day: the port `Quotes`, each instant answered by the file of its date.

A name carries its date (`quotes-2013-10-07.csv`, `20131007.parquet`), the date in New York. Each file is the whole
truth of its date: nothing of the day before is in force, and a date without a file has no quotes.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from rules.facts import Nanos, Price
from service.market.around import Around
from service.market.calendar import ALWAYS, TradingCalendar, trade_date
from service.market.file_quotes import PARQUET, BadRow, FileQuotes, opened_rows
from service.market.quote_rows import QuoteFileError
from service.market.symbols import COMMON, Styles
from service.market.tape import absent
from service.ports import QuoteRequest
from service.processed import Decision

DATE = re.compile(r"(?<!\d)(\d{4})-?(\d{2})-?(\d{2})(?!\d)")
KINDS = (".csv", PARQUET)
DAYS_OPEN = 3
"""Days that are kept in memory: an order may be older than its execution, and a copy may come a day late."""


class DailyQuotes:
    """Answers from the file of the date; every file is looked at once at the start, and read when it is asked."""

    def __init__(
        self,
        folder: Path,
        *,
        calendar: TradingCalendar = ALWAYS,
        symbols: Styles = COMMON,
        report: Callable[[BadRow], None] = lambda _: None,
    ) -> None:
        self._calendar = calendar
        self._symbols = symbols
        self._report = report
        self._files = files_by_day(folder)
        self._open: dict[str, FileQuotes] = {}
        self._lock = threading.Lock()
        for path in self._files.values():
            opened_rows(path).close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every file."""
        while self._open:
            self._open.popitem()[1].close()

    def around(self, symbol: str, at: Nanos, span: Nanos, *, final: bool = True) -> Around:
        """Return the quotes around an instant, as far as they are of its date."""
        day = trade_date(at)
        with self._lock:
            quotes = self._of(day)
            if quotes is None:
                begin, end = Nanos(at - span), Nanos(at + span)
                return Around(begin=begin, end=end, complete=False, reason=f"no quote file for {day}")
            return quotes.around(symbol, at, span, final=final)

    def decide(self, request: QuoteRequest, now: Nanos) -> Decision:
        """Return the quotes of the times asked for, never waiting."""
        with self._lock:
            return self._decided(request, now)

    def _decided(self, request: QuoteRequest, now: Nanos) -> Decision:
        receipt = self._at(request, request.receipt_at, now)
        execution = self._at(request, request.execution_at, now, request.price)
        marks = [self._at(request, wanted.at, now, symbol=wanted.symbol) for wanted in request.marks]
        every = (receipt, execution, *marks)
        return msgspec.structs.replace(
            execution,
            at_receipt=receipt.at_execution,
            mark=max([decision.mark for decision in every]),
            reason="end" if "end" in [decision.reason for decision in every] else "mark",
            marks=tuple([decision.at_execution for decision in marks if decision.at_execution is not None]),
        )

    def _at(
        self,
        request: QuoteRequest,
        at: Nanos | None,
        now: Nanos,
        price: Price | None = None,
        symbol: str | None = None,
    ) -> Decision:
        """Return what the file of one instant's date says of it."""
        if at is None:
            return Decision(reason="mark")
        day = trade_date(at)
        quotes = self._of(day)
        if quotes is None:
            return Decision(at_execution=absent(f"no quote file for {day}"), reason="end")
        asked = QuoteRequest(offset=request.offset, symbol=symbol or request.symbol, execution_at=at, price=price)
        return quotes.decide(asked, now)

    def _of(self, day: str) -> FileQuotes | None:
        path = self._files.get(day)
        if path is None:
            return None
        quotes = self._open.pop(day, None) or self._read(path, day)
        self._open[day] = quotes  # the one used last stands last
        while len(self._open) > DAYS_OPEN:
            self._open.pop(next(iter(self._open))).close()
        return quotes

    def _read(self, path: Path, day: str) -> FileQuotes:
        span = ALWAYS.hours(day)
        return FileQuotes(path, calendar=self._calendar, symbols=self._symbols, span=span, report=self._report)


def opened_quotes(
    path: Path,
    *,
    calendar: TradingCalendar = ALWAYS,
    symbols: Styles = COMMON,
    report: Callable[[BadRow], None] = lambda _: None,
) -> FileQuotes | DailyQuotes:
    """Return the quotes of a folder, or of a file; raise QuoteFileError when they cannot be used at all."""
    if path.is_dir():
        return DailyQuotes(path, calendar=calendar, symbols=symbols, report=report)
    return FileQuotes(path, calendar=calendar, symbols=symbols, report=report)


def files_by_day(folder: Path) -> dict[str, Path]:
    """Return the file of each date; raise QuoteFileError with everything that is wrong with the folder."""
    found: dict[str, Path] = {}
    problems = []
    for path in sorted(each for each in folder.iterdir() if each.suffix in KINDS):
        day = _day(path.stem)
        if day is None:
            problems.append(f"{path.name} carries no date")
        elif day in found:
            problems.append(f"{found[day].name} and {path.name} are of one date")
        else:
            found[day] = path
    if not found and not problems:
        problems.append("there is no .csv or .parquet file in it")
    if problems:
        msg = f"quote folder {folder}: {'; '.join(problems)}; expected one file a date, as in quotes-2013-10-07.csv"
        raise QuoteFileError(msg)
    return found


def _day(name: str) -> str | None:
    for year, month, day in DATE.findall(name):
        try:
            return date(int(year), int(month), int(day)).isoformat()
        except ValueError:
            continue
    return None
