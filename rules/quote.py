"""The NBBO as it was found for one instant, and whether it can be used."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from rules.amounts import Nanos, Price, Quantity


class QuoteState(StrEnum):
    """Whether a quote can be used; only `normal` and `locked` carry measures (domain.md §3)."""

    NORMAL = "normal"
    LOCKED = "locked"
    CROSSED = "crossed"
    ONE_SIDED = "one_sided"
    ABSENT = "absent"
    STALE = "stale"
    CLOSED = "closed"
    HALTED = "halted"

    def __init__(self, word: str) -> None:
        self.usable = word in ("normal", "locked")
        """Whether price measures may be computed on it; kept, for nothing is asked more often."""


class Quote(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """The NBBO as it was found for one instant, with its own time and whether it can be used.

    A side that is missing is None; `at` is None only when the state is `absent`. `note` says more about an absence:
    "no receipt time", "restart", "no quote source", "unknown symbol", "before the first quote", "test symbol", or that
    it is no stock.
    """

    state: QuoteState
    bid: Price | None = None
    bid_size: Quantity | None = None
    offer: Price | None = None
    offer_size: Quantity | None = None
    at: Nanos | None = None
    note: str | None = None


class QuotesApart(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What a second source said of the same instant, against the quote that was taken.

    `bid` and `offer` are the taken price less the other's, in 1e-9 dollars; `lag` is by how much the other's quote is
    the older one by its plan time. None where one of the two has nothing that can be compared.
    """

    source: str
    bid: int | None = None
    offer: int | None = None
    lag: Nanos | None = None

    @property
    def widest(self) -> int | None:
        """Return the larger of the two differences without its sign, None when neither is known."""
        known = [abs(side) for side in (self.bid, self.offer) if side is not None]
        return max(known, default=None)


def midpoint_doubled(quote: Quote) -> int | None:
    """Return bid + offer; None when the quote cannot be used."""
    if not quote.state.usable or quote.bid is None or quote.offer is None:
        return None
    return quote.bid + quote.offer


def unusable(reference: str, quote: Quote) -> str | None:
    """Say why a reference quote cannot be used, None when it can."""
    if quote.state.usable:
        return None
    reason = f"{reference} {quote.state.value}"
    return f"{reason}: {quote.note}" if quote.state is QuoteState.ABSENT and quote.note else reason
