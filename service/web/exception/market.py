"""The quotes that are kept with a finding, as lines of the page: those around the execution first in sight. Pure."""

from __future__ import annotations

import msgspec

from service.market.around import Told
from service.market.update import MarketState
from service.quote_evidence import FindingQuotes
from service.web.said import Instant, instant, said, words

SHOWN = 24
"""Quotes in the table, half of them before the execution; the export has all."""


class MarketLine(msgspec.Struct, frozen=True, kw_only=True):
    """One quote: its sides in the order of the page's columns; `in_force` is the one at the execution."""

    at: Instant
    sides: tuple[str, ...]
    market: str
    in_force: bool


class MarketAround(msgspec.Struct, frozen=True, kw_only=True):
    """The quotes around an execution, in words how many and whether that is all."""

    heading: str
    caveat: str
    lines: tuple[MarketLine, ...]


def market_around(kept: FindingQuotes | None, at: int) -> MarketAround | None:
    """Return the table of the quotes around the instant, None when none are kept."""
    if kept is None:
        return None
    quotes = kept.around.quotes
    before = sum(quote.at <= at for quote in quotes)
    first = max(0, min(before - SHOWN // 2, len(quotes) - SHOWN))
    shown = quotes[first : first + SHOWN]
    counted = f"{len(shown)} of {len(quotes)} quotes" if len(shown) < len(quotes) else f"{len(quotes)} quotes"
    begin, end = instant(kept.around.begin).fine, instant(kept.around.end).fine
    return MarketAround(
        heading=f"{kept.symbol} from {begin} to {end}: {counted}",
        caveat="" if kept.around.complete else f"Not complete: {kept.around.reason}.",
        lines=tuple(_line(quote, in_force=first + n + 1 == before) for n, quote in enumerate(shown)),
    )


def _line(quote: Told, *, in_force: bool) -> MarketLine:
    sides = (
        ("bid_shares", quote.bid_size),
        ("bid_price", quote.bid),
        ("offer_price", quote.offer),
        ("offer_shares", quote.offer_size),
    )
    return MarketLine(
        at=instant(quote.at),
        sides=tuple("–" if value is None else said(name, value)[1] for name, value in sides),
        market="" if quote.market is MarketState.NORMAL else words(quote.market.name.lower()),
        in_force=in_force,
    )
