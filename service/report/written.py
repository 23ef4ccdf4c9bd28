"""A report as lines of text and as CSV that no spreadsheet takes for a formula. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from service.report.sheet import Section, Sheet

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""How a cell begins that a spreadsheet would compute (OWASP, CSV Injection)."""


def csv_text(sheet: Sheet) -> str:
    """Return the report as CSV: the part that a line is of stands first, and each table under its own heads."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(["report", sheet.day, sheet.as_of])
    for section in sheet.sections:
        writer.writerows([_safe(cell) for cell in line] for line in _lines(section))
    return written.getvalue()


def _lines(section: Section) -> Iterator[list[str]]:
    yield from ([section.name, sentence] for sentence in section.sentences)
    if section.rows:
        yield [section.name, *section.columns]
        yield from ([section.name, *row.cells] for row in section.rows)
    elif not section.sentences:
        yield [section.name, section.quiet]


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def text_lines(sheet: Sheet) -> Iterator[str]:
    """Yield the report as lines of text."""
    yield f"report of {sheet.day}, as of {sheet.as_of}"
    for section in sheet.sections:
        yield from ("", section.title)
        yield from (f"  {sentence}" for sentence in section.sentences)
        yield from (f"  {line}" for line in _table(section))
        if not section.rows and not section.sentences:
            yield f"  {section.quiet}"


def _table(section: Section) -> Iterator[str]:
    if not section.rows:
        return
    lines = [section.columns, *(row.cells for row in section.rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(section.columns))]
    for line in lines:
        cells = (
            cell.rjust(width) if place in section.numbers else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()
