"""Columns of amounts → columns of 64-bit integers: what `quote_text` makes of one value, for a hundred thousand. Pure.

A price of zero and what is not there become MISSING. What cannot be taken here becomes BAD: it is either no amount, or
one that only the reading of a single value can tell, which is asked then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from service.market.packed import MISSING
from service.market.quote_text import (
    BAD,
    LARGEST,
    MARKET_STATES,
    PRICE_DIGITS,
    SIZE_DIGITS,
    Amount,
    Meanings,
    price_of,
    size_of,
)

Whole = NDArray[np.int64]
Floating = NDArray[np.float64]

LEAST_WITHOUT_EXPONENT = 1e-4
"""Below it the shortest decimal of a floating point number is written with an exponent, which is no amount."""
SURELY_SHORTEST = 10.0**15
"""Any two decimals of at most 15 digits are two floating point numbers: one that reads as it is the shortest."""
TIME_DIGITS = len(str(LARGEST))


def _packed_size(value: Amount) -> int:
    size = size_of(value)
    return MISSING if size is None else size


_PRICES = Meanings(lambda value: price_of(value) or MISSING)
_SIZES = Meanings(_packed_size)


class Codes(dict[str, int]):
    """Text → its number, in the order in which they were first met."""

    def __missing__(self, text: str) -> int:
        """Give a text that is new the next number."""
        code = self[text] = len(self)
        return code


def prices_of_texts(texts: Sequence[str]) -> Whole:
    """Return nanodollars of dollars as text."""
    return np.fromiter(map(_PRICES.__getitem__, texts), np.int64, len(texts))


def sizes_of_texts(texts: Sequence[str]) -> Whole:
    """Return 1e-6 shares of shares as text."""
    return np.fromiter(map(_SIZES.__getitem__, texts), np.int64, len(texts))


def times_of_texts(texts: Sequence[str]) -> Whole:
    """Return nanoseconds of texts in ASCII; of what is no number of them, BAD."""
    usual = "".join(texts).isdigit() and all(texts) and max(map(len, texts)) <= TIME_DIGITS
    numbers: Iterable[int] = (
        map(int, texts)
        if usual
        else (int(text) if text.isdigit() and len(text) <= TIME_DIGITS else LARGEST + 1 for text in texts)
    )
    times = np.fromiter(numbers, np.uint64, len(texts))
    return np.where(times > LARGEST, np.uint64(0), times).astype(np.int64) - (times > LARGEST)


def states_of_texts(texts: Sequence[str]) -> NDArray[np.int8]:
    """Return the market's state that each word stands for."""
    known = {word: MARKET_STATES.get(word, BAD) for word in set(texts)}
    return np.fromiter(map(known.__getitem__, texts), np.int8, len(texts))


def prices_of_wholes(values: Whole) -> Whole:
    """Return nanodollars of nanodollars, where MISSING and BAD are already told."""
    return _without_zeros(values)


def sizes_of_wholes(values: Whole) -> Whole:
    """Return 1e-6 shares of shares, where MISSING and BAD are already told."""
    return _decimals(values, 0, SIZE_DIGITS)


def prices_of_decimals(values: Whole, scale: int) -> Whole:
    """Return nanodollars of dollars in units of 10 to the power of −`scale`."""
    return _without_zeros(_decimals(values, scale, PRICE_DIGITS))


def sizes_of_decimals(values: Whole, scale: int) -> Whole:
    """Return 1e-6 shares of shares in units of 10 to the power of −`scale`."""
    return _decimals(values, scale, SIZE_DIGITS)


def prices_of_floats(values: Floating) -> Whole:
    """Return nanodollars of the shortest decimals that read as these numbers; NaN is a missing side."""
    return _without_zeros(_floats(values, PRICE_DIGITS))


def sizes_of_floats(values: Floating) -> Whole:
    """Return 1e-6 shares of the shortest decimals that read as these numbers."""
    return _floats(values, SIZE_DIGITS)


def _without_zeros(prices: Whole) -> Whole:
    return np.where(prices == 0, MISSING, prices)


def _decimals(values: Whole, scale: int, digits: int) -> Whole:
    factor, divisor = 10 ** max(0, digits - scale), 10 ** max(0, scale - digits)
    exact = (values >= 0) & (values <= LARGEST // factor) & (values % divisor == 0)
    scaled = np.where(exact, values, 0) // divisor * factor
    return np.where(exact, scaled, np.where(values == MISSING, MISSING, BAD))


def _floats(values: Floating, digits: int) -> Whole:
    unit = 10.0**digits
    with np.errstate(over="ignore", invalid="ignore"):
        units = np.rint(values * unit)
        exact = (values >= LEAST_WITHOUT_EXPONENT) & (units < SURELY_SHORTEST) & (units / unit == values)
    exact |= (values == 0) & ~np.signbit(values)
    return np.where(exact, np.where(exact, units, 0).astype(np.int64), np.where(np.isnan(values), MISSING, BAD))
