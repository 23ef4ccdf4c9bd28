"""What a tape says of itself: its counts, what late quotes touched, and all that it keeps over a restart. Pure."""

from __future__ import annotations

import msgspec

from rules.facts import Nanos
from service.market.update import QuoteUpdate


class TapeCounts(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What the tape was given: taken, of these late (older than the symbol's newest), and what it had to refuse.

    `replaced` are corrections of an earlier quote, `repeated` said nothing new. `overlooked` are late quotes whose
    effect on a decision nobody asked for in time.
    """

    taken: int = 0
    late: int = 0
    too_late: int = 0
    refused_symbol: int = 0
    replaced: int = 0
    repeated: int = 0
    overlooked: int = 0


class Touched(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A quote that came after it was needed: the instants of the symbol that were decided without it."""

    symbol: str
    quote_at: Nanos
    instants: tuple[Nanos, ...]


class SavedSeries(msgspec.Struct, frozen=True, array_like=True):
    """The newest quotes of one symbol, and the gap after which they are sure."""

    symbol: str
    sure_of: int
    quotes: list[QuoteUpdate]


class SavedTape(msgspec.Struct, frozen=True, kw_only=True):
    """What a tape knew when it was saved."""

    mark: Nanos
    began: Nanos | None
    gaps: list[int]
    series: list[SavedSeries]
