"""The queue as CSV."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.web.queue.rows import row
from service.web.queue.sheet import HEADS, safe, sheet
from tests.factories_cases import NO_CLOCKS, NOON, a_case, a_finding


def test_every_row_is_a_line_under_the_heads() -> None:
    """With exact values."""
    case = a_case(a_finding(dollar_harm=1_234_500_000_000, sentence='=HYPERLINK("x"), or "not"'))

    lines = list(csv.reader(sheet([row(case, {}, NO_CLOCKS, NOON)])))

    assert lines[0] == list(HEADS)
    told = dict(zip(HEADS, lines[1], strict=True))
    assert told["what was found"] == '\'=HYPERLINK("x"), or "not"'
    assert told["harm in dollars"] == "1234.50"
    assert told["exception"] == "7"
    assert told["opened, UTC"].endswith("Z")


@pytest.mark.parametrize(
    ("cell", "kept"),
    [("=1", "'=1"), ("+x", "'+x"), ("-x", "'-x"), ("@x", "'@x"), ("-1.5", "-1.5"), ("a=1", "a=1"), ("", "")],
)
def test_what_begins_like_a_formula_is_text(cell: str, kept: str) -> None:
    """A negative amount stays a number."""
    assert safe(cell) == kept


@given(st.text(max_size=20))
def test_no_cell_is_run_by_a_spreadsheet(cell: str) -> None:
    """Whatever a vendor sends."""
    assert not safe(cell).startswith(("=", "+", "@", "\t", "\r"))
