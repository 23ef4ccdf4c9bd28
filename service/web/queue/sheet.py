"""The queue as CSV: what is shown, in its order and columns, safe to open in a spreadsheet. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from service.web.queue.rows import Row

HEADS = (
    *("severity", "exception", "what was found", "kind", "cause", "counterparty", "findings", "harm in dollars"),
    *("opened, UTC", "last, UTC", "clock", "vendor", "state", "who has it", "why", "venue", "symbol"),
)
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def sheet(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the lines of the file, the heads first."""
    yield _line(HEADS)
    for row in rows:
        line = row.line
        found = (line.sentence, line.title, line.cause, line.counterparty, line.findings.replace(",", ""))
        harm = line.exact_harm.replace("$", "").replace(",", "")
        clock = "" if row.clock is None else row.clock.whole
        times = (row.opened.exact, line.last.exact, clock, row.vendor)
        stands = (line.state, row.who, row.why, row.venue, row.symbol)
        yield _line((line.severity, str(line.case_id), *found, harm, *times, *stands))


def safe(cell: str) -> str:
    """Return a cell that no spreadsheet runs: what begins like a formula is led by an apostrophe, but for numbers."""
    is_number = cell.lstrip("-").replace(".", "", 1).isdigit() and cell.isascii()
    return f"'{cell}" if cell.startswith(_FORMULAS) and not is_number else cell


def _line(cells: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(map(safe, cells))
    return text.getvalue()
