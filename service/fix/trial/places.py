"""Where it traded: codes that the dialect does not map, what they may mean, where else a venue stands. Pure."""

from __future__ import annotations

from typing import Any

from service.fix.events import Correction, Execution
from service.fix.habits import NEVER_A_VENUE, Dialect, first
from service.fix.trial.part import MOST_SHOWN, Guess, Taken, Tally, place_name, plural, safe
from service.fix.venues import SIP_LETTERS, UNKNOWN, mics

NAMES = {
    "AMEX": "XASE",
    "AMX": "XASE",
    "ARCA": "ARCX",
    "ARC": "ARCX",
    "PCX": "ARCX",
    "BATS": "BATS",
    "BATSY": "BATY",
    "BTY": "BATY",
    "BX": "XBOS",
    "BSE": "XBOS",
    "BYX": "BATY",
    "BZX": "BATS",
    "CHX": "XCHI",
    "IEX": "IEXG",
    "ISE": "XISX",
    "LTSE": "LTSE",
    "MEMX": "MEMX",
    "NASD": "XNAS",
    "NASDAQ": "XNAS",
    "NDQ": "XNAS",
    "NSDQ": "XNAS",
    "NSX": "XCIS",
    "NYS": "XNYS",
    "NYSE": "XNYS",
    "PEARL": "EPRL",
    "PHLX": "XPSX",
    "PSX": "XPSX",
    "STX": "XBOS",
}
"""What vendors often call a venue: candidates for a person to confirm, never used for decoding."""
_NO_PLACE = frozenset({"8", "9", "10", "34", "35", "49", "56", "58", "1", "55", "15", *NEVER_A_VENUE})
_CODES_KEPT = 500
_ENOUGH = 0.9


class Venues:
    """Executions by venue: what is mapped, what is not, and what stands elsewhere when LastMkt is empty."""

    title = "Venues"

    def __init__(self, dialect: Dialect) -> None:
        self._habits = dialect.venue
        self._known = Tally(_CODES_KEPT)
        self._codes = Tally(_CODES_KEPT)
        self._stands: dict[str, str] = {}
        self._nowhere = 0
        self._elsewhere = Tally(_CODES_KEPT)

    def take(self, one: Taken) -> None:
        """Look where an execution says that it traded."""
        if not isinstance(one.decoded, Execution | Correction):
            return
        if one.decoded.venue != UNKNOWN:
            self._known.add(one.decoded.venue)
            return
        code = first(one.fields, self._habits.places)
        if code is None:
            self._nowhere += 1
            for place, value in one.fields.items():
                if place not in _NO_PLACE and value in mics() | NAMES.keys():
                    self._elsewhere.add(place)
        elif self._codes.add(code):
            self._stands[code] = next(place for place in self._habits.places if one.fields.get(place) == code)

    def found(self) -> dict[str, Any]:
        """Return mapped venues, codes that are not, and the places that hold venues where the declared ones do not."""
        return {
            "mapped": self._known.ordered(),
            "not_mapped": {
                code: {"count": n, "place": self._stands[code], "candidate": _candidate(code)}
                for code, n in self._codes.ordered().items()
            },
            "without_a_venue": self._nowhere,
            "elsewhere": self._elsewhere.ordered(),
        }

    def lines(self) -> list[str]:
        """Return the same in words."""
        lines = [f"mapped: {self._known.words()}"] if self._known.counts else []
        for code, count in list(self._codes.ordered().items())[:MOST_SHOWN]:
            meant = _candidate(code)
            words = f"may be {meant}" if meant else "no MIC and no known name"
            if code in self._habits.facilities:
                words = "trade reporting, and no market maker where the dialect looks for it"
            lines.append(f"not mapped: {safe('', code)!a} {count:,} × in {place_name(self._stands[code])}: {words}")
        if self._codes.others:
            lines.append(f"{plural(self._codes.others, 'execution')} of codes past the first {_CODES_KEPT:,}")
        if self._nowhere:
            lines.append(f"{plural(self._nowhere, 'execution')} without a venue where the dialect looks for it")
        for place, count in self._elsewhere.ordered().items():
            lines.append(f"a venue's code stands in {place_name(place)} on {count:,} of {self._nowhere:,} of them")
        return lines

    def problems(self) -> list[tuple[str, int]]:
        """Return the executions whose venue is not known."""
        return [("venue not known", sum(self._codes.counts.values()) + self._codes.others + self._nowhere)]

    def guesses(self) -> list[Guess]:
        """Return a MIC or a local code for each code, and the place that holds venues."""
        guesses = []
        for code, count in self._codes.ordered().items():
            seen = f"{safe('', code)} {count} times in {self._stands[code]}"
            meant = _candidate(code)
            if code in self._habits.facilities:
                continue  # who the market maker was, nobody can guess
            if meant:
                guesses.append(Guess(("venue", "codes"), {code: meant}, f"{seen}: often so called"))
            else:
                words = f"{seen}: no MIC and no known name, taken as a code of its own; ask which venue it is"
                guesses.append(Guess(("venue", "local"), [code], words))
        for place, count in self._elsewhere.ordered().items():
            if count >= _ENOUGH * self._nowhere:
                words = f"{place} holds a venue's code on {count} of {self._nowhere} executions without another"
                guesses.append(Guess(("venue", "from"), [*self._habits.places, place], words, replaces=True))
                break
        return guesses


def _candidate(code: str) -> str | None:
    """Return the MIC that the code may stand for."""
    plain = code.strip().upper()
    return NAMES.get(plain) or SIP_LETTERS.get(plain) or (plain if plain in mics() else None)
