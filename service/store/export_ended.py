"""What an order came to, beside what is stored of it: fill ratio, cost against its arrival, shares by venue. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import msgspec

from rules.arrival import NO_END, shortfall, slippage, why_no_shortfall, why_no_slippage
from rules.facts import PRICE_SCALE, Level, Quantity, Quote, Side
from service.exact_text import plain_shares
from service.market.markouts import AHEAD
from service.store.export_derived import quote, with_class

Row = Mapping[str, Any]
OPEN = "open"
NOT_RECORDED = "not recorded"


def with_end(row: Row) -> dict[str, Any]:
    """Return an order with its classes, and with what it came to where it has ended."""
    known = receipt(row, "receipt")
    return {
        **with_class(row),
        "fill_ratio": ratio(row["executed"], row["ordered"]),
        "venue_shares": _by_venue(row),
        **arrival(_side(row), row["executed"], _notional(row), known, None if row["notional"] else _missing(row)),
        **_shortfall(row, known),
    }


def arrival(
    side: Side | None, executed: Quantity, notional: int | None, known: Quote, missing: str | None = None
) -> dict[str, Any]:
    """Return the cost against arrival in dollars a share and in all, exact, or why there is none."""
    cost = None if notional is None else slippage(side, executed, notional, known)
    return {
        "arrival_slippage": None if cost is None else Fraction(cost, 2 * PRICE_SCALE * executed),
        "arrival_slippage_dollars": cost,
        "arrival_reason": why_no_slippage(side, executed, known) or missing,
    }


def _shortfall(row: Row, known: Quote) -> dict[str, Any]:
    """Return the implementation shortfall a share ordered and in all, exact, or why there is none."""
    side, ordered, executed, notional = _side(row), Quantity(row["ordered"] or 0), row["executed"], _notional(row)
    end = None if row["end_quote_state"] is None else receipt(row, "end")
    if notional is None:
        return {"shortfall": None, "shortfall_dollars": None, "shortfall_reason": _missing(row)}
    cost = shortfall(side, ordered, executed, notional, known, end)
    return {
        "shortfall": None if cost is None else Fraction(cost, 2 * PRICE_SCALE * ordered),
        "shortfall_dollars": cost,
        "shortfall_reason": _why_no_end(row, why_no_shortfall(side, ordered, executed, known, end)),
    }


def _why_no_end(row: Row, why: str | None) -> str | None:
    """Say of a quote that nobody asks for why that is so."""
    if why != NO_END:
        return why
    if row["level"] == Level.PACKAGE:
        return "multileg package"
    return "ended ahead of receipt" if row["ended_at"] > row["ended_clock"] + AHEAD else why


def receipt(row: Row, prefix: str) -> Quote:
    """Return a quote of a row with what its note says."""
    return msgspec.structs.replace(quote(row, prefix), note=row[f"{prefix}_quote_note"])


def ratio(executed: int | None, ordered: int | None) -> Fraction | None:
    """Return executed / ordered, None where nothing is known to have been ordered."""
    return Fraction(executed or 0, ordered) if ordered else None


def venue_text(by_venue: Iterable[tuple[str, int]]) -> str | None:
    """Return venues with their shares as text, for example `XNAS 100, ARCX 50.5`; None without any."""
    return ", ".join(f"{venue} {plain_shares(quantity)}" for venue, quantity in by_venue) or None


def _by_venue(row: Row) -> str | None:
    if row["venues"] is None or row["venue_shares"] is None:
        return None
    venues, quantities = msgspec.json.decode(row["venues"]), msgspec.json.decode(row["venue_shares"])
    return venue_text(zip(venues, quantities, strict=True))


def _side(row: Row) -> Side | None:
    return None if row["side"] is None else Side(row["side"])


def _notional(row: Row) -> int | None:
    return None if row["notional"] is None else int(row["notional"])


def _missing(row: Row) -> str:
    return OPEN if row["state"] == OPEN else NOT_RECORDED
