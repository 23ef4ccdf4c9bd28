"""Rows at once: what a cell holds comes back as the plain value that it stands for."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from rules.facts import Level, OrderEnd, OrderEventKind, OrderType, QuoteState, Side, TimeInForce
from service.journal import RecordKind
from service.store.bulk import BOUND_AS

MEMBERS = [*Level, *OrderEnd, *OrderEventKind, *OrderType, *QuoteState, *RecordKind, *Side, *TimeInForce]


@pytest.mark.parametrize(
    ("cell", "plain"),
    [
        (None, None),
        (True, 1),
        (False, 0),
        (b"", b""),
        (b"\x00\xff", b"\x00\xff"),
        *((one, one.value) for one in MEMBERS),
    ],
)
def test_a_cell_comes_back_as_the_plain_value_it_stands_for(cell: Any, plain: object) -> None:
    """Whatever SQLite is told to bind a kind as, the value that it keeps is the member's own text, number or NULL."""
    (kept,) = sqlite3.connect(":memory:").execute("SELECT ?", (cell,)).fetchone()

    assert (type(kept), kept) == (type(plain), plain)


def test_every_kind_that_has_a_short_way_is_shown_to_come_back() -> None:
    """A kind that is added to the table is added to this test."""
    shown = {type(cell) for cell in (None, True, b"", *MEMBERS)}

    assert shown == set(BOUND_AS)
