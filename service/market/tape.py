"""The tape: the best bid and offer of each symbol as it changed, kept bounded and asked "as of" an instant.

Symbols are kept in the form that `canonical` gives them, whatever the source writes; by default as written.

Pure. It refuses to know our clock, the trading day or whether its source lives: `enrich.py` puts those to it.

Memory: a packed quote takes 57 bytes (and the arrays grow ahead by a sixteenth), one of the newest 16 to 32 of a symbol
about 250. `capacity` is shared out evenly among the symbols that have a history, their number rounded up to a power of
two, and each keeps between one and two shares: no more than 2 × capacity quotes (default: 228 MB). A share never falls
below `SMALLEST_SHARE`: the symbol that would make it do so is refused and counted. `capacity=None` keeps all. With a
watchlist the symbols that are not on it have no history, only the newest 16 to 32 quotes, until one is asked for.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet

import msgspec

from rules.facts import Nanos, Quote, QuoteState
from service.market.bulk import parts
from service.market.extremes import NO_EXTREMES, Extremes, extremes_of
from service.market.instants import Instants
from service.market.quote_columns import QuoteColumns
from service.market.quoted import absent, quoted, state_of
from service.market.series import CHANGING, COUNTED, TAIL, Placed, Series
from service.market.tape_words import SavedSeries, SavedTape, TapeCounts, Touched
from service.market.update import MarketState, QuoteUpdate

__all__ = ["MarketState", "QuoteUpdate", "Tape", "TapeCounts", "absent", "state_of"]

DEFAULT_CAPACITY = 2_000_000
SMALLEST_SHARE = TAIL
MOST_SYMBOLS = 65_536
GAPS_KEPT = 64
TOUCHED_KEPT = 100_000
EARLY_KEPT = 10_000
FULL = 2 * TAIL
SAVED = 1_000
"""Quotes that are saved of a symbol in which orders were seen; of the others the tail."""


class Tape:
    """Quotes of many symbols in time order; `mark` is the latest plan time seen on any of them or on a heartbeat."""

    def __init__(
        self,
        capacity: int | None = DEFAULT_CAPACITY,
        canonical: Callable[[str], str] = lambda symbol: symbol,
        watchlist: AbstractSet[str] | None = None,
    ) -> None:
        self.mark = Nanos(0)
        self.began: Nanos | None = None
        self._series: dict[str, Series] = {}
        self._written: dict[str, Series] = {}
        self._early: dict[str, Instants] = {}
        self._canonical = canonical
        self._watchlist = None if watchlist is None else {canonical(symbol) for symbol in watchlist}
        self._capacity = capacity
        self._share = capacity
        self._most_kept = None if capacity is None else 1 << (max(1, capacity // SMALLEST_SHARE).bit_length() - 1)
        self._kept = 0
        self._gaps: list[int] = []
        self._touched: list[Touched] = []
        self._count = dict.fromkeys(TapeCounts.__struct_fields__, 0)

    def __len__(self) -> int:
        return sum(len(series) for series in self._series.values())

    @property
    def counts(self) -> TapeCounts:
        """Return what was taken and refused so far."""
        return TapeCounts(**self._count)

    def advance(self, at: Nanos) -> None:
        """Move the mark: the source says that it has passed `at` (a heartbeat, the time of a batch)."""
        self.mark = max(self.mark, at)
        self.begin(at)

    def begin(self, at: Nanos) -> None:
        """Say that nothing before `at` was to be had; the first word says it too, when nobody did before."""
        if self.began is None:
            self.began = at

    def gap(self) -> None:
        """Note that the source lost something after its mark: a quote in force then is stale until the next one."""
        if self.mark and self.mark not in self._gaps[-1:]:
            self._gaps = [*self._gaps[1 - GAPS_KEPT :], self.mark]

    def heal(self, mark: Nanos) -> None:
        """Note that what was lost after `mark` has come after all."""
        self._gaps = [gap for gap in self._gaps if gap != mark]

    def in_doubt(self) -> int:
        """Return how many symbols have not been heard again since the last gap."""
        return sum(series.sure_of < self._gaps[-1] for series in self._series.values()) if self._gaps else 0

    def saved(self) -> SavedTape:
        """Return what is to be known again after a restart: the newest quotes of every symbol, and what is in doubt."""
        series = [
            SavedSeries(each.symbol, each.sure_of, each.newest(SAVED if len(each.asked) else FULL))
            for each in self._series.values()
        ]
        return SavedTape(mark=self.mark, began=self.began, gaps=self._gaps, series=series)

    def restore(self, saved: SavedTape) -> None:
        """Know again what was saved; what is older than it is older than the tape."""
        self.mark, self.began, self._gaps = saved.mark, saved.began, saved.gaps
        for each in saved.series:
            self.put(each.quotes)
            series = self._series.get(each.symbol)
            if series is not None:
                series.evicted, series.sure_of = True, each.sure_of

    def update(self, quote: QuoteUpdate) -> None:
        """Take one quote; one that is late goes to its place in time, after those of the same time."""
        self.update_many((quote,))

    def update_many(self, quotes: Iterable[QuoteUpdate]) -> None:
        """Take a batch of quotes, in the order given."""
        batch = tuple(quotes)
        if batch:
            self.begin(batch[0].at)
            self.advance(self.put(batch))

    def put(self, quotes: Iterable[QuoteUpdate]) -> Nanos:
        """Take a part of a batch without moving the mark; return the latest time in it."""
        written, sure_of = self._written, len(self._gaps) and self._gaps[-1]
        latest, plain = 0, 0
        for quote in quotes:
            at = quote.at
            latest = at if at > latest else latest  # noqa: FURB136 - max() would cost a call for each quote
            series = written.get(quote.symbol)
            if series is not None and (recent := series.recent) and at > recent[-1].at and at > series.asked.last:
                recent.append(quote)
                series.sure_of = sure_of
                plain += 1
                if len(recent) >= FULL:
                    series.tidy(self._share)
            else:
                self._place(quote, sure_of)
        self._count["taken"] += plain
        return Nanos(latest)

    def extend(self, quotes: QuoteColumns) -> None:
        """Take a batch of quotes in columns; what `update_many` would make of them one by one."""
        if len(quotes):
            self.begin(Nanos(int(quotes.at[0])))
            for part in parts(quotes, self._series_of):
                if part.singly is not None:
                    self.put(part.singly.updates())
                if part.series is not None and part.together is not None:
                    part.series.extend(part.together, self._share, len(self._gaps) and self._gaps[-1])
                    self._count["taken"] += len(part.together)
                    self._count["repeated"] += part.repeated
            self.advance(Nanos(int(quotes.at.max())))

    def as_of(self, symbol: str, at: Nanos) -> Quote:
        """Return the last quote whose time is at or before `at`; of equal times the one that came last."""
        series = self._found(symbol)
        if series is None:
            return absent("unknown symbol")
        index = series.find(at)
        if index < 0:
            return absent("older than the tape" if series.evicted else "before the first quote")
        quote = quoted(series.quote(index))
        return self._after_gaps(series, quote, at, newest=index == len(series) - 1) if self._gaps else quote

    def extremes(self, symbol: str, since: Nanos, at: Nanos) -> Extremes:
        """Return the extremes of the quotes that came after `since` and up to `at` in a market that was open."""
        series = self._found(symbol)
        if series is None:
            return NO_EXTREMES
        return extremes_of(update for update in series.between(since, at) if update.at > since)

    def around(self, symbol: str, at: Nanos, before: Nanos, after: Nanos) -> list[QuoteUpdate]:
        """Return what the source said from `before` ahead of `at` to `after` behind it, led by what was in force."""
        series = self._found(symbol)
        return [] if series is None else series.between(Nanos(at - before), Nanos(at + after))

    def doubt(self, symbol: str, begin: Nanos, end: Nanos) -> str | None:
        """Return why the quotes of [begin, end] may not be all that there were, None when they are."""
        series = self._found(symbol)
        if series is None:
            return "the quotes do not know the symbol"
        if self.began is None or begin < self.began:
            return "our start lost what was before it"
        if end >= self.mark:
            return "the source had not come so far"
        if series.evicted and series.find(begin) < 0:
            return "older than the tape"
        return "gap in the quote source" if any(begin <= gap <= end for gap in self._gaps) else None

    def decided(self, symbol: str, at: Nanos) -> None:
        """Remember that the symbol's quote at `at` was decided: it gets a history, and late quotes are noticed."""
        series = self._found(symbol)
        if series is not None:
            series.asked.note(at)
            if not series.kept:
                self._keep(series)
            return
        name = self._canonical(symbol)
        if name in self._early or len(self._early) < EARLY_KEPT:
            self._early.setdefault(name, Instants()).note(at)

    def named(self, symbol: str) -> str:
        """Return the name under which the tape keeps a symbol, whether it has met it or not."""
        series = self._found(symbol)
        return self._canonical(symbol) if series is None else series.symbol

    @property
    def has_touched(self) -> bool:
        """Return whether late quotes have changed anything since `touched` was asked; cheap."""
        return bool(self._touched)

    def touched(self) -> list[Touched]:
        """Return which decided instants quotes have changed that came since the last call."""
        touched, self._touched = self._touched, []
        return touched

    def _found(self, symbol: str) -> Series | None:
        # a counterparty's table may name the symbol as the source writes it, or as it would be written elsewhere
        series = self._series.get(symbol)
        if series is None:
            series = self._written.get(symbol)
        return self._series.get(self._canonical(symbol)) if series is None else series

    def _after_gaps(self, series: Series, quote: Quote, at: Nanos, *, newest: bool) -> Quote:
        gap = bisect_left(self._gaps, quote.at or 0)
        if gap == len(self._gaps) or self._gaps[gap] > at or quote.state is QuoteState.ABSENT:
            return quote
        if newest and series.sure_of >= self._gaps[gap]:
            return quote  # it was said again after the gap
        return msgspec.structs.replace(quote, state=QuoteState.STALE, note="gap in the quote source")

    def _place(self, quote: QuoteUpdate, sure_of: int) -> None:
        """Take a quote of a new symbol, one that is not newer than all others, or one that comes after it was asked."""
        series = self._series_of(quote.symbol)
        if series is None:
            self._count["refused_symbol"] += 1
            return
        placed = series.place(quote)
        self._count[COUNTED[placed]] += 1
        if quote.at == series.recent[-1].at:
            series.sure_of = sure_of
        if placed is Placed.LATE:
            self._count["taken"] += 1
        if placed in CHANGING and quote.at <= series.asked.last:
            self._touch(series, quote, placed)
        if len(series.recent) >= FULL or (self._share is not None and len(series) >= 2 * self._share):
            series.tidy(self._share)

    def _touch(self, series: Series, quote: QuoteUpdate, placed: Placed) -> None:
        """Note the decided instants for which the answer is another one now."""
        index = series.find(quote.at)
        same_as_before = placed is not Placed.REPLACED and index and series.quote(index - 1).says_the_same(quote)
        if same_as_before or not series.quote(index).says_the_same(quote):
            return
        instants = series.asked.between(quote.at, series.after(index))
        if not instants:
            return
        if len(self._touched) >= TOUCHED_KEPT:
            self._count["overlooked"] += 1
            return
        self._touched.append(Touched(symbol=series.symbol, quote_at=quote.at, instants=instants))

    def _series_of(self, written: str) -> Series | None:
        """Return the series of a symbol as it is written, a new one when it is there for the first time."""
        series = self._written.get(written)
        if series is None:
            symbol = self._canonical(written)
            series = self._series[symbol] if symbol in self._series else self._new_series(symbol)
            if series is not None:
                self._written[written] = series
        return series

    def _new_series(self, symbol: str) -> Series | None:
        early = self._early.pop(symbol, None)
        wanted = self._watchlist is None or symbol in self._watchlist or early is not None
        if len(self._series) >= MOST_SYMBOLS or (self._watchlist is None and self._kept == self._most_kept):
            return None
        series = self._series[symbol] = Series(symbol, kept=False, asked=early or Instants())
        if wanted:
            self._keep(series)
        return series

    def _keep(self, series: Series) -> None:
        """Give a symbol a history from now on, where there is room for one more."""
        if self._kept == self._most_kept:
            return
        series.kept = True
        if self._capacity is not None and self._kept & (self._kept - 1) == 0:
            # one more than a power of two: the shares are halved
            self._share = self._capacity // (2 * self._kept or 1)
            for each in self._series.values():
                each.trim(self._share)
        self._kept += 1
