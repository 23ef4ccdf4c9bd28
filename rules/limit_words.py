"""A rule's limits in words for people, each by the unit that its kind is measured in."""

from __future__ import annotations

from collections.abc import Callable

from rules.rule import Kind
from rules.words import dollars, duration, percent

_SHOWN: dict[str, Callable[[int], str]] = {
    "_ns": duration,
    "_ratio_ppm": percent,
    "_price": dollars,
    "_count": str,
    "": lambda value: "true" if value else "false",
}


def limit_words(kind: Kind, value: int) -> str:
    """Return a limit as the rulebook would write it: "250 ms", "92.5 %", "0.01", "20", "true"."""
    return _SHOWN[kind.suffix](value)
