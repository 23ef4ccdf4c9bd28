"""Where a price and an instant stand in the picture, and the marks of its axes. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from rules.facts import PRICE_SCALE, SECOND, Nanos, Price

CENT = PRICE_SCALE // 100
SUB_PENNY = PRICE_SCALE // 10_000
FARTHEST_PPM = 100_000
"""Quotes farther than this from the one in the middle are drawn at the edge: a stub quote would flatten the rest."""
STRETCH = 4
"""A price outside the quotes may widen the picture to so many times their height; farther away it is at the edge."""
MARGIN = 12
"""Of the height, one part in so many is left free above and below."""


class TimeScale(msgspec.Struct, frozen=True, kw_only=True):
    """The picture's span of time between two places on the x axis."""

    begin: Nanos
    end: Nanos
    left: float
    right: float

    def x(self, at: int) -> float:
        """Return where an instant stands, held to the edges."""
        held = max(self.begin, min(self.end, at))
        return self.left + (self.right - self.left) * (held - self.begin) / max(1, self.end - self.begin)

    def shows(self, at: int) -> bool:
        """Return whether an instant is within the picture."""
        return self.begin <= at <= self.end

    @property
    def seconds(self) -> list[Nanos]:
        """Return instants a whole step from the middle, at most eleven of them."""
        middle, half = (self.begin + self.end) // 2, (self.end - self.begin) // 2
        step = next((n * SECOND for n in (1, 2, 5, 10, 30, 60, 300) if half // (n * SECOND) <= 5), half or 1)  # noqa: PLR2004 - five on either side
        return [Nanos(middle + n * step) for n in range(-(half // step), half // step + 1)]


class PriceScale(msgspec.Struct, frozen=True, kw_only=True):
    """The picture's span of prices between two places on the y axis, higher prices above."""

    low: Price
    high: Price
    top: float
    bottom: float

    def y(self, price: int) -> float:
        """Return where a price stands, held to the edges."""
        held = max(self.low, min(self.high, price))
        return self.bottom - (self.bottom - self.top) * (held - self.low) / (self.high - self.low)

    def beyond(self, price: int) -> int:
        """Return 1 for a price above the picture, −1 for one below it, 0 for one within."""
        return (price > self.high) - (price < self.low)

    @property
    def ticks(self) -> list[Price]:
        """Return round prices, from four to nine of them."""
        step = _round_step((self.high - self.low) // 4)
        first = -(-self.low // step) * step
        return [Price(price) for price in range(first, self.high + 1, step)]


def price_scale(quoted: Iterable[Price], others: Iterable[Price | None], top: float, bottom: float) -> PriceScale:
    """Return a scale over the quotes and, as far as they are not far away, the other prices: fill, then limit."""
    known = [price for price in others if price is not None]
    seen = sorted(quoted) or known[:1] or [Price(PRICE_SCALE)]
    middle = seen[len(seen) // 2]
    reach = abs(middle) * FARTHEST_PPM // 1_000_000
    near = [price for price in seen if abs(price - middle) <= reach]
    low, high = near[0], near[-1]
    tick = CENT if abs(middle) >= PRICE_SCALE else SUB_PENNY
    height = max(high - low, 2 * tick)
    for price in known:
        if max(high, price) - min(low, price) <= STRETCH * height:
            low, high = min(low, price), max(high, price)
    free = max((high - low) // MARGIN, tick)
    return PriceScale(low=Price(low - free), high=Price(high + free), top=top, bottom=bottom)


def price_words(price: int, step: int) -> str:
    """Return a price of an axis with as many decimals as its step needs, at least two."""
    decimals = next((n for n in range(2, 9) if step * 10**n % PRICE_SCALE == 0), 9)
    whole, rest = divmod(abs(price), PRICE_SCALE)
    return f"{'−' if price < 0 else ''}{whole:,}.{str(rest).zfill(9)[:decimals]}"


def _round_step(least: int) -> int:
    """Return the largest of 1, 2, 5, 10, 20 … that is not more than `least`."""
    power = int("1".ljust(len(str(max(1, least))), "0"))
    return max(n * power for n in (1, 2, 5) if n * power <= max(1, least))
