"""What was decided lately, and which of it the quotes that came since have changed: amendments by late quotes. Pure.

A decision is looked at again when a quote came late for one of its instants, and, where it was taken before the source
had come so far (its wait was over, or the source was dead), once the source has. Bounded in time and in number.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from heapq import heapify, heappop, heappush

import msgspec

from rules.facts import Nanos
from service.market.tape_words import Touched
from service.ports import QuoteRequest
from service.processed import Decision
from service.requote import Requote

MOST = 100_000
"""Decisions that are remembered at most: about 60 MB."""
LATE = "a quote came late"
BEHIND = "the quotes had not come so far when it was decided"


class Kept(msgspec.Struct, frozen=True, gc=False):
    """One decision: what was asked, as which symbol of the tape, what was said, and until when it is remembered."""

    request: QuoteRequest
    symbol: str
    decision: Decision
    until: Nanos


class Amendable:
    """The decisions of the last while, by record; `forgotten` counts those that had to go before their time."""

    def __init__(self, keep_for: Nanos, most: int = MOST) -> None:
        self.forgotten = 0
        self._keep_for = keep_for
        self._most = most
        self._kept: dict[int, Kept] = {}
        # the oldest first, in both
        self._order: deque[int] = deque()
        self._of_symbol: dict[str, deque[int]] = {}
        self._behind: list[tuple[Nanos, int]] = []
        self._due: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def remember(self, symbol: str, request: QuoteRequest, decision: Decision, now: Nanos) -> None:
        """Keep a decision that was taken at `now`; `symbol` is its name on the tape."""
        if not self._keep_for or (request.receipt_at is None and request.execution_at is None):
            return
        if request.marks:  # what was decided for others of them is theirs
            request, decision = msgspec.structs.replace(request, marks=()), decision.own
        offset, asked_again = request.offset, request.offset in self._kept
        self._kept[offset] = Kept(request, symbol, decision, Nanos(now + self._keep_for))
        if asked_again:
            return  # what an error interrupted is decided twice
        self._order.append(offset)
        offsets = self._of_symbol.get(symbol)
        if offsets is None:
            offsets = self._of_symbol[symbol] = deque()
        offsets.append(offset)
        if decision.reason != "mark":
            heappush(self._behind, (Nanos(max(request.receipt_at or 0, request.execution_at or 0)), offset))
        self._forget(now)

    def note(self, touched: Iterable[Touched]) -> None:
        """Take note of what late quotes touched."""
        by_symbol: dict[str, set[Nanos]] = {}
        for one in touched:
            by_symbol.setdefault(one.symbol, set()).update(one.instants)
        for symbol, instants in by_symbol.items():
            for offset in self._of_symbol.get(symbol, ()):
                request = self._kept[offset].request
                if request.receipt_at in instants or request.execution_at in instants:
                    self._due[offset] = LATE

    def passed(self, mark: Nanos) -> bool:
        """Return whether the source has come past what was decided before it had; cheap."""
        return bool(self._behind) and self._behind[0][0] < mark

    def again(self, mark: Nanos, most: int, decide: Callable[[QuoteRequest], Decision | None]) -> list[Requote]:
        """Look at no more than `most` of what is due; return the decisions that are others now."""
        while self.passed(mark):
            self._due.setdefault(heappop(self._behind)[1], BEHIND)
        made: list[Requote] = []
        for offset in list(self._due)[:most]:
            reason, kept = self._due.pop(offset), self._kept.get(offset)
            if kept is None:
                continue
            now = decide(kept.request)
            if now is not None and _quotes(now) != _quotes(kept.decision):
                self._kept[offset] = msgspec.structs.replace(kept, decision=now)
                made.append(Requote(offset=offset, now=now, reason=reason))
        return made

    def request(self, offset: int) -> QuoteRequest | None:
        """Return what was asked for a record, None when that is forgotten."""
        kept = self._kept.get(offset)
        return None if kept is None else kept.request

    @property
    def more(self) -> bool:
        """Return whether something is left to be looked at."""
        return bool(self._due)

    def _forget(self, now: Nanos) -> None:
        """Let go of what is too old, and of the oldest when there are too many."""
        while True:
            kept = self._kept[self._order[0]]
            old = kept.until < now
            if not old and len(self._kept) <= self._most:
                break
            self.forgotten += not old
            del self._kept[self._order.popleft()]
            offsets = self._of_symbol[kept.symbol]
            offsets.popleft()
            if not offsets:
                del self._of_symbol[kept.symbol]
        if len(self._behind) > 2 * self._most:
            self._behind = [one for one in self._behind if one[1] in self._kept]
            heapify(self._behind)


def _quotes(decision: Decision) -> tuple[object, ...]:
    return (decision.at_receipt, decision.at_execution, decision.lowest_bid, decision.highest_offer)
