"""Which quotes of a file are in time order; of two that are not, the one that would shut out more of the file is bad.

Pure. The newest quote is held back until the next one is known: it may be the one that leaps ahead.
"""

from __future__ import annotations

import msgspec
import numpy as np

from service.market.quote_columns import QuoteColumns


class Misplaced(msgspec.Struct, frozen=True):
    """A quote that is not taken, its line and the reason, and the line where that was seen."""

    seen_at: int
    line: int
    reason: str


class TimeOrder:
    """Takes the quotes of a file part by part, gives those that are in order and what is wrong with the others."""

    def __init__(self) -> None:
        self._held: QuoteColumns | None = None
        self._passed = 0

    def put(self, quotes: QuoteColumns) -> tuple[list[QuoteColumns], list[Misplaced]]:
        """Return the parts that are to be taken now, in their order."""
        if not len(quotes):
            return [], []
        held = self._held
        if quotes.in_time_order() and (held is None or held.at[0] <= quotes.at[0]):
            return self._take([] if held is None else [held], quotes), []
        return self._sort_out(quotes)

    def end(self) -> list[QuoteColumns]:
        """Return what was held back."""
        held, self._held = self._held, None
        return [] if held is None else [held]

    def _take(self, before: list[QuoteColumns], quotes: QuoteColumns) -> list[QuoteColumns]:
        """Hold the newest back."""
        self._held = quotes.take(slice(len(quotes) - 1, None))
        taken = [*before, *([quotes.take(slice(0, -1))] if len(quotes) > 1 else [])]
        if taken:
            self._passed = int(taken[-1].at[-1])
        return taken

    def _sort_out(self, quotes: QuoteColumns) -> tuple[list[QuoteColumns], list[Misplaced]]:
        """Go through a part one by one."""
        times, lines = quotes.at.tolist(), quotes.line.tolist()
        before, passed = self._held, self._passed
        held_at, held_line = (0, 0) if before is None else (int(before.at[0]), int(before.line[0]))
        kept: list[int] = []
        bad: list[Misplaced] = []
        first = True
        for place, (at, line) in enumerate(zip(times, lines, strict=True)):
            if at < passed:
                bad.append(Misplaced(line, line, f"time_ns goes back to {at}; the file must be in time order"))
                continue
            if at < held_at:
                bad.append(Misplaced(line, held_line, f"time_ns {held_at} lies ahead of the row after it"))
                if first:
                    before = None
                else:
                    kept.pop()
            elif not first or before is not None:
                passed = held_at
            kept.append(place)
            held_at, held_line, first = at, line, False
        good = quotes.take(np.array(kept, np.intp))
        return (self._take([] if before is None else [before], good) if kept else []), bad
