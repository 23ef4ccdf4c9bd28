"""Symbols that the quote source would not know, or written in a way of their own, and kinds of securities. Pure."""

from __future__ import annotations

import re
from typing import Any

from rules.instruments import PHRASES, Instrument, instrument
from service.fix.events import Reported
from service.fix.habits import Dialect
from service.fix.instruments import known_type
from service.fix.trial.part import MOST_SHOWN, Guess, Taken, Tally, plural, safe
from service.market.symbols import canonical, is_test

_PLAIN = re.compile(r"[A-Z]{1,6}", re.ASCII)
_MOST_SYMBOLS = 20_000


def letters(symbol: str) -> str:
    """Return the letters and digits alone: what two ways of writing one symbol share."""
    return "".join(filter(str.isalnum, symbol)).upper()


class Symbols:
    """Every symbol of a report, as decoding reads it, against the quote source's when there is one."""

    title = "Symbols"

    def __init__(self, dialect: Dialect, quoted: frozenset[str] | None) -> None:
        self._habits, self._join = dialect.symbols, dialect.suffix
        self._quoted = None if quoted is None else frozenset(canonical(symbol) for symbol in quoted)
        self._symbols = Tally(_MOST_SYMBOLS)
        self._suffixes = Tally(200)
        self._kinds, self._types = Tally(), Tally(200)
        self._instruments = dialect.instruments
        self._unknown_types = 0

    def take(self, one: Taken) -> None:
        """Count the symbol of a report."""
        symbol = self._read(one)
        if not one.report or not symbol:
            return
        if suffix := one.fields.get("65"):
            self._suffixes.add(suffix)
        self._symbols.add(symbol)
        self._kinds.add(PHRASES[instrument(symbol)])
        for place in self._instruments.type:
            if code := one.fields.get(place):
                self._types.add(code)
                self._unknown_types += not known_type(code, self._instruments)

    def _read(self, one: Taken) -> str:
        """Return the symbol that decoding made; of what could not be decoded, the one that is written."""
        if isinstance(one.decoded, Reported) and one.decoded.terms.symbol:
            return one.decoded.terms.symbol
        symbol, suffix = one.fields.get("55", ""), one.fields.get("65")
        return f"{symbol}{self._join}{suffix}" if symbol and suffix else symbol

    def odd(self) -> dict[str, tuple[int, str]]:
        """Return symbol → count and what is odd about it."""
        found = {symbol: (count, self._oddity(symbol)) for symbol, count in self._symbols.ordered().items()}
        return {symbol: (count, words) for symbol, (count, words) in found.items() if words}

    def _oddity(self, symbol: str) -> str:
        form = canonical(self._habits.table.get(symbol, symbol))
        if symbol in self._habits.test or is_test(form):
            return "a test symbol"
        if (kind := instrument(form)) is not Instrument.STOCK:
            return "" if self._quoted is not None and form in self._quoted else PHRASES[kind]
        if self._quoted is not None:
            return "" if form in self._quoted else "not in the quotes"
        if symbol in self._habits.table or _PLAIN.fullmatch(form):
            return ""
        return f"read as {form}" if form != symbol else "no plain symbol"

    def found(self) -> dict[str, Any]:
        """Return how many symbols there are, and the odd ones."""
        return {
            "symbols": len(self._symbols.counts),
            "capped": bool(self._symbols.others),
            "suffixes": self._suffixes.ordered(),
            "instruments": self._kinds.ordered(),
            "security_types": self._types.ordered(),
            "odd": {symbol: {"count": count, "why": words} for symbol, (count, words) in self.odd().items()},
        }

    def lines(self) -> list[str]:
        """Return the same in words."""
        if not self._symbols.counts:
            return []
        odd = list(self.odd().items())
        lines = [f"{plural(len(self._symbols.counts), 'symbol')}, {len(odd):,} of them to look at"]
        lines += [f"{safe('55', symbol)!a} {count:,} ×: {words}" for symbol, (count, words) in odd[:MOST_SHOWN]]
        if len(odd) > MOST_SHOWN:
            lines.append(f"and {len(odd) - MOST_SHOWN:,} more")
        lines.append(f"reports by instrument: {self._kinds.words()}")
        if self._types.counts:
            lines.append(f"SecurityType (167): {self._types.words()}")
        if self._suffixes.counts:
            lines.append(f"SymbolSfx (65): {self._suffixes.words()}")
        if self._symbols.others:
            lines.append(f"{plural(self._symbols.others, 'report')} of symbols past the first {_MOST_SYMBOLS:,}")
        return lines

    def problems(self) -> list[tuple[str, int]]:
        """Return the symbols that the quotes do not have, and the reports whose SecurityType (167) is unknown."""
        unknown = sum(words == "not in the quotes" for _, words in self.odd().values())
        return [("symbol not in the quotes", unknown), ("type of security not known", self._unknown_types)]

    def guesses(self) -> list[Guess]:
        """Return the quote source's symbol where it has one with the same letters."""
        by_letters: dict[str, list[str]] = {}
        for symbol in sorted(self._quoted or ()):
            by_letters.setdefault(letters(symbol), []).append(symbol)
        guesses = []
        for symbol, (count, words) in self.odd().items():
            alike = by_letters.get(letters(symbol), [])
            if words == "not in the quotes" and len(alike) == 1:
                evidence = f"{symbol} {count} times; the quotes have {alike[0]} with the same letters"
                guesses.append(Guess(("symbols", "table"), {symbol: alike[0]}, evidence))
        return guesses
