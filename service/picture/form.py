"""The two forms of the picture, for a wide page and for a telephone, and text that fits their width. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import msgspec

LETTER = 0.6
"""Width of a letter against the size of the type, rather more than it is."""


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """Measures in pixels: the chart stands between `left` and `right`, `height` high; `size` is that of the type."""

    word: str
    width: int
    left: int
    right: int
    height: int
    size: int

    @property
    def line(self) -> int:
        """Return the height of a line of text."""
        return self.size + 5

    def wrapped(self, words: str, width: float | None = None) -> list[str]:
        """Return text in lines that fit the picture, or another width; a word that is too long is cut."""
        most = int((self.width - 8 if width is None else width) / (self.size * LETTER))
        lines = [""]
        for word in _pieces(words.split(), most):
            if lines[-1] and len(lines[-1]) + 1 + len(word) > most:
                lines.append("")
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
        return [line for line in lines if line]

    def wide_of(self, words: str) -> float:
        """Return about how wide text is."""
        return len(words) * self.size * LETTER


WIDE = Form(word="wide", width=960, left=74, right=868, height=220, size=12)
NARROW = Form(word="narrow", width=380, left=56, right=304, height=180, size=11)


def apart(wanted: Iterable[float], least: float) -> list[float]:
    """Return places for labels as near as may be to those wanted, in the same order, at least so far apart."""
    places = list(wanted)
    order = sorted(range(len(places)), key=lambda n: places[n])
    for before, after in pairwise(order):
        places[after] = max(places[after], places[before] + least)
    return places


def _pieces(words: Iterable[str], most: int) -> Iterable[str]:
    for word in words:
        yield from (word[n : n + most] for n in range(0, len(word), most))
