"""Quotes in columns, shared out among the series that they belong to. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from service.market.quote_columns import Mask, QuoteColumns
from service.market.series import TAIL, Series

SHORT = TAIL // 2
"""So few quotes of a symbol are sooner placed one by one."""
REFUSED = -1
Groups = NDArray[np.signedinteger]


class Part(msgspec.Struct, frozen=True, eq=False):
    """The quotes of one series, None when its symbol is refused: what to place one by one first, then the rest."""

    series: Series | None
    singly: QuoteColumns | None
    together: QuoteColumns | None = None
    repeated: int = 0


def parts(quotes: QuoteColumns, found: Callable[[str], Series | None]) -> Iterator[Part]:
    """Give the quotes by series in the order in which these come; what is not in time order is placed one by one."""
    if not quotes.in_time_order():
        yield Part(None, quotes)
        return
    series, groups = _groups(quotes, found)
    if len(series) <= np.iinfo(np.int16).max:
        groups = groups.astype(np.int16)  # which NumPy sorts by their digits
    order = np.argsort(groups, kind="stable")
    quotes, groups = quotes.take(order), groups[order]
    repeats = quotes.repeats(groups)
    ends = np.searchsorted(groups, np.arange(REFUSED, len(series)), side="right").tolist()
    if ends[0]:
        yield Part(None, quotes.take(slice(0, ends[0])))
    repeating = bool(repeats.any())
    for each, (begin, end) in zip(series, pairwise(ends), strict=True):
        which = slice(begin, end)
        yield _part(each, quotes.take(which), repeats[which] if repeating else None)


def _groups(quotes: QuoteColumns, found: Callable[[str], Series | None]) -> tuple[list[Series], Groups]:
    """Return the series, and for each quote the place of its own one; two names may be of one series."""
    places: dict[Series, int] = {}
    place_of = np.full(len(quotes.names), REFUSED, np.int32)
    for name in quotes.met():
        series = found(quotes.names[name])
        if series is not None:
            place_of[name] = places.setdefault(series, len(places))
    return list(places), place_of[quotes.symbol]


def _part(series: Series, quotes: QuoteColumns, repeats: Mask | None) -> Part:
    """Keep apart what is not newer than all that was taken or asked, and what is sooner placed one by one."""
    if len(quotes) < SHORT or not series.kept:
        return Part(series, quotes)
    limit = max(series.recent[-1].at if series.recent else -1, series.asked.last)
    apart = int(np.searchsorted(quotes.at, limit, side="right")) if quotes.at.item(0) <= limit else 0
    if not apart and repeats is None:
        return Part(series, None, quotes)
    together = quotes.take(slice(apart, None))
    repeated = 0 if repeats is None else int(repeats[apart:].sum())
    if repeats is not None:
        together = together.take(~repeats[apart:])
    return Part(series, quotes.take(slice(0, apart)), together if len(together) else None, repeated)
