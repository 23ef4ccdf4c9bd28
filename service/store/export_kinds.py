"""What the columns of exports are made of: the text of a cell, and groups that several exports share. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from service.store.export_text import iso_utc, plain_dollars, plain_shares

Text = Callable[[Any], object]
Columns = dict[str, Text]


def same(value: Any) -> object:
    """Return the value as it is."""
    return value


def quote_columns(prefix: str) -> Columns:
    """Return the columns of one quote."""
    return {
        f"{prefix}_bid": plain_dollars,
        f"{prefix}_bid_size": plain_shares,
        f"{prefix}_offer": plain_dollars,
        f"{prefix}_offer_size": plain_shares,
        f"{prefix}_quote_at": iso_utc,
        f"{prefix}_quote_state": same,
    }


def as_they_are(*names: str) -> Columns:
    """Return columns that show their cells as they are."""
    return dict.fromkeys(names, same)


PLACE = as_they_are("schema", "offset", "counterparty", "session", "trade_date")
