"""Quotes as JSON over a message bus: single quote, batch or heartbeat → what the tape is told. Pure, never raises.

Single: {"symbol", "bid", "bid_size", "offer", "offer_size", "time_ns"[, "state", "received_ns", "number"]}. Batch:
{"quotes": […], "sequence": n, "time_ns": mark}. Heartbeat: {"time_ns": …}. Unknown keys are ignored. A bad quote spoils
neither the others of its batch nor the batch's time.
"""

from __future__ import annotations

from itertools import starmap

import msgspec

from rules.facts import Nanos
from service.market.quote_text import LARGEST, Amount, BadQuote, quote_of
from service.market.update import QuoteUpdate


class QuoteMessage(msgspec.Struct, frozen=True, kw_only=True):
    """What one payload says: quotes in its order, how far the source is (None: only its quotes say), what was bad."""

    quotes: tuple[QuoteUpdate, ...] = ()
    mark: Nanos | None = None
    sequence: int | None = None
    bad: tuple[BadQuote, ...] = ()


END_OF_TIME = Nanos(LARGEST)


def read_message(payload: bytes, not_after: Nanos = END_OF_TIME) -> QuoteMessage:
    """Read one payload; times after `not_after` (our clock and a tolerance) are bad: they would end all waiting."""
    try:
        wire = _WHOLE.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return _read_in_parts(payload, not_after, str(error))
    return _message(wire.time_ns, wire.sequence, _quotes_in(wire), [], not_after)


class _WireQuote(msgspec.Struct, frozen=True, gc=False):
    symbol: str
    time_ns: int
    bid: Amount = None
    bid_size: Amount = None
    offer: Amount = None
    offer_size: Amount = None
    state: str | None = None
    received_ns: int | None = None
    number: int | None = None


class _WireMessage(msgspec.Struct, frozen=True, gc=False):
    time_ns: int
    symbol: str | None = None
    bid: Amount = None
    bid_size: Amount = None
    offer: Amount = None
    offer_size: Amount = None
    state: str | None = None
    received_ns: int | None = None
    number: int | None = None
    quotes: list[_WireQuote] | None = None
    sequence: int | None = None


class _WireBatch(msgspec.Struct, frozen=True, gc=False):
    quotes: list[msgspec.Raw]
    time_ns: int | None = None
    sequence: int | None = None


_WHOLE = msgspec.json.Decoder(_WireMessage)
_BATCH = msgspec.json.Decoder(_WireBatch)
_QUOTE = msgspec.json.Decoder(_WireQuote)


def _quotes_in(wire: _WireMessage) -> list[_WireQuote]:
    if wire.quotes is not None:
        return wire.quotes
    if wire.symbol is None:
        return []
    return [_WireQuote(*(getattr(wire, name) for name in _WireQuote.__struct_fields__))]


def _read_in_parts(payload: bytes, not_after: Nanos, error: str) -> QuoteMessage:
    """Read a batch quote by quote, so that the good ones are taken; what is no batch is one bad message."""
    try:
        batch = _BATCH.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return QuoteMessage(bad=(BadQuote(error),))
    bad, quotes = [], []
    for raw in batch.quotes:
        try:
            quotes.append(_QUOTE.decode(raw))
        except (msgspec.DecodeError, UnicodeDecodeError) as problem:
            bad.append(BadQuote(str(problem)))
    return _message(batch.time_ns, batch.sequence, quotes, bad, not_after)


def _message(
    mark: int | None, sequence: int | None, wires: list[_WireQuote], bad: list[BadQuote], not_after: Nanos
) -> QuoteMessage:
    quotes: list[QuoteUpdate] = []
    for quote in starmap(quote_of, map(msgspec.structs.astuple, wires)):
        if isinstance(quote, BadQuote):
            bad.append(quote)
        elif quote.at > not_after:
            bad.append(BadQuote(f"{quote.symbol}: time_ns {quote.at} lies ahead of our clock"))
        else:
            quotes.append(quote)
    if mark is not None and not 0 < mark <= not_after:
        bad.append(BadQuote(f"time_ns {mark} of the message is no time, or lies ahead of our clock"))
        mark = None
    return QuoteMessage(
        quotes=tuple(quotes), mark=None if mark is None else Nanos(mark), sequence=sequence, bad=tuple(bad)
    )
