"""One symbol's quotes in time order: the newest as they came, the older ones packed in arrays, bounded by a share.

Pure. A quote keeps its place by time; of equal times by the number that the source gave it, else by when it came. A
late one is put into its place, and one with the time and the number of another replaces it.
"""

from __future__ import annotations

from bisect import bisect_right
from enum import Enum
from operator import attrgetter

from rules.facts import Nanos
from service.market.instants import Instants
from service.market.packed import Packed
from service.market.quote_columns import QuoteColumns
from service.market.update import QuoteUpdate

TAIL = 16
"""The newest quotes stay as they came: between one and two tails of them, which need no packing to be asked."""


class Placed(Enum):
    """What became of a quote: newest of its symbol, put in among others, in the place of one, or not taken."""

    NEWEST = "newest"
    LATE = "late"
    REPLACED = "replaced"
    REPEATED = "repeated"
    TOO_LATE = "too late"


COUNTED = {
    Placed.NEWEST: "taken",
    Placed.LATE: "late",
    Placed.REPLACED: "replaced",
    Placed.REPEATED: "repeated",
    Placed.TOO_LATE: "too_late",
}
"""Under which name of `TapeCounts` each is counted."""
CHANGING = (Placed.NEWEST, Placed.LATE, Placed.REPLACED)

_at = attrgetter("at")
_NOTHING = Packed()
"""What a symbol has packed until it packs: most of ten thousand never do."""


class Series:
    """The quotes of one symbol; `kept` says whether it has a history or only its tail."""

    __slots__ = ("_packed", "asked", "evicted", "kept", "recent", "sure_of", "symbol")

    def __init__(self, symbol: str, *, kept: bool, asked: Instants) -> None:
        self.symbol = symbol
        self.kept = kept
        self.asked = asked
        self.recent: list[QuoteUpdate] = []
        self.evicted = False
        self.sure_of = 0
        self._packed = _NOTHING

    def __len__(self) -> int:
        return len(self._packed.at) + len(self.recent)

    def place(self, quote: QuoteUpdate) -> Placed:
        """Put a quote into its place in time; the caller sees to the share when the tail is full."""
        recent = self.recent
        if not recent or quote.at > recent[-1].at:
            recent.append(quote)
            return Placed.NEWEST
        end = self.find(quote.at) + 1
        if not end and self.evicted:
            return Placed.TOO_LATE
        return self._put_in(quote, end)

    def tidy(self, share: int | None) -> None:
        """Pack all but the newest tail, or let it go when there is no history; then keep within two shares."""
        surplus = self.recent[:-TAIL]
        del self.recent[: len(surplus)]
        if not self.kept:
            self.evicted = True
            return
        if surplus:
            self._packed = Packed() if self._packed is _NOTHING else self._packed
            self._packed.extend(surplus)
        if share is not None and len(self._packed.at) + 2 * TAIL > 2 * share:
            self.trim(share)

    def extend(self, quotes: QuoteColumns, share: int | None, sure_of: int) -> None:
        """Put quotes at the end that are newer than all others; the newest stays as it came."""
        self.sure_of = sure_of
        self._packed = Packed() if self._packed is _NOTHING else self._packed
        if self.recent:
            self._packed.extend(self.recent)
        self._packed.append_columns(*quotes.packed())
        self.recent = [quotes.update(-1)]
        if share is not None and len(self) > 2 * share:
            self.trim(share)

    def trim(self, share: int) -> None:
        """Keep the newest `share` quotes; whatever was in force before them is then unknown."""
        surplus = min(len(self) - share, len(self._packed.at))
        if surplus > 0:
            self.evicted = True
            self._packed.cut(surplus)

    def find(self, at: Nanos) -> int:
        """Return the index of the quote in force at `at`, −1 when there is none."""
        recent = self.recent
        if recent and at >= recent[0].at:
            return len(self._packed.at) + bisect_right(recent, at, key=_at) - 1
        return bisect_right(self._packed.at, at) - 1

    def quote(self, index: int) -> QuoteUpdate:
        """Return the quote at an index."""
        packed = self._packed
        if index >= len(packed.at):
            return self.recent[index - len(packed.at)]
        return packed.quote(self.symbol, index)

    def after(self, index: int) -> Nanos | None:
        """Return when the quote at an index was followed by one of a later time, None while it is in force."""
        end = self.find(self.quote(index).at) + 1
        return None if end == len(self) else self.quote(end).at

    def between(self, begin: Nanos, end: Nanos) -> list[QuoteUpdate]:
        """Return the quotes of [begin, end], before them the one in force at `begin`."""
        return [self.quote(index) for index in range(max(0, self.find(begin)), self.find(end) + 1)]

    def newest(self, number: int) -> list[QuoteUpdate]:
        """Return so many of the newest quotes."""
        return [self.quote(index) for index in range(max(0, len(self) - number), len(self))]

    def _put_in(self, quote: QuoteUpdate, end: int) -> Placed:
        """Put it behind those of its own time, but before higher numbers, and in the place of its own one."""
        place = end
        while place and (before := self.quote(place - 1)).at == quote.at:
            if before == quote and (place == end or quote.number is not None):
                return Placed.REPEATED
            if quote.number is None or before.number is None or before.number < quote.number:
                break
            place -= 1
            if before.number == quote.number:
                self._replace(place, quote)
                return Placed.REPLACED
        self._insert(place, quote)
        return Placed.NEWEST if place == len(self) - 1 else Placed.LATE

    def _replace(self, index: int, quote: QuoteUpdate) -> None:
        packed = len(self._packed.at)
        if index >= packed:
            self.recent[index - packed] = quote
        else:
            self._packed.cut(1, index)
            self._packed.insert(index, quote)

    def _insert(self, index: int, quote: QuoteUpdate) -> None:
        packed = len(self._packed.at)
        if index >= packed:
            self.recent.insert(index - packed, quote)
        else:
            self._packed.insert(index, quote)
