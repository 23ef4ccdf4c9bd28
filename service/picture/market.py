"""The market of a picture: which quote was in force when, in what state, and for how long. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec

from rules.facts import Nanos, Price
from rules.words import duration
from service.market.around import Told
from service.market.update import MarketState


class Stand(StrEnum):
    """How the two sides of the market stand to each other."""

    NORMAL = "normal"
    LOCKED = "locked"
    CROSSED = "crossed"
    ONE_SIDED = "one-sided"
    EMPTY = "no quote"
    HALTED = "halted"
    CLOSED = "closed"
    BANDED = "not executable"


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """One quote and the time for which it was in force within the picture."""

    begin: Nanos
    end: Nanos
    bid: Price | None
    offer: Price | None
    stand: Stand


_BY_MARKET = {MarketState.HALTED: Stand.HALTED, MarketState.CLOSED: Stand.CLOSED}


def spans(quotes: Sequence[Told], begin: Nanos, end: Nanos) -> list[Span]:
    """Return the quotes of [begin, end] with their times; where none was in force yet, an empty span."""
    found, quotes = [], sorted(quotes, key=lambda quote: quote.at)
    if begin < end and (not quotes or quotes[0].at > begin):
        first = min(quotes[0].at, end) if quotes else end
        found.append(Span(begin=begin, end=Nanos(first), bid=None, offer=None, stand=Stand.EMPTY))
    for number, quote in enumerate(quotes):
        until = quotes[number + 1].at if number + 1 < len(quotes) else end
        one, other = max(begin, quote.at), min(end, until)
        if one <= other:
            found.append(_span(quote, Nanos(one), Nanos(other)))
    return found


def _span(quote: Told, begin: Nanos, end: Nanos) -> Span:
    return Span(begin=begin, end=end, bid=quote.bid, offer=quote.offer, stand=stand(quote))


def stand(quote: Told) -> Stand:
    """Return how one quote stands: what the market says of itself before what its prices say."""
    if quote.market in _BY_MARKET:
        return _BY_MARKET[quote.market]
    if quote.bid is None or quote.offer is None:
        return Stand.EMPTY if quote.bid is quote.offer else Stand.ONE_SIDED
    if quote.bid >= quote.offer:
        return Stand.LOCKED if quote.bid == quote.offer else Stand.CROSSED
    return Stand.NORMAL if quote.market is MarketState.NORMAL else Stand.BANDED


def runs(of: Iterable[Span]) -> list[Span]:
    """Return the spans with neighbours of one stand joined; the prices are those of the first."""
    joined: list[Span] = []
    for span in of:
        if joined and joined[-1].stand is span.stand:
            joined[-1] = msgspec.structs.replace(joined[-1], end=span.end)
        else:
            joined.append(span)
    return joined


def troubles(of: Iterable[Span]) -> str:
    """Return in words for how long the market was not a normal one: "crossed 0.3 s, halted 2 s"; "" when never."""
    lasted: dict[Stand, int] = {}
    for span in of:
        if span.stand is not Stand.NORMAL:
            lasted[span.stand] = lasted.get(span.stand, 0) + span.end - span.begin
    return ", ".join(f"{each.value} for {duration(nanos)}" for each, nanos in lasted.items())


def in_force(of: Sequence[Span], at: int) -> Span | None:
    """Return the span of the quote in force at an instant; of two that meet there, the later."""
    return next((span for span in reversed(of) if span.begin <= at <= span.end), None)
