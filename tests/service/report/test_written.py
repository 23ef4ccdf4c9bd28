"""A report as CSV and as text."""

from __future__ import annotations

import csv
import io

from service.report.sheet import Row, Section, Sheet
from service.report.written import csv_text, text_lines

TABLE = Section(
    name="open",
    title="Still open: 2",
    columns=("No.", "What"),
    rows=(Row(cells=("7", "late, by 3 s")), Row(cells=("1,041", '=HYPERLINK("http://x")'))),
    numbers=frozenset({0}),
)
SHEET = Sheet(
    day="2026-11-20",
    as_of="2026-11-20 17:00:00 New York",
    sections=(
        Section(name="assurance", title="What was reviewed", sentences=("All of it.",)),
        TABLE,
        Section(name="incidents", title="Incidents"),
    ),
)


def test_the_csv_holds_every_part_under_its_name() -> None:
    """Read back by any reader of CSV."""
    lines = list(csv.reader(io.StringIO(csv_text(SHEET))))

    assert lines == [
        ["report", "2026-11-20", "2026-11-20 17:00:00 New York"],
        ["assurance", "All of it."],
        ["open", "No.", "What"],
        ["open", "7", "late, by 3 s"],
        ["open", "1,041", '\'=HYPERLINK("http://x")'],
        ["incidents", "None."],
    ]


def test_no_cell_begins_as_a_formula_does() -> None:
    """Whatever a vendor or a person wrote."""
    cells = ("=1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "fine - really")
    sheet = Sheet(
        day="d", as_of="", sections=(Section(name="x", title="", columns=("a",) * 8, rows=(Row(cells=cells),)),)
    )

    (*_, last) = csv.reader(io.StringIO(csv_text(sheet), newline=""))

    assert [cell[0] for cell in last[1:-1]] == ["'"] * 7
    assert last[-1] == "fine - really"


def test_the_text_stands_in_columns() -> None:
    """Numbers to the right."""
    assert list(text_lines(SHEET)) == [
        "report of 2026-11-20, as of 2026-11-20 17:00:00 New York",
        "",
        "What was reviewed",
        "  All of it.",
        "",
        "Still open: 2",
        "    No.  What",
        "      7  late, by 3 s",
        '  1,041  =HYPERLINK("http://x")',
        "",
        "Incidents",
        "  None.",
    ]
