"""What a symbol says of its security: a stock's is plain, an option's is OSI, others have a mark in brackets. Pure.

`AAPL` is a stock, `AAPL261218C00150000` an option, `AAPL [option: no strike]` one of which nobody knows which,
`SPRD [multileg]` a package. A marked symbol is written so that no stock can have it and no quote is found by it.
"""

from __future__ import annotations

import re
from enum import StrEnum

from rules.facts import Order

TEST = "test symbol"
"""The note of a quote that was not looked at because the symbol trades nothing."""


class Instrument(StrEnum):
    """What kind of security it is; only a stock, or what trades like one (an ETF, a receipt), has an NBBO."""

    STOCK = "stock"
    OPTION = "option"
    MULTILEG = "multileg"
    FUTURE = "future"
    BOND = "bond"
    CURRENCY = "currency"
    FUND = "fund"
    WARRANT = "warrant"
    OTHER = "other"


PHRASES = {
    Instrument.STOCK: "a stock",
    Instrument.OPTION: "an option",
    Instrument.MULTILEG: "a multileg order",
    Instrument.FUTURE: "a future",
    Instrument.BOND: "a bond",
    Instrument.CURRENCY: "a currency",
    Instrument.FUND: "a fund",
    Instrument.WARRANT: "a warrant",
    Instrument.OTHER: "no stock",
}
_STOCK, _OPTION = Instrument.STOCK, Instrument.OPTION
_OSI = re.compile(r"(?:O:|[.-])?([A-Z]{1,6}|[A-Z]{1,5}[0-9]) *(\d{6})([CP])(\d{8}|\d{1,5}(?:\.\d{1,3})?)", re.ASCII)
_SHORTEST = len("A261218C1")
_DIGITS = len("00150000")
_MARK = re.compile(rf"(.*) \[({'|'.join(Instrument)})(?:: [^\]]*)?\]", re.DOTALL)
_UNKNOWN = "?"


def osi(text: str) -> str | None:
    """Read an option's symbol (root, date, C or P, strike in thousandths or dollars) as OSI without blanks."""
    match = _OSI.fullmatch(text) if len(text) >= _SHORTEST else None
    if match is None:
        return None
    root, day, kind, strike = match.groups()
    if len(strike) != _DIGITS:
        dollars, _, cents = strike.partition(".")
        strike = dollars.rjust(5, "0") + cents.ljust(3, "0")
    return f"{root}{day}{kind}{strike}"


def instrument(symbol: str) -> Instrument:
    """Return what kind of security the symbol says it is."""
    if symbol.endswith("]") and (marked := _MARK.fullmatch(symbol)):
        return Instrument(marked[2])
    return _STOCK if len(symbol) < _SHORTEST or osi(symbol) is None else _OPTION


def mark(symbol: str | None, kind: Instrument, lacks: str = "") -> str:
    """Return the symbol of what is no stock and has no symbol of its own; `lacks` says what is not known of it."""
    return f"{symbol or _UNKNOWN} [{kind.value}{': ' if lacks else ''}{lacks}]"


def letters(symbol: str) -> str:
    """Return the letters and digits of a symbol's root, which is what an option and its stock share."""
    marked = _MARK.fullmatch(symbol)
    bare = marked[1] if marked else symbol
    option = _OSI.fullmatch(bare)
    return "".join(filter(str.isalnum, option[1] if option else bare)).upper()


def meant(said: str | None, known: str) -> str | None:
    """Return the symbol that a message means whose order is `known`: one that is no stock does not become one.

    A message may leave out what an earlier one said: the root alone, or an option without its strike, is that option.
    """
    if said == known or instrument(known) is _STOCK:
        return said
    if said is None or (osi(said) is None and letters(said) in ("", letters(known))):
        return known
    return said


def same_security(one: str, other: str) -> bool:
    """Return whether both may name one security: they are equal, or one says less of what is no stock."""
    return one == other or meant(one, other) == other or meant(other, one) == one


def unjudged(order: Order) -> str | None:
    """Return why an order is not judged by how it was filled: no stock, or one that trades nothing; else None."""
    kind = instrument(order.symbol)
    if kind is not _STOCK:
        return PHRASES[kind]
    return TEST if order.receipt.note == TEST else None
